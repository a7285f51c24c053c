/** Small questions about nodes of the syntax tree. @module */

import { isNode, type SyntaxNode } from "../core/codeSyntax.ts";

/** A field that holds a node; undefined when it does not. */
export function child(node: SyntaxNode | undefined, field: string): SyntaxNode | undefined {
  const value = node?.[field];
  return isNode(value) ? value : undefined;
}

/** A field that holds a list of nodes; holes are left out. */
export function list(node: SyntaxNode | undefined, field: string): SyntaxNode[] {
  const value = node?.[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The name of an identifier, or the value of a string that stands for one. */
export function nameOf(node: SyntaxNode | undefined): string | undefined {
  if (node === undefined) return undefined;
  const isName = node.type === "Identifier" || node.type === "JSXIdentifier";
  if (isName) return node.name as string;
  return node.type === "StringLiteral" ? node.value as string : undefined;
}

/** The nearest node around one that is of one of the types. */
export function around(node: SyntaxNode, types: ReadonlySet<string>): SyntaxNode | undefined {
  let parent = node.parent;
  while (parent !== undefined && !types.has(parent.type)) parent = parent.parent;
  return parent;
}

/** The types of nodes that are functions. */
export const FUNCTIONS: ReadonlySet<string> = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
  "ObjectMethod",
  "ClassMethod",
  "ClassPrivateMethod",
]);

/** The types of nodes that are statements of a list. */
export function isStatementOfList(node: SyntaxNode): boolean {
  const { parent } = node;
  return parent !== undefined && (parent.type === "BlockStatement" || parent.type === "Program") &&
    list(parent, "body").includes(node);
}

/** The statement of a block or of the program that a node belongs to. */
export function statementOf(node: SyntaxNode): SyntaxNode | undefined {
  let current: SyntaxNode | undefined = node;
  while (current !== undefined && !isStatementOfList(current)) current = current.parent;
  return current;
}

/** True when `outer` is `inner` or lies around it. */
export function contains(outer: SyntaxNode, inner: SyntaxNode): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

/** The name by which a call calls, as `fetch` or `React.useState`; undefined when it is computed. */
export function calleeName(call: SyntaxNode): string | undefined {
  const callee = child(call, "callee");
  if (callee?.type === "Identifier") return callee.name as string;
  if (callee?.type !== "MemberExpression" || callee.computed === true) return undefined;
  const object = nameOf(child(callee, "object"));
  const property = nameOf(child(callee, "property"));
  return object === undefined || property === undefined ? undefined : `${object}.${property}`;
}

/** The name of a function: its own, or that of the constant or property that holds it. */
export function functionName(node: SyntaxNode): string | undefined {
  const own = nameOf(child(node, "id")) ?? nameOf(child(node, "key"));
  if (own !== undefined) return own;
  const parent = node.parent;
  if (parent?.type === "VariableDeclarator") return nameOf(child(parent, "id"));
  // memo(function …), forwardRef(function …): the name is one node further out.
  if (parent?.type === "CallExpression" && parent.parent?.type === "VariableDeclarator") {
    return nameOf(child(parent.parent, "id"));
  }
  return undefined;
}

/** True when taking the expression away changes nothing but its value. */
export function isPure(node: SyntaxNode | undefined): boolean {
  if (node === undefined) return true;
  if (/^(?:String|Numeric|Boolean|Null|BigInt|RegExp)(?:Literal)?$|Literal$/.test(node.type)) {
    return node.type !== "TemplateLiteral" || list(node, "expressions").every(isPure);
  }
  if (node.type === "Identifier" || FUNCTIONS.has(node.type)) return true;
  if (node.type === "ArrayExpression") return list(node, "elements").every(isPure);
  if (node.type === "ObjectExpression") {
    return list(node, "properties").every((one) =>
      one.type === "ObjectMethod" ||
      (one.type === "ObjectProperty" && one.computed !== true && isPure(child(one, "value")))
    );
  }
  if (/^TS(?:As|Satisfies|NonNull)/.test(node.type)) return isPure(child(node, "expression"));
  if (node.type === "BinaryExpression") return isPure(child(node, "left")) && isPure(child(node, "right"));
  return node.type === "UnaryExpression" && node.operator !== "delete" && isPure(child(node, "argument"));
}
