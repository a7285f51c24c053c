/** The names of TypeScript's types: which nodes declare them, and which use them. @module */

import type { SyntaxNode } from "../core/codeSyntax.ts";
import { child, list } from "./nodes.ts";
import type { NameReader, Scope } from "./scopes.ts";

/** Visits a node of TypeScript; false when it needs nothing special. */
export function visitTyped(reader: NameReader, node: SyntaxNode, scope: Scope): boolean {
  const visitor = VISITORS[node.type];
  visitor?.(reader, node, scope);
  return visitor !== undefined;
}

type Visitor = (reader: NameReader, node: SyntaxNode, scope: Scope) => void;

function leftmost(node: SyntaxNode | undefined): SyntaxNode | undefined {
  let name = node;
  while (name?.type === "TSQualifiedName" || name?.type === "MemberExpression") {
    name = child(name, name.type === "TSQualifiedName" ? "left" : "object");
  }
  return name;
}

function visitAlias(reader: NameReader, node: SyntaxNode, scope: Scope): void {
  reader.declare(child(node, "id"), "type", node, scope);
  const inside = reader.inner(scope, node);
  for (const field of ["typeParameters", "typeAnnotation", "body"]) reader.visit(child(node, field), inside);
  reader.visitAll(list(node, "extends"), inside);
}

function visitEnum(reader: NameReader, node: SyntaxNode, scope: Scope): void {
  reader.declare(child(node, "id"), "enum", node, scope);
  const inside = reader.inner(scope, node);
  for (const member of list(node, "members")) {
    reader.declare(child(member, "id"), "param", member, inside);
    reader.visit(child(member, "initializer"), inside);
  }
}

function visitNamespace(reader: NameReader, node: SyntaxNode, scope: Scope): void {
  const id = child(node, "id");
  if (id?.type === "Identifier") reader.declare(id, "namespace", node, scope);
  const body = child(node, "body");
  if (body !== undefined) reader.visitChildren(body, reader.inner(scope, node, true));
}

/** A signature's parameters are names for the reader only. */
function visitSignature(reader: NameReader, node: SyntaxNode, scope: Scope): void {
  const inside = reader.inner(scope, node);
  if (node.computed === true) reader.visit(child(node, "key"), scope);
  reader.visit(child(node, "typeParameters"), inside);
  for (const parameter of [...list(node, "parameters"), ...list(node, "params")]) {
    reader.bind(parameter, "param", node, inside);
  }
  reader.visit(child(node, "typeAnnotation"), inside);
  reader.visit(child(node, "returnType"), inside);
}

function visitMapped(reader: NameReader, node: SyntaxNode, scope: Scope): void {
  const inside = reader.inner(scope, node);
  for (const field of ["typeParameter", "nameType", "typeAnnotation"]) {
    reader.visit(child(node, field), inside);
  }
}

function visitTypeParameter(reader: NameReader, node: SyntaxNode, scope: Scope): void {
  reader.declare(node, "param", node, scope);
  reader.visit(child(node, "constraint"), scope);
  reader.visit(child(node, "default"), scope);
}

function visitNamed(reader: NameReader, node: SyntaxNode, scope: Scope): void {
  const name = leftmost(child(node, "typeName") ?? child(node, "expression"));
  if (name?.type === "Identifier") reader.refer(name, scope, "type");
  reader.visit(child(node, "typeParameters"), scope);
}

function visitQuery(reader: NameReader, node: SyntaxNode, scope: Scope): void {
  const name = child(node, "exprName");
  if (name?.type === "TSImportType") reader.visit(name, scope);
  else reader.refer(leftmost(name), scope, "value");
  reader.visit(child(node, "typeParameters"), scope);
}

function visitImportEquals(reader: NameReader, node: SyntaxNode, scope: Scope): void {
  reader.declare(child(node, "id"), "import", node, scope);
  const target = child(node, "moduleReference");
  if (target?.type !== "TSExternalModuleReference") reader.refer(leftmost(target), scope, "value");
}

function visitProperty(reader: NameReader, node: SyntaxNode, scope: Scope): void {
  if (node.computed === true) reader.visit(child(node, "key"), scope);
  reader.visit(child(node, "typeAnnotation"), scope);
}

const VISITORS: Readonly<Record<string, Visitor>> = {
  TSTypeAliasDeclaration: visitAlias,
  TSInterfaceDeclaration: visitAlias,
  TSEnumDeclaration: visitEnum,
  TSModuleDeclaration: visitNamespace,
  TSFunctionType: visitSignature,
  TSConstructorType: visitSignature,
  TSCallSignatureDeclaration: visitSignature,
  TSConstructSignatureDeclaration: visitSignature,
  TSMethodSignature: visitSignature,
  TSDeclareMethod: visitSignature,
  TSIndexSignature: visitSignature,
  TSMappedType: visitMapped,
  TSConditionalType: (reader, node, scope) => reader.visitChildren(node, reader.inner(scope, node)),
  TSTypeParameter: visitTypeParameter,
  TSTypeReference: visitNamed,
  TSExpressionWithTypeArguments: visitNamed,
  TSClassImplements: visitNamed,
  TSInterfaceHeritage: visitNamed,
  TSTypeQuery: visitQuery,
  TSImportEqualsDeclaration: visitImportEquals,
  TSPropertySignature: visitProperty,
  TSNamedTupleMember: (reader, node, scope) => reader.visit(child(node, "elementType"), scope),
  TSImportType: (reader, node, scope) => reader.visit(child(node, "typeParameters"), scope),
  TSNamespaceExportDeclaration: () => {},
};
