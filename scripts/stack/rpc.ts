/**
 * Calls database functions over HTTP, as PostgREST does.
 *
 * Each request is one transaction under the caller's role, with its claims in `request.jwt.claims`, the role's
 * statement timeout, and the answer sent after commit. The connection itself belongs to `authenticator`, which
 * owns nothing and may only become one of the caller roles.
 *
 * @module
 */

import { quoted } from "../../supabase/functions/_shared/core/sqlNames.ts";
import type { Pool, PoolClient } from "../../supabase/functions/_shared/postgres.ts";
import type { Caller } from "./caller.ts";
import { textResponse } from "./http.ts";
import { isConnectionLoss, toRestError } from "./postgrestErrors.ts";
import { notSingular, RestError } from "./restError.ts";
import { readRpcCall, type RpcCall } from "./rpcRequest.ts";
import { type CallRow, callStatement } from "./rpcSql.ts";
import type { Routine, RoutineCatalog } from "./routines.ts";

/** What a call needs besides the request. */
export interface RpcContext {
  pool: Pool;
  catalog: RoutineCatalog;
  /** Schemas that callers may name; the first is the default. */
  schemas: readonly string[];
  /** A set is cut to this many rows, silently, as on the platform. */
  maxRows: number;
  maxBodyBytes: number;
  /** Statement timeout by role, for example `8s`; the empty key is for every other role. */
  statementTimeouts: Readonly<Record<string, string>>;
}

/** Calls the function `name` for the caller and answers; an error of the database is an answer, too. */
export async function callRpc(
  request: Request,
  name: string,
  caller: Caller,
  context: RpcContext,
): Promise<Response> {
  try {
    return await runCall(request, await readRpcCall(request, name, context), caller, context);
  } catch (error) {
    return toRestError(error, caller.role).toResponse();
  }
}

async function runCall(
  request: Request,
  call: RpcCall,
  caller: Caller,
  context: RpcContext,
): Promise<Response> {
  const client = await begin(context.pool);
  let broken = false;
  try {
    await client.query(SETTINGS_SQL, settingsOf(request, call, caller, context));
    const routine = await context.catalog.resolve(client, call.shape);
    await narrow(client, routine);
    const { text, values } = callStatement(routine, call, context.maxRows);
    const { rows } = await client.query<CallRow>(text, values);
    // Made before the commit: an answer that cannot be made must not leave its work behind.
    const response = answer(request, call, routine, rows[0]!);
    await client.query("commit");
    return response;
  } catch (error) {
    broken = isConnectionLoss(error) || !await rolledBack(client);
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Opens a transaction; a connection that died while it was idle is replaced, because nothing was done on it. */
async function begin(pool: Pool): Promise<PoolClient> {
  for (let spare = pool.totalCount;; spare--) {
    const client = await pool.connect();
    try {
      await client.query("begin");
      return client;
    } catch (error) {
      client.release(true);
      if (spare <= 0 || !isConnectionLoss(error)) throw error;
    }
  }
}

async function rolledBack(client: PoolClient): Promise<boolean> {
  return await client.query("rollback").then(() => true, () => false);
}

const SETTINGS_SQL = `select
  set_config('search_path', $1, true), set_config('statement_timeout', $2, true),
  set_config('role', $3, true), set_config('request.jwt.claims', $4, true),
  set_config('request.method', $5, true), set_config('request.path', $6, true),
  set_config('request.headers', $7, true), set_config('request.cookies', $8, true),
  set_config('transaction_read_only', $9, true)`;

function settingsOf(request: Request, call: RpcCall, caller: Caller, context: RpcContext): string[] {
  const headers = Object.fromEntries(request.headers);
  return [
    `${quoted(call.shape.schema)}, "public", "extensions"`,
    context.statementTimeouts[caller.role] ?? context.statementTimeouts[""] ?? "0",
    caller.role,
    JSON.stringify(caller.claims),
    request.method,
    `/rpc/${call.shape.name}`,
    JSON.stringify(headers),
    JSON.stringify(cookiesOf(headers.cookie)),
    call.readOnly ? "on" : "off",
  ];
}

function cookiesOf(header: string | undefined): Record<string, string> {
  const pairs = (header ?? "").split(";").map((pair) => pair.trim().split("="));
  return Object.fromEntries(
    pairs.filter(([name]) => name !== "").map(([name, ...rest]) => [name!, rest.join("=")]),
  );
}

/** What the function itself asks for: its own time limit, and no writing unless it is volatile. */
async function narrow(client: PoolClient, routine: Routine): Promise<void> {
  if (routine.statementTimeout !== null) {
    await client.query("select set_config('statement_timeout', $1, true)", [routine.statementTimeout]);
  }
  if (routine.readOnly) await client.query("set local transaction_read_only = on");
}

function answer(request: Request, call: RpcCall, routine: Routine, row: CallRow): Response {
  if (call.single && routine.returnsSet && row.rows !== "1") throw notSingular(Number(row.rows));
  const headers = chosenHeaders(row.response_headers);
  const status = chosenStatus(row.response_status);
  if (routine.returns === "void") {
    return textResponse(status ?? 204, status === undefined ? null : "", headers);
  }
  const single = call.single && routine.returnsSet;
  const body = single ? onlyElement(row.body!) : row.body ?? "null";
  const type = call.single
    ? { "content-type": "application/vnd.pgrst.object+json; charset=utf-8" }
    : undefined;
  const all = { ...type, "content-range": rangeOf(row), ...headers };
  return textResponse(status ?? 200, request.method === "HEAD" ? null : body, all);
}

/** The server made an array with one element; its text without the brackets is that element. */
function onlyElement(array: string): string {
  return array.trim().slice(1, -1);
}

function rangeOf({ rows, total }: CallRow): string {
  const count = Number(rows);
  return `${count === 0 ? "*" : `0-${count - 1}`}/${total ?? "*"}`;
}

function chosenStatus(text: string | null): number | undefined {
  if (text === null) return undefined;
  const status = Number(text);
  if (Number.isInteger(status) && status >= 200 && status <= 599) return status;
  throw new RestError({
    status: 500,
    code: "PGRST112",
    message: "response.status guc must be a valid status code",
  });
}

function chosenHeaders(text: string | null): Record<string, string> {
  if (text === null) return {};
  try {
    const list: unknown = JSON.parse(text);
    const headers = new Headers();
    if (!Array.isArray(list)) throw new TypeError("not an array");
    for (const [name, value] of list.flatMap((entry: object) => Object.entries(entry))) {
      headers.append(name, String(value));
    }
    return Object.fromEntries(headers);
  } catch {
    throw new RestError({
      status: 500,
      code: "PGRST111",
      message:
        "response.headers guc must be a JSON array composed of objects with a single key and a string value",
    });
  }
}
