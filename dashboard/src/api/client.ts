/** The project as the dashboard reaches it: signing in, and calls of database functions. @module */

import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { DashboardConfig } from "./config.ts";
import { makeVisible } from "./makeVisible.ts";

/** What went wrong with a call, for a person. */
export class CallError extends Error {
  override readonly name = "CallError";
  constructor(
    readonly kind: "offline" | "signedOut" | "notAdmin" | "refused",
    message: string,
    readonly code: string,
    readonly hint: string | undefined,
  ) {
    super(message);
  }
}

/** A client whose sign-in lasts for this browser. */
export function openClient(
  { supabaseUrl, publishableKey }: DashboardConfig,
): SupabaseClient {
  return createClient(supabaseUrl, publishableKey, {
    auth: {
      persistSession: true,
      autoRefreshToken: true,
      detectSessionInUrl: false,
      storageKey: "healing-dashboard",
    },
  });
}

/** Calls a database function; throws a {@link CallError}. */
export async function callRpc<T>(
  client: SupabaseClient,
  name: string,
  args: Record<string, unknown> = {},
): Promise<T> {
  const { data, error, status } = await client.rpc(name, args);
  if (error === null) return makeVisible(data) as T;
  throw toCallError(status, error);
}

interface RpcFailure {
  message: string;
  code?: string;
  hint?: string | null;
}

function toCallError(
  status: number,
  { message, code = "", hint }: RpcFailure,
): CallError {
  const way = hint ?? undefined;
  // supabase-js answers with status 0 when nothing answered.
  if (status === 0 || status === 502 || status === 503 || status === 504) {
    return new CallError(
      "offline",
      "The backend does not answer.",
      code,
      undefined,
    );
  }
  if (status === 401 || /jwt/i.test(message)) {
    return new CallError("signedOut", message, code, way);
  }
  // What the database refuses to somebody who is no admin.
  if (code === "PT403" || code === "42501") {
    return new CallError("notAdmin", message, code, way);
  }
  return new CallError("refused", message, code, way);
}
