/** Values for a name, whatever its type: what differs by name, what the code turns at, and how variants are made. @module */

import type { ast } from "../babelParser.ts";
import { type Project, type SourceModule, walk } from "./project.ts";

/** Where a type is read, how deep, for what name, and what the code itself compares with. */
export interface Place {
  project: Project;
  module: SourceModule;
  depth: number;
  name: string;
  hints: Hints;
}

/** Values at which the code turns: on both sides of a bound, and words that it knows. */
export interface Hints {
  numbers: string[];
  texts: string[];
}

/** Most values of one parameter. */
export const MOST_VALUES = 4;
/** Most values that the code itself suggests. */
export const MOST_HINTS = 6;
/** Most calls of one function. */
export const MOST_CALLS = 30;
/** Deepest level of a type that is read. */
export const DEEPEST = 8;

/** What a function compares with, and the words that its module knows. */
export function hintsOf(fn: { body: ast.Node }, module: SourceModule): Hints {
  const numbers = new Set<string>();
  const texts = new Set<string>();
  walk(fn.body, (node) => {
    if (node.type !== "BinaryExpression" || !/^(?:[<>]=?|[=!]==?)$/.test(node.operator)) return;
    const sides = [node.left, node.right];
    for (const side of sides) {
      const value = side.type === "Identifier" ? module.declared.get(side.name) : side;
      if (value?.type === "StringLiteral" && value.value.length < 50) texts.add(JSON.stringify(value.value));
      if (value?.type !== "NumericLiteral") continue;
      if (sides.some(isLength) && value.value < 200) {
        for (const length of [value.value, value.value - 1]) {
          texts.add(JSON.stringify("x".repeat(Math.max(length, 0))));
        }
      } else for (const near of [value.value, value.value - 1]) numbers.add(String(near));
    }
  });
  for (const declared of module.declared.values()) {
    if (declared.type !== "ObjectExpression") continue;
    for (const property of declared.properties) {
      if (property.type === "ObjectProperty" && !property.computed) {
        texts.add(JSON.stringify(keyOf(property.key)));
      }
    }
  }
  return { numbers: [...numbers].slice(0, MOST_HINTS), texts: [...texts].slice(0, MOST_HINTS) };
}

function isLength(node: ast.Node): boolean {
  return node.type === "MemberExpression" && node.property.type === "Identifier" &&
    node.property.name === "length";
}

/** Texts that differ by the name of what they are for, so that a mix-up shows; what has the same last word is alike. */
export function textsFor({ name, hints }: Place): string[] {
  const word = name.split(/(?=[A-Z])|[_\W]/).at(-1)?.toLowerCase() ?? "";
  const own = /mail$/.test(word) ? "ada@example.com" : word === "" ? "Hello World" : `Some ${word} 1`;
  return unique([JSON.stringify(own), '""', ...hints.texts, '"a-1 B"'], MOST_VALUES + MOST_HINTS);
}

/** Numbers that differ by name, and those at which the code turns. */
export function numbersFor({ name, hints }: Place): string[] {
  return unique(
    [String(3 + name.length % 7), "0", ...hints.numbers, "-2.5", "100"],
    MOST_VALUES + MOST_HINTS,
  );
}

/** The first of all, without what may be left out, and each other value by itself. */
export function variantsOf(
  parts: readonly { name: string; values: string[]; optional?: boolean }[],
): string[] {
  const first = parts.map(({ name, values }) => [name, values[0]!] as const);
  const lean = parts.filter(({ optional }) => !optional).map(({ name, values }) =>
    [name, values[1] ?? values[0]!] as const
  );
  const single = parts.flatMap(({ name, values }, index) =>
    values.slice(1).map((value) => objectText(first.with(index, [name, value])))
  );
  return unique([objectText(first), objectText(lean), ...single], MOST_CALLS);
}

/** The name of a property. */
export function keyOf(key: ast.Node): string {
  return key.type === "Identifier" ? key.name : key.type === "StringLiteral" ? key.value : "key";
}

/** An object as source text; `["__proto__"]` makes a property, where `__proto__:` would set the prototype. */
export function objectText(entries: readonly (readonly [string, string])[]): string {
  return `{ ${entries.map(([key, value]) => `[${JSON.stringify(key)}]: ${value}`).join(", ")} }`;
}

/** Each value once, and not too many. */
export function unique(values: string[], most = MOST_VALUES): string[] {
  return [...new Set(values)].slice(0, most);
}
