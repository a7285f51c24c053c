/**
 * Values that a function may be given without harm, as source text: by the type that its parameter states, or else by
 * what the function does with it.
 *
 * @module
 */

import type { ast } from "../babelParser.ts";
import { type Project, type SourceModule, walk } from "./project.ts";

/** Where a type is read, and how deep. */
interface Place {
  project: Project;
  module: SourceModule;
  depth: number;
}

/** Most values of one parameter. */
const MOST_VALUES = 4;
const DEEPEST = 4;

const TEXTS = ['"Hello World"', '""', '"a-1@example.com"'];
const NUMBERS = ["3", "0", "-2.5", "100"];
const BY_KEYWORD: Record<string, string[]> = {
  TSStringKeyword: TEXTS,
  TSNumberKeyword: NUMBERS,
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
  const values = fn.params.map((param) => valuesFor(param, fn, { project, module, depth: 0 }));
  if (values.length === 0) return [[]];
  const first = values.map(([value]) => value!);
  const second = values.map((options) => options[1] ?? options[0]!);
  // Each value of each parameter once, beside the first of the others: pairs would grow without end.
  const single = values.flatMap((options, index) => options.map((value) => first.with(index, value)));
  return distinct([first, second, ...single]).slice(0, 12);
}

function distinct(lists: string[][]): string[][] {
  return [...new Map(lists.map((list) => [list.join("\u0000"), list])).values()];
}

function valuesFor(param: ast.Node, fn: FunctionNode, place: Place): string[] {
  if (param.type === "AssignmentPattern") {
    return unique([...valuesFor(param.left, fn, place), "undefined"]);
  }
  if (param.type === "RestElement") return ["undefined"];
  if (param.type === "TSParameterProperty") return valuesFor(param.parameter, fn, place);
  const annotation = "typeAnnotation" in param && param.typeAnnotation?.type === "TSTypeAnnotation"
    ? param.typeAnnotation.typeAnnotation
    : null;
  const optional = "optional" in param && param.optional ? ["undefined"] : [];
  if (annotation !== null) {
    const typed = valuesOf(annotation, place);
    if (typed !== null) return unique([...typed, ...optional]);
  }
  if (param.type === "ObjectPattern") return [objectFor(param, fn, place)];
  return param.type === "Identifier" ? unique([...valuesByUse(param.name, fn), ...optional]) : ["undefined"];
}

function objectFor(pattern: ast.ObjectPattern, fn: FunctionNode, place: Place): string {
  const entries = pattern.properties.flatMap((property) => {
    if (property.type !== "ObjectProperty" || property.key.type !== "Identifier") return [];
    return [[property.key.name, valuesFor(property.value, fn, place)[0]!] as const];
  });
  return objectText(entries);
}

/** Values of a stated type; null when nothing is known of it. */
export function valuesOf(type: ast.TSType, place: Place): string[] | null {
  if (place.depth > DEEPEST) return null;
  const inner: Place = { ...place, depth: place.depth + 1 };
  const known = BY_KEYWORD[type.type];
  if (known !== undefined) return known.slice(0, MOST_VALUES);
  switch (type.type) {
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

/** Two objects where the properties allow: one of the first values, one of the second, without what is optional. */
function objectsOf(members: ast.TSTypeElement[], place: Place): string[] | null {
  const full: [string, string][] = [];
  const lean: [string, string][] = [];
  for (const member of members) {
    if (member.type === "TSMethodSignature") {
      full.push([keyOf(member.key), "(value) => value"]);
      lean.push([keyOf(member.key), "(value) => value"]);
      continue;
    }
    if (member.type !== "TSPropertySignature" || !member.typeAnnotation) return null;
    const values = valuesOf(member.typeAnnotation.typeAnnotation, place);
    if (values === null) {
      if (member.optional) continue;
      return null;
    }
    full.push([keyOf(member.key), values[0]!]);
    if (!member.optional) lean.push([keyOf(member.key), values[1] ?? values[0]!]);
  }
  return unique([objectText(full), objectText(lean)]);
}

function keyOf(key: ast.Node): string {
  return key.type === "Identifier" ? key.name : key.type === "StringLiteral" ? key.value : "key";
}

// `["__proto__"]` makes a property; `__proto__:` would set the prototype.
function objectText(entries: readonly (readonly [string, string])[]): string {
  return `{ ${entries.map(([key, value]) => `[${JSON.stringify(key)}]: ${value}`).join(", ")} }`;
}

function listsOf(values: string[] | null): string[] | null {
  return values === null ? null : [`[${values.join(", ")}]`, "[]", `[${values[0]}]`];
}

function unionOf(options: (string[] | null)[]): string[] | null {
  const known = options.filter((values) => values !== null);
  if (known.length === 0) return null;
  // The first of each comes before the second of any.
  return unique([...known.map((values) => values[0]!), ...known.flat()]);
}

function unique(values: string[]): string[] {
  return [...new Set(values)].slice(0, MOST_VALUES);
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
function valuesByUse(name: string, fn: FunctionNode): string[] {
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
  if (names.some((use) => TEXT_METHODS.test(use))) return TEXTS;
  if (uses.has("#number")) return NUMBERS;
  const properties = names.filter((use) => !use.startsWith("#") && use !== "length");
  if (properties.length > 0) {
    return [objectText(properties.map((property, i) => [property, i % 2 === 0 ? '"a"' : "2"])), "{}"];
  }
  return uses.has("#text") || uses.has("length") ? TEXTS : ['"x"', "2", "undefined"];
}
