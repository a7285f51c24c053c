/** The names of JavaScript: which nodes declare them, and which use them. @module */

import type { SyntaxNode } from "../core/codeSyntax.ts";
import { child, list, nameOf } from "./nodes.ts";
import type { NameReader, Scope } from "./scopes.ts";

type Visitor = (reader: NameReader, node: SyntaxNode, scope: Scope) => void;

function visitVariables(reader: NameReader, node: SyntaxNode, scope: Scope): void {
  const kind = node.kind === "let" || node.kind === "var" ? node.kind : "const";
  for (const declarator of list(node, "declarations")) {
    reader.bind(child(declarator, "id"), kind, declarator, scope);
    reader.visit(child(declarator, "init"), scope);
  }
}

function visitClass(reader: NameReader, node: SyntaxNode, scope: Scope): void {
  if (node.type === "ClassDeclaration") reader.declare(child(node, "id"), "class", node, scope);
  reader.visitAll(list(node, "decorators"), scope);
  const inside = reader.inner(scope, node);
  if (node.type === "ClassExpression") reader.declare(child(node, "id"), "param", node, inside);
  for (const field of ["typeParameters", "superClass", "superTypeParameters", "body"]) {
    reader.visit(child(node, field), inside);
  }
  reader.visitAll(list(node, "implements"), inside);
}

function visitMember(reader: NameReader, node: SyntaxNode, scope: Scope): void {
  reader.visit(child(node, "object"), scope);
  if (node.computed === true) reader.visit(child(node, "property"), scope);
}

function visitKeyed(reader: NameReader, node: SyntaxNode, scope: Scope): void {
  if (node.computed === true) reader.visit(child(node, "key"), scope);
  reader.visitAll(list(node, "decorators"), scope);
  reader.visit(child(node, "typeAnnotation"), scope);
  reader.visit(child(node, "value"), scope);
}

function visitBlock(reader: NameReader, node: SyntaxNode, scope: Scope): void {
  reader.visitChildren(node, reader.inner(scope, node));
}

function visitLoop(reader: NameReader, node: SyntaxNode, scope: Scope): void {
  const inside = reader.inner(scope, node);
  const left = child(node, "left");
  if (left?.type === "VariableDeclaration") reader.visit(left, inside);
  else reader.write(left, inside);
  reader.visit(child(node, "right"), inside);
  reader.visit(child(node, "body"), inside);
}

function visitCatch(reader: NameReader, node: SyntaxNode, scope: Scope): void {
  const inside = reader.inner(scope, node);
  reader.bind(child(node, "param"), "catch", node, inside);
  reader.visit(child(node, "body"), inside);
}

function visitExport(reader: NameReader, node: SyntaxNode, scope: Scope): void {
  reader.visit(child(node, "declaration"), scope);
  if (child(node, "source") !== undefined) return;
  for (const specifier of list(node, "specifiers")) reader.refer(child(specifier, "local"), scope, "value");
}

/** In Svelte, `$: doubled = count * 2` declares what it assigns. */
function visitLabel(reader: NameReader, node: SyntaxNode, scope: Scope): void {
  const body = child(node, "body");
  const assignment = child(body, "expression");
  if (nameOf(child(node, "label")) === "$" && assignment?.type === "AssignmentExpression") {
    const target = child(assignment, "left");
    if (target?.type === "Identifier") reader.declare(target, "param", node, scope);
  }
  reader.visit(body, scope);
}

function visitJsxName(reader: NameReader, node: SyntaxNode, scope: Scope): void {
  let name = child(node, "name");
  const isMember = name?.type === "JSXMemberExpression";
  while (name?.type === "JSXMemberExpression") name = child(name, "object");
  const isComponent = isMember || /^[A-Z_$]/.test(nameOf(name) ?? "");
  if (isComponent && name?.type === "JSXIdentifier") reader.refer(name, scope, "jsx");
  reader.visit(child(node, "typeParameters"), scope);
  reader.visitAll(list(node, "attributes"), scope);
}

/** What is special about a node, by its type. */
export const VISITORS: Readonly<Record<string, Visitor>> = {
  ImportDeclaration: (reader, node, scope) =>
    list(node, "specifiers").forEach((one) => reader.declare(child(one, "local"), "import", one, scope)),
  ExportNamedDeclaration: visitExport,
  ExportAllDeclaration: () => {},
  VariableDeclaration: visitVariables,
  ClassDeclaration: visitClass,
  ClassExpression: visitClass,
  Identifier: (reader, node, scope) => {
    reader.refer(node, scope, "value");
    reader.visit(child(node, "typeAnnotation"), scope);
  },
  MemberExpression: visitMember,
  OptionalMemberExpression: visitMember,
  ObjectProperty: visitKeyed,
  ClassProperty: visitKeyed,
  ClassAccessorProperty: visitKeyed,
  ClassPrivateProperty: visitKeyed,
  BlockStatement: visitBlock,
  StaticBlock: (reader, node, scope) => reader.visitChildren(node, reader.inner(scope, node, true)),
  ForStatement: visitBlock,
  SwitchStatement: visitBlock,
  ForInStatement: visitLoop,
  ForOfStatement: visitLoop,
  CatchClause: visitCatch,
  LabeledStatement: visitLabel,
  BreakStatement: () => {},
  ContinueStatement: () => {},
  MetaProperty: () => {},
  AssignmentExpression: (reader, node, scope) => {
    reader.write(child(node, "left"), scope);
    reader.visit(child(node, "right"), scope);
  },
  UpdateExpression: (reader, node, scope) => reader.write(child(node, "argument"), scope),
  JSXOpeningElement: visitJsxName,
  JSXClosingElement: () => {},
  JSXAttribute: (reader, node, scope) => reader.visit(child(node, "value"), scope),
};
