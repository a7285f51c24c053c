/**
 * The one address of the stack: `Request` in, `Response` out.
 *
 * It stands for the platform's gateway with what the library needs behind it: calls of database functions,
 * functions, and signing in. It needs no socket, so a test gives it to supabase-js as `global.fetch`. Whatever
 * a caller sends, the answer is a coded error and never an exception. Table end points and Realtime's socket
 * are not emulated, and the answer says so.
 *
 * @module
 */

import { type Clock, systemClock } from "../../supabase/functions/_shared/core/clock.ts";
import { createLogger, type Logger } from "../../supabase/functions/_shared/core/logger.ts";
import { messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import type { Pool } from "../../supabase/functions/_shared/postgres.ts";
import type { AuthServer } from "./auth.ts";
import { type CallerKeys, identify, refuseKey } from "./caller.ts";
import { type DashboardOptions, serveDashboard } from "./dashboardDoor.ts";
import { callFunction, type FunctionRunner } from "./functionDoor.ts";
import { jsonResponse, pathParts, preflightResponse } from "./http.ts";
import { invalidPath, notImplemented, type RestError } from "./restError.ts";
import { RoutineCatalog } from "./routines.ts";
import { callRpc, type RpcContext } from "./rpc.ts";

/** What the gateway stands in front of. */
export interface GatewayOptions {
  /** Connections as `authenticator`. */
  pool: Pool;
  keys: CallerKeys;
  auth?: AuthServer | undefined;
  functions?: FunctionRunner | undefined;
  /** The dashboard below `/dashboard/`. */
  dashboard?: DashboardOptions | undefined;
  /** Functions known to the REST door; give one to clear it when the database says `notify pgrst`. */
  catalog?: RoutineCatalog;
  /** Exposed schemas, the first is the default; `public` when left out. */
  schemas?: readonly string[];
  /** Longest set that a call returns; 1,000 rows when left out, as on the platform. */
  maxRows?: number;
  /** 8 MiB when left out. */
  maxBodyBytes?: number;
  /** By role; the platform's 3 s for anon and 8 s for everybody else when left out. */
  statementTimeouts?: Readonly<Record<string, string>>;
  clock?: Clock;
  logger?: Logger;
}

/** Answers any request. */
export type Gateway = (request: Request) => Promise<Response>;

const DEFAULT_TIMEOUTS: Readonly<Record<string, string>> = { anon: "3s", authenticated: "8s", "": "8s" };
const DEFAULT_MAX_BODY_BYTES = 8 * 1_024 * 1_024;

/** Makes the gateway. */
export function createGateway(options: GatewayOptions): Gateway {
  const clock = options.clock ?? systemClock;
  const logger = options.logger ?? createLogger("gateway");
  const rpc: RpcContext = {
    pool: options.pool,
    catalog: options.catalog ?? new RoutineCatalog(),
    schemas: options.schemas ?? ["public"],
    maxRows: options.maxRows ?? 1_000,
    maxBodyBytes: options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
    statementTimeouts: options.statementTimeouts ?? DEFAULT_TIMEOUTS,
  };
  return async function gateway(request) {
    try {
      return await route(request, options, rpc, clock);
    } catch (error) {
      logger.error("a request failed inside the gateway", { error: messageOf(error) });
      const message = "The request failed inside the local gateway.";
      return jsonResponse(500, { code: "INTERNAL", message, details: null, hint: "Read the stack's log." });
    }
  };
}

async function route(
  request: Request,
  options: GatewayOptions,
  rpc: RpcContext,
  clock: Clock,
): Promise<Response> {
  const parts = pathParts(new URL(request.url).pathname);
  const [door, version, ...rest] = parts ?? [];
  if (door === "dashboard" && options.dashboard !== undefined) {
    return await serveDashboard(request, parts!.slice(1).join("/"), options.dashboard);
  }
  if (version !== "v1") return invalidPath().toResponse();
  if (door === "functions") {
    const door = { runner: options.functions, keys: options.keys, maxBodyBytes: rpc.maxBodyBytes, clock };
    return await callFunction(request, rest[0] ?? "", door);
  }
  if (request.method === "OPTIONS") return preflightResponse();
  if (door === "auth" && options.auth !== undefined) {
    const refusal = refuseKey(request, options.keys);
    return refusal ?? await options.auth.handle(request, rest.join("/"));
  }
  return door === "rest" ? await restDoor(request, rest, options.keys, rpc, clock) : unknownDoor();
}

async function restDoor(
  request: Request,
  [kind, name, ...more]: string[],
  keys: CallerKeys,
  rpc: RpcContext,
  clock: Clock,
): Promise<Response> {
  const identified = await identify(request, keys, clock.now());
  if (identified.kind === "refused") return identified.response;
  if (kind !== undefined && kind !== "rpc") return noTables(kind).toResponse();
  if (name === undefined || more.length > 0) return invalidPath().toResponse();
  return await callRpc(request, name, identified.caller, rpc);
}

function noTables(name: string): RestError {
  return notImplemented(
    `The local stack has no end point for the table "${name}".`,
    "Call a function (/rest/v1/rpc), or read the table through SQL.",
  );
}

function unknownDoor(): Response {
  return jsonResponse(404, {
    code: "NOT_FOUND",
    message: "The local stack has nothing at this address",
    details: null,
    hint: "It answers below /rest/v1/rpc, /functions/v1 and /auth/v1.",
  });
}
