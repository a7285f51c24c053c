/** A place in a project's code that would fail without being healed. @module */

import { posix } from "node:path";
import type { TextEdit } from "../../../supabase/functions/_shared/core/codeEdits.ts";
import { isNode, type SyntaxNode } from "../../../supabase/functions/_shared/core/codeSyntax.ts";
import type { Project } from "../../../supabase/functions/_shared/codeRules.ts";

/** A file as the rules of code read it. */
export type CodeFile = NonNullable<ReturnType<Project["file"]>>;

/** What kind of place it is. */
export type GapRule =
  | "direct-write"
  | "unprotected-ai-call"
  | "unwrapped-handler"
  | "unwrapped-server-action";

/** What of the helpers a rewrite takes inside of a handler. */
export interface HandlerNeed {
  handler: SyntaxNode;
  helper: "resilientDb" | "protectedAICall";
  role: "caller" | "service_role" | "any";
}

/** How a place is rewritten. */
export interface Rewrite {
  edits: TextEdit[];
  /** True where `withSelfHealing` has to be imported. */
  wraps?: boolean;
  need?: HandlerNeed;
}

/** One place. */
export interface Gap {
  rule: GapRule;
  at: number;
  message: string;
  /** What to do about it by hand. */
  advice: string;
  rewrite: Rewrite | null;
}

/** The edge function that a file belongs to; null for an app's own code and for a shared folder. */
export function functionOf(path: string): string | null {
  return /^supabase\/functions\/([A-Za-z][A-Za-z0-9_-]*)\//.exec(path)?.[1] ?? null;
}

/** How a file names a door of the library. */
export function doorFrom(path: string, shared: string, door: string): string {
  const relative = posix.relative(posix.dirname(path), `supabase/functions/${shared}/${door}.ts`);
  return relative.startsWith(".") ? relative : `./${relative}`;
}

/** A field that holds a node. */
export function child(node: SyntaxNode | undefined, field: string): SyntaxNode | undefined {
  const value = node?.[field];
  return isNode(value) ? value : undefined;
}

/** A field that holds a list of nodes. */
export function list(node: SyntaxNode | undefined, field: string): SyntaxNode[] {
  const value = node?.[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The name of an identifier. */
export function nameOf(node: SyntaxNode | undefined): string | undefined {
  return node?.type === "Identifier" ? String(node.name) : undefined;
}

/** The names along a chain of members: `openai.chat.completions` is three; a call in it is `()`. */
export function pathOf(node: SyntaxNode | undefined): string[] {
  if (node?.type === "MemberExpression" || node?.type === "OptionalMemberExpression") {
    return [...pathOf(child(node, "object")), nameOf(child(node, "property")) ?? "?"];
  }
  if (node?.type === "CallExpression") return [...pathOf(child(node, "callee")), "()"];
  if (node?.type === "ThisExpression") return ["this"];
  if (node?.type === "AwaitExpression") return pathOf(child(node, "argument"));
  return [nameOf(node) ?? "?"];
}

/** The nodes around one, the nearest first. */
export function* aroundOf(node: SyntaxNode): Generator<SyntaxNode> {
  for (let outer = node.parent; outer !== undefined; outer = outer.parent) yield outer;
}

/** True inside of a call of one of these helpers. */
export function isInside(node: SyntaxNode, helpers: readonly string[]): boolean {
  return [...aroundOf(node)].some((outer) =>
    outer.type === "CallExpression" && helpers.includes(pathOf(child(outer, "callee")).at(-1) ?? "")
  );
}

/** What a name was declared as, at the top of a file or anywhere in it; undefined when it is declared twice. */
export function declaredAs(file: CodeFile, name: string): SyntaxNode | undefined {
  const found = [
    ...file.nodes("VariableDeclarator").filter((one) => nameOf(child(one, "id")) === name)
      .map((one) => child(one, "init")),
    ...file.nodes("FunctionDeclaration").filter((one) => nameOf(child(one, "id")) === name),
  ];
  return found.length === 1 ? found[0] : undefined;
}

const FUNCTIONS = ["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"];

/** True for a function. */
export function isFunction(node: SyntaxNode | undefined): node is SyntaxNode {
  return node !== undefined && FUNCTIONS.includes(node.type);
}
