/** The names of the secrets that a source reads from its environment; never a value. @module */

import type { Place } from "./need.ts";
import {
  argument,
  child,
  children,
  type Constants,
  isCall,
  nameOf,
  pathOf,
  textOf,
  type TreeNode,
  walk,
} from "./syntaxTree.ts";

/** One reading of a secret. */
export interface SecretUse {
  name: string;
  /** True where the source says what to do without it. */
  optional: boolean;
  place: Place;
}

/** What the platform sets by itself for every function. */
const OF_THE_PLATFORM =
  /^(SUPABASE_(URL|ANON_KEY|SERVICE_ROLE_KEY|DB_URL|JWKS|PUBLISHABLE_KEYS|SECRET_KEYS)|DENO_.*|SB_.*|PATH|HOME|NODE_ENV)$/;

/** Reads them: `Deno.env.get("X")`, `process.env.X`, and a call of a function of the file that hands its argument on. */
export function secretsOf(
  tree: unknown,
  path: string,
  constants: Constants,
  parents: ReadonlyMap<TreeNode, TreeNode | null>,
): SecretUse[] {
  const readers = readersOf(tree);
  const uses: SecretUse[] = [];
  for (const [node, parent] of parents) {
    const name = nameRead(node, readers, constants);
    if (name === null || OF_THE_PLATFORM.test(name)) continue;
    const place = { file: path, line: node.loc?.start.line ?? 1 };
    uses.push({ name, optional: hasDefault(node, parent) || isOnlyAsked(node), place });
  }
  return uses;
}

function nameRead(node: TreeNode, readers: ReadonlySet<string>, constants: Constants): string | null {
  const path = pathOf(node);
  // Where a browser runs it, there is no secret.
  if (path.length === 3 && path[0] === "process" && path[1] === "env") {
    return /^(NEXT_PUBLIC|VITE|EXPO_PUBLIC|REACT_APP)_/.test(path[2]!) ? null : path[2]!;
  }
  if (!isCall(node)) return null;
  const callee = pathOf(child(node, "callee"));
  const isReading = /^Deno\.env\.(get|has)$/.test(callee.join(".")) ||
    callee.length === 1 && readers.has(callee[0]!);
  return isReading ? textOf(argument(node, 0), constants) : null;
}

/** Functions of the file that read the secret which their first parameter names. */
function readersOf(tree: unknown): Set<string> {
  const readers = new Set<string>();
  walk(tree, (node) => {
    const isArrow = node.type === "VariableDeclarator" && /Function/.test(child(node, "init")?.type ?? "");
    const named = node.type === "FunctionDeclaration" ? node : isArrow ? child(node, "init") : null;
    const parameter = nameOf(children(named, "params")[0] ?? null);
    const name = nameOf(child(node, "id"));
    if (parameter === null || name === null) return;
    walk(child(named, "body"), (inner) => {
      const isReading = isCall(inner) && pathOf(child(inner, "callee")).join(".") === "Deno.env.get";
      if (isReading && nameOf(argument(inner, 0)) === parameter) readers.add(name);
    });
  });
  return readers;
}

/** `?? "default"`; an empty text is no default, it only moves the failure. */
function hasDefault(node: TreeNode, parent: TreeNode | null): boolean {
  if (parent?.type !== "LogicalExpression" || child(parent, "left") !== node) return false;
  return parent.operator !== "&&" && textOf(child(parent, "right")) !== "";
}

function isOnlyAsked(node: TreeNode): boolean {
  return isCall(node) && pathOf(child(node, "callee")).at(-1) === "has";
}
