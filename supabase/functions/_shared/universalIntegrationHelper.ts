/**
 * The front door for authors: one line gives a function everything that heals.
 *
 * What belongs to the isolate (breakers, what is known of tables, the log, the client of models) is made once and
 * shared by its requests; what belongs to the caller is made for each request, with the caller's own rights. Heavy
 * parts are loaded when they are first used: a function that only logs never loads the rest.
 *
 * @module
 */

import type { AiClient } from "./aiClient.ts";
import type { Logger } from "./core/logger.ts";
import { type PlatformSettings, readSettings } from "./core/settings.ts";
import type { PerformanceMonitor } from "./performanceMonitor.ts";
import { projectMonitor } from "./requestObserver.ts";
import type { ResilientDb } from "./resilientDbWrapper.ts";
import type { ResilientStorage } from "./resilientStorage.ts";
import type { SupabaseClient } from "./supabaseClient.ts";
import { isolateOf } from "./universalIntegrationHelper/isolate.ts";
import { lazyClient, lazyStorage } from "./universalIntegrationHelper/lazyClient.ts";
import { lazyDb } from "./universalIntegrationHelper/lazyDb.ts";
import { type ProtectedCall, protectedCall } from "./universalIntegrationHelper/protectedCall.ts";

export type { ProtectedCall, ProtectedCallOptions } from "./universalIntegrationHelper/protectedCall.ts";

/** Everything that heals, for one request. */
export interface EnterpriseInfrastructure {
  /** Writes that heal, with the caller's rights. */
  resilientDb: ResilientDb;
  /**
   * A client of supabase-js with the caller's rights whose calls of the REST interface heal; made with its first use. Keep
   * reads in `protectedDBCall`, for limits and a breaker.
   */
  supabase: () => Promise<SupabaseClient>;
  /** Files under any name, with the caller's rights. */
  resilientStorage: ResilientStorage;
  /** Any call of a model or of another service that may be made again: behind a shared breaker, a limit and retries. */
  protectedAICall: ProtectedCall;
  /**
   * Any call of the database. An answer of supabase-js that holds an error counts as a failure and is thrown, coded.
   * It is made again only where `effect` says that it may be.
   */
  protectedDBCall: ProtectedCall;
  /**
   * Any call that may have done its work although it failed, as that of another edge function: made again only where
   * `effect` says that it may be, with a key that the other side honours.
   */
  protectedFunctionCall: ProtectedCall;
  /** The models that the environment names; loaded with the first call. */
  ai: () => Promise<AiClient>;
  performanceMonitor: PerformanceMonitor;
  /** A log that outlives an outage of the database. */
  logger: Logger;
}

/** What may be said besides the request. */
export interface InfrastructureOptions {
  /** By default the function's name in the request's address. */
  functionName?: string;
  /** `service_role` writes without row level security; it is never taken from a request. */
  role?: "service_role";
  /** `true` asks a model what a key means when neither rules nor experience know; `false`. */
  asksModels?: boolean;
  /** A new access token of the same person for `supabase` and `resilientStorage`, where the function can get one. */
  refreshToken?: () => Promise<string | null>;
  settings?: PlatformSettings;
}

/**
 * Everything that heals, for one request.
 *
 * @example
 * ```ts
 * import { initializeEnterpriseInfrastructure } from "./universalIntegrationHelper.ts";
 *
 * async function handle(request: Request): Promise<Response> {
 *   const { resilientDb, logger } = await initializeEnterpriseInfrastructure(request);
 *   const { rows } = await resilientDb.insert("messages", { sender: "user", message: "Hello" });
 *   logger.info("stored", { rows });
 *   return Response.json({ rows });
 * }
 * console.assert(typeof handle === "function");
 * ```
 */
export function initializeEnterpriseInfrastructure(
  request: Request,
  options: InfrastructureOptions = {},
): Promise<EnterpriseInfrastructure> {
  const settings = options.settings ?? readSettings();
  const functionName = options.functionName ?? nameOf(request);
  const isolate = isolateOf(settings, functionName);
  const supabase = lazyClient(isolate, request, options);
  return Promise.resolve({
    resilientDb: lazyDb(isolate, request, options),
    supabase,
    resilientStorage: lazyStorage(isolate, supabase),
    protectedAICall: protectedCall(isolate, "ai", "read"),
    protectedDBCall: protectedCall(isolate, "database", "write"),
    protectedFunctionCall: protectedCall(isolate, "function", "write"),
    ai: () => isolate.ai(),
    performanceMonitor: projectMonitor(),
    logger: isolate.logger(),
  });
}

/** The platform's addresses end in the function's name, behind `/functions/v1/` or by itself. */
function nameOf(request: Request): string {
  const parts = new URL(request.url).pathname.split("/").filter((part) => part !== "");
  const name = parts[0] === "functions" ? parts[2] : parts[0];
  return name?.slice(0, 200) || "edge-function";
}
