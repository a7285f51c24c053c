/** The tree of a source file, and what can be said of its expressions without running them. @module */

import { isRecord } from "../core/unknownValues.ts";

/** A node of Babel's tree. */
export interface TreeNode {
  type: string;
  loc?: { start: { line: number } };
  [field: string]: unknown;
}

function isNode(value: unknown): value is TreeNode {
  return isRecord(value) && typeof value.type === "string";
}

/** Calls `visit` with every node and the node that it stands in. */
export function walk(node: unknown, visit: (node: TreeNode, parent: TreeNode | null) => void): void {
  const waiting: [unknown, TreeNode | null][] = [[node, null]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [value, parent] = next;
    if (Array.isArray(value)) { for (const item of [...value].reverse()) waiting.push([item, parent]); }
    if (!isNode(value)) continue;
    visit(value, parent);
    for (const [key, child] of Object.entries(value).reverse()) {
      if (key !== "loc" && !key.endsWith("omments") && typeof child === "object") {
        waiting.push([child, value]);
      }
    }
  }
}

/** A node's child, where it is a node. */
export function child(node: TreeNode | null | undefined, field: string): TreeNode | null {
  const value = node?.[field];
  if (!isNode(value)) return null;
  // What only tells the compiler something is looked through.
  const isWord = ["TSAsExpression", "TSNonNullExpression", "TSSatisfiesExpression", "ParenthesizedExpression"]
    .includes(value.type) || value.type === "AwaitExpression";
  return isWord ? child(value, value.type === "AwaitExpression" ? "argument" : "expression") : value;
}

/** A node's children of one field. */
export function children(node: TreeNode | null | undefined, field: string): TreeNode[] {
  const value = node?.[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The argument of a call. */
export function argument(call: TreeNode, index: number): TreeNode | null {
  return child({ type: "", it: children(call, "arguments")[index] }, "it");
}

/** The name of an identifier, or of a property that is written plainly. */
export function nameOf(node: TreeNode | null): string | null {
  if (node?.type === "Identifier" || node?.type === "JSXIdentifier") return String(node.name);
  return node?.type === "StringLiteral" ? String(node.value) : null;
}

/** The property that a member expression reads. */
export function propertyOf(node: TreeNode | null): string | null {
  if (node?.type !== "MemberExpression" && node?.type !== "OptionalMemberExpression") return null;
  const property = child(node, "property");
  return node.computed === true && property?.type === "Identifier" ? null : nameOf(property);
}

/** The members that an expression goes through from its root: `Deno.env.get` is `["Deno", "env", "get"]`. */
export function pathOf(node: TreeNode | null): string[] {
  const property = propertyOf(node);
  if (property !== null) return [...pathOf(child(node, "object")), property];
  const name = node?.type === "Identifier" ? nameOf(node) : null;
  if (name !== null) return [name];
  return isCall(node) ? [...pathOf(child(node, "callee")), "()"] : ["?"];
}

/** True for a call, also one behind `?.`. */
export function isCall(node: TreeNode | null): node is TreeNode {
  return node?.type === "CallExpression" || node?.type === "OptionalCallExpression";
}

/** The properties of an object literal by name; null when it is none. One that is spread in has no name. */
export function propertiesOf(node: TreeNode | null): Map<string, TreeNode> | null {
  if (node?.type !== "ObjectExpression") return null;
  const properties = new Map<string, TreeNode>();
  for (const property of children(node, "properties")) {
    const key = property.computed === true ? null : nameOf(child(property, "key"));
    if (key !== null) properties.set(key, child(property, "value") ?? property);
  }
  return properties;
}

/** True when something is spread into an object literal, so that its keys are not all there is. */
export function hasSpread(node: TreeNode): boolean {
  return children(node, "properties").some(({ type }) => type === "SpreadElement");
}

/** Texts of constants that are declared once. */
export type Constants = ReadonlyMap<string, string>;

/** The constants of a file. */
export function constantsOf(tree: unknown): Constants {
  const constants = new Map<string, string>();
  const twice = new Set<string>();
  walk(tree, (node) => {
    if (node.type !== "VariableDeclarator") return;
    const name = nameOf(child(node, "id"));
    if (name === null) return;
    if (constants.has(name)) twice.add(name);
    const text = textOf(child(node, "init"), constants);
    if (text === null) twice.add(name);
    else constants.set(name, text);
  });
  for (const name of twice) constants.delete(name);
  return constants;
}

/** The text that an expression is without running anything; null when it has to be run. */
export function textOf(node: TreeNode | null, constants: Constants = new Map()): string | null {
  if (node?.type === "StringLiteral") return String(node.value);
  if (node?.type === "Identifier") return constants.get(String(node.name)) ?? null;
  if (node?.type !== "TemplateLiteral" || children(node, "expressions").length > 0) return null;
  return quasisOf(node)[0] ?? "";
}

/** The fixed pieces of a template. */
export function quasisOf(node: TreeNode): string[] {
  return children(node, "quasis").map(({ value }) =>
    isRecord(value) ? String(value.cooked ?? value.raw) : ""
  );
}
