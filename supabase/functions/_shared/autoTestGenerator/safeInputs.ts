/**
 * Values that a function may be given without harm, as source text: by the type that its parameter states, or else by
 * what the function does with it.
 *
 * @module
 */

import type { ast } from "../babelParser.ts";
import { type Project, type SourceModule, walk } from "./project.ts";
import { valuesOf } from "./typedValues.ts";
import {
  hintsOf,
  MOST_CALLS,
  numbersFor,
  objectText,
  type Place,
  textsFor,
  unique,
  variantsOf,
} from "./values.ts";

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
