/** Values of a stated type, as source text. @module */

import type { ast } from "../babelParser.ts";
import {
  DEEPEST,
  keyOf,
  MOST_HINTS,
  MOST_VALUES,
  numbersFor,
  objectText,
  type Place,
  textsFor,
  unique,
  variantsOf,
} from "./values.ts";

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
    case "TSTupleType":
      return tupleValues(type, inner);
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
    case "TSEnumDeclaration":
      return enumValues(declared.node);
    default:
      return null;
  }
}

function tupleValues(type: ast.TSTupleType, place: Place): string[] | null {
  const items = type.elementTypes.map((one) => {
    if (one.type === "TSRestType") return null;
    return valuesOf(one.type === "TSNamedTupleMember" ? one.elementType : one, place);
  });
  return items.includes(null) ? null : [`[${items.map((one) => one![0]).join(", ")}]`];
}

function enumValues({ members = [] }: ast.TSEnumDeclaration): string[] {
  const values = members.flatMap(({ initializer }, index) => {
    if (initializer?.type === "StringLiteral") return [JSON.stringify(initializer.value)];
    return initializer ? [] : [String(index)];
  });
  return values.slice(0, MOST_VALUES);
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
