/** What the platform puts into the environment of every function. @module */

import type { StackKeys } from "./keys.ts";

/** The platform's variables for functions of this stack; `secrets` cannot override them. */
export function functionEnvironment(
  keys: StackKeys,
  url: string,
  databaseUrl: string,
  secrets: Readonly<Record<string, string>> = {},
): Record<string, string> {
  // Tokens are signed with a shared secret here, so the key set holds that secret, as the CLI's local stack does.
  const jwk = { kty: "oct", alg: "HS256", k: base64Url(keys.jwtSecret) };
  return {
    ...secrets,
    SUPABASE_URL: url,
    SUPABASE_ANON_KEY: keys.anonJwt,
    SUPABASE_SERVICE_ROLE_KEY: keys.serviceRoleJwt,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishable }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secret }),
    SUPABASE_JWKS: JSON.stringify({ keys: [jwk] }),
    SUPABASE_DB_URL: databaseUrl,
    CRON_SECRET: keys.cronSecret,
  };
}

/** The secret is plain ASCII. */
function base64Url(text: string): string {
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
