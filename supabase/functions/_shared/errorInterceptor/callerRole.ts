/** Under which role a request may be made again: only under one that needs nobody's token. @module */

import { matchesAnySecret } from "../core/secrets.ts";
import type { PlatformSettings } from "../core/settings.ts";

/**
 * `service_role` for a request with a secret key, `anon` for one with none or only the public key, and null for one
 * with a person's token: the token is never kept, and another identity would be another request.
 */
export async function replayableRole(
  headers: Headers,
  settings: PlatformSettings,
): Promise<"anon" | "service_role" | null> {
  const bearer = headers.get("authorization")?.replace(/^Bearer\s+/i, "");
  const presented = [headers.get("apikey"), bearer].filter((key) => Boolean(key));
  let role: "anon" | "service_role" = "anon";
  for (const key of presented) {
    if (await matchesAnySecret(key, settings.machineKeys)) role = "service_role";
    else if (key !== settings.publishableKey) return null;
  }
  return role;
}
