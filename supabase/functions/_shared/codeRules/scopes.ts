/**
 * Which name means which declaration. Values and types share one table, as an import brings both; a name resolves to
 * the nearest scope that knows it. Where the language is finer than this, a declaration counts as used: nothing is
 * ever taken away because of doubt.
 *
 * @module
 */

import { childrenOf, type SyntaxNode } from "../core/codeSyntax.ts";
import { child, FUNCTIONS, list, nameOf } from "./nodes.ts";
import { VISITORS } from "./scopeVisitors.ts";
import { visitTyped } from "./typeScopes.ts";

/** How a name came into being. */
export type DeclarationKind =
  | "import"
  | "const"
  | "let"
  | "var"
  | "function"
  | "class"
  | "param"
  | "catch"
  | "type"
  | "enum"
  | "namespace";

/** A name that a file declares. */
export interface Declaration {
  name: string;
  kind: DeclarationKind;
  identifier: SyntaxNode;
  /** The specifier, declarator, function, class or type that declares it. */
  owner: SyntaxNode;
  scope: Scope;
  references: Reference[];
  exported: boolean;
}

/** A place that uses a name. */
export interface Reference {
  name: string;
  node: SyntaxNode;
  scope: Scope;
  use: "value" | "type" | "jsx" | "write";
  declaration?: Declaration | undefined;
}

/** A region in which names are known. */
export interface Scope {
  parent: Scope | undefined;
  isFunction: boolean;
  node: SyntaxNode;
  names: Map<string, Declaration[]>;
}

/** All names of a file. */
export interface Names {
  root: Scope;
  declarations: Declaration[];
  references: Reference[];
}

/** Reads the names of a program. */
export function readNames(program: SyntaxNode): Names {
  const builder = new NameReader(program);
  builder.visitAll(list(program, "body"), builder.root);
  return builder.resolve();
}

/** Finds what a name means in a scope. */
export function lookUp(scope: Scope | undefined, name: string): Declaration | undefined {
  for (let at = scope; at !== undefined; at = at.parent) {
    const found = at.names.get(name)?.[0];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Walks a program once, and declares and notes as it goes. */
export class NameReader {
  readonly root: Scope;
  readonly #declarations: Declaration[] = [];
  readonly #references: Reference[] = [];

  constructor(program: SyntaxNode) {
    this.root = { parent: undefined, isFunction: true, node: program, names: new Map() };
  }

  resolve(): Names {
    for (const reference of this.#references) {
      reference.declaration = lookUp(reference.scope, reference.name);
      reference.declaration?.references.push(reference);
    }
    return { root: this.root, declarations: this.#declarations, references: this.#references };
  }

  inner(parent: Scope, node: SyntaxNode, isFunction = false): Scope {
    return { parent, isFunction, node, names: new Map() };
  }

  declare(identifier: SyntaxNode | undefined, kind: DeclarationKind, owner: SyntaxNode, scope: Scope): void {
    const name = identifier?.type === "TSTypeParameter" ? identifier.name as string : nameOf(identifier);
    if (identifier === undefined || name === undefined) return;
    let home = scope;
    if (kind === "var") { while (!home.isFunction && home.parent !== undefined) home = home.parent; }
    const declaration = {
      name,
      kind,
      identifier,
      owner,
      scope: home,
      references: [],
      exported: isExported(owner),
    };
    this.#declarations.push(declaration);
    const others = home.names.get(name);
    if (others === undefined) home.names.set(name, [declaration]);
    else others.push(declaration);
  }

  refer(node: SyntaxNode | undefined, scope: Scope, use: Reference["use"]): void {
    const name = nameOf(node);
    if (node !== undefined && name !== undefined) this.#references.push({ name, node, scope, use });
  }

  visitAll(nodes: readonly SyntaxNode[], scope: Scope): void {
    for (const node of nodes) this.visit(node, scope);
  }

  visitChildren(node: SyntaxNode, scope: Scope): void {
    this.visitAll(childrenOf(node), scope);
  }

  visit(node: SyntaxNode | undefined, scope: Scope): void {
    if (node === undefined) return;
    const visitor = VISITORS[node.type];
    if (visitor !== undefined) visitor(this, node, scope);
    else if (FUNCTIONS.has(node.type) || node.type === "TSDeclareFunction") this.visitFunction(node, scope);
    else if (!visitTyped(this, node, scope)) this.visitChildren(node, scope);
  }

  /** Declares what a pattern binds, and visits its defaults and types. */
  bind(pattern: SyntaxNode | undefined, kind: DeclarationKind, owner: SyntaxNode, scope: Scope): void {
    if (pattern === undefined) return;
    this.visit(child(pattern, "typeAnnotation"), scope);
    this.visitAll(list(pattern, "decorators"), scope);
    if (pattern.type === "Identifier") this.declare(pattern, kind, owner, scope);
    else if (pattern.type === "AssignmentPattern") {
      this.bind(child(pattern, "left"), kind, owner, scope);
      this.visit(child(pattern, "right"), scope);
    } else if (pattern.type === "TSParameterProperty") {
      this.bind(child(pattern, "parameter"), kind, owner, scope);
    } else if (pattern.type === "RestElement") this.bind(child(pattern, "argument"), kind, owner, scope);
    else if (pattern.type === "ArrayPattern") {
      for (const item of list(pattern, "elements")) this.bind(item, kind, owner, scope);
    } else if (pattern.type === "ObjectPattern") this.#bindProperties(pattern, kind, owner, scope);
  }

  #bindProperties(pattern: SyntaxNode, kind: DeclarationKind, owner: SyntaxNode, scope: Scope): void {
    for (const property of list(pattern, "properties")) {
      if (property.computed === true) this.visit(child(property, "key"), scope);
      this.bind(property.type === "ObjectProperty" ? child(property, "value") : property, kind, owner, scope);
    }
  }

  /** Notes what an assignment writes. */
  write(target: SyntaxNode | undefined, scope: Scope): void {
    if (target === undefined) return;
    if (target.type === "Identifier") this.refer(target, scope, "write");
    else if (target.type === "AssignmentPattern") {
      this.write(child(target, "left"), scope);
      this.visit(child(target, "right"), scope);
    } else if (target.type === "RestElement") this.write(child(target, "argument"), scope);
    else if (target.type === "ArrayPattern") {
      list(target, "elements").forEach((item) => this.write(item, scope));
    } else if (target.type === "ObjectPattern") {
      for (const property of list(target, "properties")) {
        if (property.computed === true) this.visit(child(property, "key"), scope);
        this.write(property.type === "ObjectProperty" ? child(property, "value") : property, scope);
      }
    } else this.visit(target, scope);
  }

  visitFunction(node: SyntaxNode, scope: Scope): void {
    const isDeclared = node.type === "FunctionDeclaration" || node.type === "TSDeclareFunction";
    if (isDeclared) this.declare(child(node, "id"), "function", node, scope);
    this.visitAll(list(node, "decorators"), scope);
    if (node.computed === true) this.visit(child(node, "key"), scope);
    const inside = this.inner(scope, node, true);
    if (node.type === "FunctionExpression") this.declare(child(node, "id"), "param", node, inside);
    this.visit(child(node, "typeParameters"), inside);
    for (const parameter of list(node, "params")) this.bind(parameter, "param", node, inside);
    this.visit(child(node, "returnType"), inside);
    this.visit(child(node, "predicate"), inside);
    const body = child(node, "body");
    if (body?.type === "BlockStatement") this.visitChildren(body, inside);
    else this.visit(body, inside);
  }
}

function isExported(owner: SyntaxNode): boolean {
  const statement = owner.type === "VariableDeclarator" ? owner.parent : owner;
  return /^Export(?:Named|Default)Declaration$/.test(statement?.parent?.type ?? "");
}
