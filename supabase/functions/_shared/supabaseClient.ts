/** The adapter of supabase-js: everything else imports it from here. @module */

import { createClient, type SupabaseClient } from "npm:@supabase/supabase-js@2.119.0";
import { toDatabaseError } from "./core/databaseErrors.ts";
import { HealingError } from "./core/errors.ts";
import type { RpcPort } from "./core/ports.ts";
import type { PlatformSettings } from "./core/settings.ts";

export { createClient, type SupabaseClient };

/** A client for servers: it stores no session and refreshes nothing. */
export function createServerClient(url: string, key: string, request?: typeof fetch): SupabaseClient {
  return createClient(url, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    ...(request === undefined ? {} : { global: { fetch: request } }),
  });
}

/** The project's SQL functions with the service role; throws `CONFIG_MISSING` without an address or a secret key. */
export function createServiceRpc(settings: PlatformSettings): RpcPort {
  const [key] = settings.secretKeys;
  if (settings.url === undefined || key === undefined) {
    throw new HealingError(
      "CONFIG_MISSING",
      "The database cannot be reached as SUPABASE_URL or a secret key is not set",
    );
  }
  return rpcOverHttp(createServerClient(settings.url, key));
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
