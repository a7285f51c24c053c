/**
 * Values that a function may be given without harm, as source text: by the type that its parameter states, or else by
 * what the function does with it.
 *
 * @module
 */

import type { ast } from "../babelParser.ts";
import { type Project, type SourceModule, walk } from "./project.ts";

/** Where a type is read, how deep, for what name, and what the code itself compares with. */
interface Place {
  project: Project;
  module: SourceModule;
  depth: number;
  name: string;
  hints: Hints;
}

/** Values at which the code turns: on both sides of a bound, and words that it knows. */
interface Hints {
  numbers: string[];
  texts: string[];
}

/** Most values of one parameter, and most that the code itself suggests. */
const MOST_VALUES = 4;
const MOST_HINTS = 6;
const MOST_CALLS = 30;
const DEEPEST = 8;

const BY_KEYWORD: Record<string, string[]> = {
  TSBooleanKeyword: ["true", "false"],
  TSBigIntKeyword: ["3n", "0n"],
  TSNullKeyword: ["null"],
  TSUndefinedKeyword: ["undefined"],
  TSVoidKeyword: ["undefined"],
  TSObjectKeyword: ["{}"],
};
const BY_NAME: Record<string, string[]> = {
  Date: ['new Date("2024-02-29T12:30:00Z")', 'new Date("1999-12-31T23:59:59Z")'],
  RegExp: ["/a/g"],
  URL: ['new URL("https://example.com/a?b=1")'],
  ReactNode: ['"text"', "null"],
  FormData: ["new FormData()"],
};

/** A function of any form. */
export type FunctionNode =
  | ast.FunctionDeclaration
  | ast.FunctionExpression
  | ast.ArrowFunctionExpression
  | ast.ClassMethod
  | ast.ObjectMethod;

/** Whether a node is a function. */
export function isFunction(node: ast.Node | null | undefined): node is FunctionNode {
  return node !== null && node !== undefined &&
    /^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression|ClassMethod|ObjectMethod)$/.test(
      node.type,
    );
}

/** Lists of arguments for a function, each as source text of its values. */
export function argumentsFor(fn: FunctionNode, project: Project, module: SourceModule): string[][] {
  const place: Place = { project, module, depth: 0, name: "", hints: hintsOf(fn, module) };
  const values = fn.params.map((param) => valuesFor(param, fn, place));
  if (values.length === 0) return [[]];
  const first = values.map(([value]) => value!);
  const second = values.map((options) => options[1] ?? options[0]!);
  // Each value of each parameter once, beside the first of the others: pairs would grow without end.
  const single = values.flatMap((options, index) => options.map((value) => first.with(index, value)));
  return distinct([first, second, ...single]).slice(0, MOST_CALLS);
}

/** What a function compares with, and the words that its module knows. */
function hintsOf(fn: FunctionNode, module: SourceModule): Hints {
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
function textsFor({ name, hints }: Place): string[] {
  const word = name.split(/(?=[A-Z])|[_\W]/).at(-1)?.toLowerCase() ?? "";
  const own = /mail$/.test(word) ? "ada@example.com" : word === "" ? "Hello World" : `Some ${word} 1`;
  return unique([JSON.stringify(own), '""', ...hints.texts, '"a-1 B"'], MOST_VALUES + MOST_HINTS);
}

function numbersFor({ name, hints }: Place): string[] {
  return unique(
    [String(3 + name.length % 7), "0", ...hints.numbers, "-2.5", "100"],
    MOST_VALUES + MOST_HINTS,
  );
}

function distinct(lists: string[][]): string[][] {
  return [...new Map(lists.map((list) => [list.join("\u0000"), list])).values()];
}

function valuesFor(param: ast.Node, fn: FunctionNode, outer: Place): string[] {
  if (param.type === "AssignmentPattern") {
    return unique([...valuesFor(param.left, fn, outer), "undefined"], MOST_CALLS);
  }
  if (param.type === "RestElement") return ["undefined"];
  if (param.type === "TSParameterProperty") return valuesFor(param.parameter, fn, outer);
  const place = { ...outer, name: param.type === "Identifier" ? param.name : outer.name };
  const annotation = "typeAnnotation" in param && param.typeAnnotation?.type === "TSTypeAnnotation"
    ? param.typeAnnotation.typeAnnotation
    : null;
  const optional = "optional" in param && param.optional ? ["undefined"] : [];
  const typed = annotation === null ? null : valuesOf(annotation, place);
  if (typed !== null) return unique([...typed, ...optional], MOST_CALLS);
  if (param.type === "ObjectPattern") return objectsFor(param, fn, place);
  return param.type === "Identifier"
    ? unique([...valuesByUse(place, fn), ...optional], MOST_CALLS)
    : ["undefined"];
}

/** What is taken apart: each part with each of its values, the others with their first. */
function objectsFor(pattern: ast.ObjectPattern, fn: FunctionNode, place: Place): string[] {
  const parts = pattern.properties.flatMap((property) => {
    if (property.type !== "ObjectProperty" || property.key.type !== "Identifier") return [];
    const { name } = property.key;
    const inner = property.value.type === "Identifier" ? property.value : property.key;
    return [{ name, values: valuesFor(inner, fn, { ...place, name }) }];
  });
  return variantsOf(parts);
}

/** The first of all, without what may be left out, and each other value by itself. */
function variantsOf(parts: readonly { name: string; values: string[]; optional?: boolean }[]): string[] {
  const first = parts.map(({ name, values }) => [name, values[0]!] as const);
  const lean = parts.filter(({ optional }) => !optional).map(({ name, values }) =>
    [name, values[1] ?? values[0]!] as const
  );
  const single = parts.flatMap(({ name, values }, index) =>
    values.slice(1).map((value) => objectText(first.with(index, [name, value])))
  );
  return unique([objectText(first), objectText(lean), ...single], MOST_CALLS);
}

/** Values of a stated type; null when nothing is known of it. */
export function valuesOf(type: ast.TSType, place: Place): string[] | null {
  if (place.depth > DEEPEST) return null;
  const inner: Place = { ...place, depth: place.depth + 1 };
  if (BY_KEYWORD[type.type] !== undefined) return BY_KEYWORD[type.type]!;
  switch (type.type) {
    case "TSStringKeyword":
      return textsFor(place);
    case "TSNumberKeyword":
      return numbersFor(place);
    case "TSLiteralType":
      return literalText(type.literal);
    case "TSArrayType":
      return listsOf(valuesOf(type.elementType, inner));
    case "TSParenthesizedType":
      return valuesOf(type.typeAnnotation, inner);
    case "TSTypeOperator":
      return type.operator === "readonly" ? valuesOf(type.typeAnnotation!, inner) : null;
    case "TSUnionType":
      return unionOf(type.types.map((one) => valuesOf(one, inner)));
    case "TSTupleType": {
      const items = type.elementTypes.map((one) =>
        one.type === "TSNamedTupleMember"
          ? valuesOf(one.elementType, inner)
          : one.type === "TSRestType"
          ? null
          : valuesOf(one, inner)
      );
      return items.some((one) => one === null) ? null : [`[${items.map((one) => one![0]).join(", ")}]`];
    }
    case "TSTypeLiteral":
      return objectsOf(type.members, inner);
    case "TSFunctionType":
      return ["(value) => value"];
    case "TSIntersectionType":
      return null;
    case "TSTypeReference":
      return referenceValues(type, inner);
    default:
      return null;
  }
}

function referenceValues(type: ast.TSTypeReference, place: Place): string[] | null {
  const name = type.typeName.type === "Identifier"
    ? type.typeName.name
    : type.typeName.type === "TSQualifiedName"
    ? type.typeName.right.name
    : "";
  const parameters = type.typeParameters?.params ?? [];
  const first = parameters[0] && parameters[0].type !== undefined
    ? valuesOf(parameters[0] as ast.TSType, place)
    : null;
  if (name === "Array" || name === "ReadonlyArray") return listsOf(first);
  if (name === "Promise") return first === null ? null : first.map((value) => `Promise.resolve(${value})`);
  if (name === "Partial") return unique(["{}", ...first ?? []]);
  if (name === "Readonly" || name === "Required") return first;
  if (name === "Set") return first === null ? null : [`new Set([${first.join(", ")}])`];
  if (name === "Record") {
    const values = parameters[1] === undefined ? null : valuesOf(parameters[1], place);
    return values === null ? ["{}"] : [objectText(values.map((value, i) => [`key${i}`, value])), "{}"];
  }
  const declared = place.project.declaration(place.module, name);
  if (declared === null) return BY_NAME[name] ?? null;
  const there: Place = { ...place, module: declared.module };
  switch (declared.node.type) {
    case "TSInterfaceDeclaration":
      return declared.node.extends?.length ? null : objectsOf(declared.node.body.body, there);
    case "TSTypeAliasDeclaration":
      return valuesOf(declared.node.typeAnnotation, there);
    case "TSEnumDeclaration": {
      const members = declared.node.members ?? [];
      return members.flatMap(({ initializer }, i) =>
        initializer?.type === "StringLiteral"
          ? [JSON.stringify(initializer.value)]
          : initializer
          ? []
          : [String(i)]
      ).slice(0, MOST_VALUES);
    }
    default:
      return null;
  }
}

/** Objects of the stated properties; null when one that is needed cannot be made. */
function objectsOf(members: ast.TSTypeElement[], place: Place): string[] | null {
  const parts: { name: string; values: string[]; optional: boolean }[] = [];
  for (const member of members) {
    if (member.type !== "TSPropertySignature" && member.type !== "TSMethodSignature") return null;
    const name = keyOf(member.key);
    const optional = member.optional === true;
    const values = member.type === "TSMethodSignature"
      ? ["(value) => value"]
      : member.typeAnnotation
      ? valuesOf(member.typeAnnotation.typeAnnotation, { ...place, name })
      : null;
    if (values === null && !optional) return null;
    // Deep down the first two are enough: what is tried grows with each level.
    if (values !== null) {
      parts.push({ name, values: place.depth > 2 ? values.slice(0, 2) : values, optional });
    }
  }
  const variants = variantsOf(parts);
  return place.depth > 2 ? variants.slice(0, MOST_VALUES) : variants;
}

function keyOf(key: ast.Node): string {
  return key.type === "Identifier" ? key.name : key.type === "StringLiteral" ? key.value : "key";
}

// `["__proto__"]` makes a property; `__proto__:` would set the prototype.
function objectText(entries: readonly (readonly [string, string])[]): string {
  return `{ ${entries.map(([key, value]) => `[${JSON.stringify(key)}]: ${value}`).join(", ")} }`;
}

function listsOf(values: string[] | null): string[] | null {
  if (values === null) return null;
  const most = values[0]!.length > 60 ? 2 : MOST_VALUES;
  return [`[${values.slice(0, most).join(", ")}]`, "[]", `[${values[0]}]`];
}

function unionOf(options: (string[] | null)[]): string[] | null {
  const known = options.filter((values) => values !== null);
  if (known.length === 0) return null;
  // The first of each comes before the second of any.
  return unique([...known.map((values) => values[0]!), ...known.flat()], MOST_VALUES + MOST_HINTS);
}

function unique(values: string[], most = MOST_VALUES): string[] {
  return [...new Set(values)].slice(0, most);
}

function literalText(literal: ast.TSLiteralType["literal"]): string[] | null {
  switch (literal.type) {
    case "StringLiteral":
      return [JSON.stringify(literal.value)];
    case "NumericLiteral":
    case "BooleanLiteral":
      return [String(literal.value)];
    default:
      return null;
  }
}

const LIST_METHODS = /^(?:map|filter|reduce|forEach|some|every|find|findIndex|push|sort|flatMap|join)$/;
const TEXT_METHODS =
  /^(?:trim|split|toLowerCase|toUpperCase|replace|replaceAll|startsWith|endsWith|padStart|charAt|match|substring)$/;

/** What a function does with a parameter tells what it may be. */
function valuesByUse(place: Place, fn: FunctionNode): string[] {
  const { name } = place;
  const uses = new Set<string>();
  walk(fn.body, (node) => {
    if (
      (node.type === "MemberExpression" || node.type === "OptionalMemberExpression") &&
      node.object.type === "Identifier" &&
      node.object.name === name && node.property.type === "Identifier" && !node.computed
    ) uses.add(node.property.name);
    if (
      node.type === "BinaryExpression" && /^[-*/%<>]|^\*\*|^[<>]=/.test(node.operator) &&
      [node.left, node.right].some((side) => side.type === "Identifier" && side.name === name)
    ) uses.add("#number");
    if (node.type === "ForOfStatement" && node.right.type === "Identifier" && node.right.name === name) {
      uses.add("map");
    }
    if (
      node.type === "TemplateLiteral" &&
      node.expressions.some((one) => one.type === "Identifier" && one.name === name)
    ) uses.add("#text");
  });
  const names = [...uses];
  if (names.some((use) => LIST_METHODS.test(use))) return ["[3, 1, 2]", "[]"];
  if (names.some((use) => TEXT_METHODS.test(use))) return textsFor(place);
  if (uses.has("#number")) return numbersFor(place);
  const properties = names.filter((use) => !use.startsWith("#") && use !== "length");
  if (properties.length > 0) {
    return [objectText(properties.map((property, i) => [property, i % 2 === 0 ? '"a"' : "2"])), "{}"];
  }
  return uses.has("#text") || uses.has("length") ? textsFor(place) : [...textsFor(place), "2", "undefined"];
}
