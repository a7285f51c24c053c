/**
 * What the source of a function, or of an app, asks of its project: tables, functions, buckets, secrets, sign-in.
 *
 * The text is parsed and nothing of it is run; what a call names only at run time is left out.
 *
 * @module
 */

import type { CallerRole, Place, Verb } from "./need.ts";
import { type ClientRoles, clientsOf } from "./sourceClients.ts";
import { readSignIn } from "./sourceSignIn.ts";
import { secretsOf, type SecretUse } from "./sourceSecrets.ts";
import {
  argument,
  child,
  children,
  type Constants,
  constantsOf,
  hasSpread,
  isCall,
  pathOf,
  propertiesOf,
  propertyOf,
  quasisOf,
  textOf,
  type TreeNode,
  walk,
} from "./syntaxTree.ts";

/** A source file. */
export interface SourceFile {
  path: string;
  source: string;
}

/** One use of a table. */
export interface TableUse {
  schema: string;
  table: string;
  verbs: Verb[];
  /** Columns that it names. */
  columns: string[];
  role: CallerRole | null;
  place: Place;
}

/** One call of a database function. */
export interface RoutineUse {
  schema: string;
  name: string;
  /** The names of its arguments; null when they are not known. */
  args: string[] | null;
  role: CallerRole | null;
  place: Place;
}

/** A name, and where it stands. */
export interface NamedUse {
  name: string;
  place: Place;
}

/** All that one file asks for. */
export interface FunctionCalls {
  path: string;
  tables: TableUse[];
  routines: RoutineUse[];
  buckets: NamedUse[];
  bucketsMade: NamedUse[];
  secrets: SecretUse[];
  invoked: NamedUse[];
  redirects: NamedUse[];
  providers: NamedUse[];
  /** Why the file could not be read. */
  unread?: { place: Place; message: string };
}

/** Reads all files. */
export async function readSources(files: readonly SourceFile[]): Promise<FunctionCalls[]> {
  if (files.length === 0) return [];
  const { parse } = await import("../babelParser.ts");
  const trees: { path: string; tree: unknown; calls: FunctionCalls }[] = [];
  for (const { path, source } of files) {
    const calls = noCalls(path);
    try {
      const jsx = /\.[jt]sx$|\.[cm]?js$/.test(path);
      const tree = parse(source, {
        sourceType: "module",
        errorRecovery: true,
        plugins: jsx ? ["typescript", "jsx"] : ["typescript"],
      });
      trees.push({ path, tree, calls });
    } catch (error) {
      const { message, loc } = error as { message: string; loc?: { line: number } };
      calls.unread = { place: { file: path, line: loc?.line ?? 1 }, message };
      trees.push({ path, tree: null, calls });
    }
  }
  const clients = clientsOf(trees);
  for (const { path, tree, calls } of trees) readTree(tree, calls, clients.get(path) ?? new Map());
  return trees.map(({ calls }) => calls);
}

function noCalls(path: string): FunctionCalls {
  return {
    path,
    tables: [],
    routines: [],
    buckets: [],
    bucketsMade: [],
    secrets: [],
    invoked: [],
    redirects: [],
    providers: [],
  };
}

interface Reading {
  calls: FunctionCalls;
  constants: Constants;
  roles: ClientRoles;
}

function readTree(tree: unknown, calls: FunctionCalls, roles: ClientRoles): void {
  const reading = { calls, constants: constantsOf(tree), roles };
  const parents = new Map<TreeNode, TreeNode | null>();
  walk(tree, (node, parent) => parents.set(node, parent));
  calls.secrets.push(...secretsOf(tree, calls.path, reading.constants, parents));
  for (const node of parents.keys()) {
    if (isCall(node)) readCall(node, reading, parents);
  }
}

function placeOf(node: TreeNode, { calls }: Reading): Place {
  // A chain begins where its first line is; the name of the member says where this call of it stands.
  const line = child(child(node, "callee"), "property")?.loc?.start.line ?? node.loc?.start.line ?? 1;
  return { file: calls.path, line };
}

function readCall(call: TreeNode, reading: Reading, parents: Map<TreeNode, TreeNode | null>): void {
  const callee = child(call, "callee");
  const method = propertyOf(callee);
  const owner = pathOf(child(callee, "object"));
  const name = textOf(argument(call, 0), reading.constants);
  const { calls } = reading;
  const place = placeOf(call, reading);
  if (method === "from" && name !== null) {
    if (owner.at(-1) === "storage") calls.buckets.push({ name, place });
    else if (reading.roles.has(owner[0] ?? "") || looksLikeClient(owner)) {
      calls.tables.push(tableUse(call, name, owner, reading, parents));
    }
  }
  if (method === "createBucket" && name !== null) calls.bucketsMade.push({ name, place });
  if (method === "rpc" && name !== null) calls.routines.push(routineUse(call, name, owner, reading));
  if (method === "invoke" && owner.at(-1) === "functions" && name !== null) {
    calls.invoked.push({ name: name.split(/[/?]/)[0]!, place });
  }
  if (owner.at(-1) === "auth") readSignIn(call, method ?? "", place, reading);
  if (pathOf(callee).join(".") === "fetch") readFetch(call, reading);
}

/** A client that comes from elsewhere still has a name that says what it is. */
function looksLikeClient(owner: readonly string[]): boolean {
  return /^(supabase|sb|db|admin|client)/i.test(owner[0] ?? "") || /supabase|client$/i.test(owner[0] ?? "");
}

const VERBS: { [method: string]: Verb[] } = {
  select: ["SELECT"],
  insert: ["INSERT"],
  update: ["UPDATE"],
  upsert: ["INSERT", "UPDATE"],
  delete: ["DELETE"],
};

const FILTERS = new Set([
  "eq",
  "neq",
  "gt",
  "gte",
  "lt",
  "lte",
  "like",
  "ilike",
  "is",
  "in",
  "contains",
  "order",
]);

function tableUse(
  from: TreeNode,
  table: string,
  owner: readonly string[],
  reading: Reading,
  parents: Map<TreeNode, TreeNode | null>,
): TableUse {
  const verbs = new Set<Verb>();
  const columns = new Set<string>();
  for (const { method, call } of chainAfter(from, parents)) {
    for (const verb of VERBS[method] ?? []) verbs.add(verb);
    // Reading back what was written takes the right to read.
    const first = argument(call, 0);
    if (method in VERBS && method !== "select" && method !== "delete") addKeys(first, columns, reading);
    if (method === "select") addListed(textOf(first, reading.constants), columns);
    const filtered = FILTERS.has(method) ? textOf(first, reading.constants) : null;
    if (filtered !== null && /^[a-z_][a-z0-9_]*$/i.test(filtered)) columns.add(filtered);
  }
  return {
    schema: schemaOf(from, reading),
    table,
    verbs: verbs.size === 0 ? ["SELECT"] : [...verbs],
    columns: [...columns],
    role: reading.roles.get(owner[0] ?? "") ?? null,
    place: placeOf(from, reading),
  };
}

/** The calls that follow one in its chain. */
function chainAfter(
  call: TreeNode,
  parents: Map<TreeNode, TreeNode | null>,
): { method: string; call: TreeNode }[] {
  const chain: { method: string; call: TreeNode }[] = [];
  for (let member = parents.get(call); propertyOf(member ?? null) !== null;) {
    const next: TreeNode | null = parents.get(member!) ?? null;
    if (!isCall(next) || child(next, "callee") !== member) break;
    chain.push({ method: propertyOf(member!)!, call: next });
    member = parents.get(next);
  }
  return chain;
}

/** The keys of what is written: of one row, or of each row of a list. */
function addKeys(rows: TreeNode | null, columns: Set<string>, reading: Reading): void {
  const list = rows?.type === "ArrayExpression" ? children(rows, "elements") : rows === null ? [] : [rows];
  for (const row of list) for (const key of propertiesOf(row)?.keys() ?? []) columns.add(key);
  // `rows.map((x) => ({ … }))`
  const mapped = isCall(rows) && propertyOf(child(rows, "callee")) === "map" ? argument(rows, 0) : null;
  if (mapped !== null) addKeys(child(mapped, "body"), columns, reading);
}

/** A plain list of columns; one with embedded tables, casts or paths is left to the database. */
function addListed(list: string | null, columns: Set<string>): void {
  const names = (list ?? "").split(",").map((name) => name.trim());
  if (names.every((name) => /^[a-z_][a-z0-9_]*$/i.test(name))) {
    for (const name of names) {
      columns.add(name);
    }
  }
}

/** The schema that `.schema("x")` before a call names. */
function schemaOf(call: TreeNode, { constants }: Reading): string {
  const before = child(child(call, "callee"), "object");
  if (!isCall(before) || propertyOf(child(before, "callee")) !== "schema") return "public";
  return textOf(argument(before, 0), constants) ?? "public";
}

function routineUse(call: TreeNode, name: string, owner: readonly string[], reading: Reading): RoutineUse {
  const given = argument(call, 1);
  const args = given === null ? [] : hasSpread(given) ? null : [...propertiesOf(given)?.keys() ?? []];
  return {
    schema: schemaOf(call, reading),
    name,
    args: given !== null && propertiesOf(given) === null ? null : args,
    role: reading.roles.get(owner[0] ?? "") ?? null,
    place: placeOf(call, reading),
  };
}

const FUNCTION_URL = /\/functions\/v1\/([A-Za-z0-9_-]+)/;

function readFetch(call: TreeNode, reading: Reading): void {
  const url = argument(call, 0);
  const text = textOf(url, reading.constants) ??
    (url?.type === "TemplateLiteral" ? quasisOf(url).join("") : "");
  const name = FUNCTION_URL.exec(text)?.[1];
  if (name !== undefined) reading.calls.invoked.push({ name, place: placeOf(call, reading) });
}
