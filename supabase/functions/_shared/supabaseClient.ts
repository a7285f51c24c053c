/** The adapter of supabase-js: everything else imports it from here. @module */

import { createClient, type SupabaseClient } from "npm:@supabase/supabase-js@2.119.0";
import { toDatabaseError } from "./core/databaseErrors.ts";
import { HealingError } from "./core/errors.ts";
import type { RpcPort } from "./core/ports.ts";
import type { PlatformSettings } from "./core/settings.ts";
import { tracedFetch } from "./tracing.ts";

export { createClient, type SupabaseClient };

const NO_SESSION = { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false };

/** A client for servers: it stores no session and refreshes nothing. */
export function createServerClient(url: string, key: string, request?: typeof fetch): SupabaseClient {
  return createClient(url, key, {
    auth: NO_SESSION,
    global: { fetch: tracedFetch(request) },
  });
}

/** The project's SQL functions with the service role; throws `CONFIG_MISSING` without an address or a secret key. */
export function createServiceRpc(settings: PlatformSettings): RpcPort {
  return rpcOverHttp(createServiceClient(settings));
}

/** The project's SQL functions with the rights of whoever sent the request; throws `CONFIG_MISSING` without an address or a public key. */
export function createCallerRpc(settings: PlatformSettings, request: Request): RpcPort {
  return rpcOverHttp(createCallerClient(settings, request));
}

/** A client with the rights of whoever sent the request; throws `CONFIG_MISSING` without an address or a public key. */
export function createCallerClient(
  settings: PlatformSettings,
  request: Request,
  send?: typeof fetch,
): SupabaseClient {
  const { url, publishableKey } = settings;
  if (url === undefined || publishableKey === undefined) {
    throw new HealingError(
      "CONFIG_MISSING",
      "The database cannot be reached as SUPABASE_URL or the public key is not set",
    );
  }
  const authorization = request.headers.get("authorization");
  return createClient(url, publishableKey, {
    auth: NO_SESSION,
    global: { fetch: tracedFetch(send), headers: authorization === null ? {} : { authorization } },
  });
}

/** A client with the service role; throws `CONFIG_MISSING` without an address or a secret key. */
export function createServiceClient(settings: PlatformSettings, send?: typeof fetch): SupabaseClient {
  const [key] = settings.secretKeys;
  if (settings.url === undefined || key === undefined) {
    throw new HealingError(
      "CONFIG_MISSING",
      "The database cannot be reached as SUPABASE_URL or a secret key is not set",
    );
  }
  return createServerClient(settings.url, key, send);
}

/** Our SQL functions over HTTP. */
export function rpcOverHttp(client: SupabaseClient): RpcPort {
  return {
    async call<Result>(name: string, args: Record<string, unknown>): Promise<Result> {
      const { data, error, status } = await client.rpc(name, args);
      if (error === null) return data as Result;
      // Without an answer of the database there is no code: the network failed, or a proxy spoke.
      if (error.code) throw toDatabaseError(error);
      throw new HealingError(
        "UNAVAILABLE",
        `The database did not answer: ${error.message || `status ${status}`}`,
        {
          cause: error,
        },
      );
    },
  };
}
