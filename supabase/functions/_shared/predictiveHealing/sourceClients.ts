/** As whom each Supabase client of the sources calls the database. @module */

import type { CallerRole } from "./need.ts";
import {
  argument,
  child,
  children,
  isCall,
  nameOf,
  pathOf,
  textOf,
  type TreeNode,
  walk,
} from "./syntaxTree.ts";

/** By the variable that holds the client: its role, or null where it is a client of an unknown one. */
export type ClientRoles = Map<string, CallerRole | null>;

/** The clients of each file; one that is imported is looked up where it is made. */
export function clientsOf(files: readonly { path: string; tree: unknown }[]): Map<string, ClientRoles> {
  const made = new Map(files.map(({ path, tree }) => [path, clientsMade(tree, path)]));
  for (const { path, tree } of files) {
    for (const { local, imported, from } of importsOf(tree)) {
      const home = [...made.keys()].find((other) => other !== path && isTarget(other, from));
      const role = home === undefined ? undefined : made.get(home)!.get(imported);
      if (role !== undefined) made.get(path)!.set(local, role);
    }
  }
  return made;
}

function clientsMade(tree: unknown, path: string): ClientRoles {
  const roles: ClientRoles = new Map();
  const bindings = new Map<string, TreeNode>();
  walk(tree, (node) => {
    if (node.type !== "VariableDeclarator") return;
    const name = nameOf(child(node, "id"));
    const init = child(node, "init");
    if (name === null || init === null) return;
    bindings.set(name, init);
    if (isClientCall(init)) roles.set(name, roleOf(init, bindings, path));
  });
  return roles;
}

function isClientCall(node: TreeNode): boolean {
  return isCall(node) &&
    /^create(Browser|Server|Admin|Service)?Client$|^createClientComponentClient$/.test(
      pathOf(child(node, "callee")).at(-1) ?? "",
    );
}

function roleOf(call: TreeNode, bindings: ReadonlyMap<string, TreeNode>, path: string): CallerRole | null {
  const key = wordsOf(argument(call, 1), bindings);
  if (/service_role|secret_key|service_key/i.test(key)) return "service_role";
  if (!/anon|publishable/i.test(key)) return null;
  // In an app whoever uses it is signed in; in a function it is whoever the header says, or nobody.
  const options = argument(call, 2);
  const forwards = options !== null && /authorization/i.test(wordsOf(options, bindings));
  return forwards || !path.includes("functions/") ? "authenticated" : "anon";
}

/** The names and texts in an expression, and in what its variables were declared as. */
function wordsOf(node: TreeNode | null, bindings: ReadonlyMap<string, TreeNode>, depth = 0): string {
  const words: string[] = [];
  walk(node, (one) => {
    const word = nameOf(one) ?? textOf(one);
    if (word === null) return;
    words.push(word);
    const bound = one.type === "Identifier" && depth < 3 ? bindings.get(word) : undefined;
    if (bound !== undefined) words.push(wordsOf(bound, bindings, depth + 1));
  });
  return words.join(" ");
}

function importsOf(tree: unknown): { local: string; imported: string; from: string }[] {
  const imports: { local: string; imported: string; from: string }[] = [];
  walk(tree, (node) => {
    if (node.type !== "ImportDeclaration") return;
    const from = textOf(child(node, "source")) ?? "";
    for (const specifier of children(node, "specifiers")) {
      const local = nameOf(child(specifier, "local"));
      if (local !== null) {
        imports.push({ local, imported: nameOf(child(specifier, "imported")) ?? local, from });
      }
    }
  });
  return imports;
}

/** `@/lib/supabase` and `../lib/supabase.ts` are both the file `src/lib/supabase.ts`. */
function isTarget(path: string, from: string): boolean {
  const plain = (text: string) => text.replace(/\.[cm]?[jt]sx?$/, "").replace(/\/index$/, "");
  const tail = plain(from).replace(/^(@|~|\.{1,2})(\/\.\.)*\//, "");
  return from !== tail && (plain(path) === tail || plain(path).endsWith(`/${tail}`));
}
