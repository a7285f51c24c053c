/**
 * What the platform tells a function through its environment, read once and without guessing.
 *
 * A secret that is unset or too short to be one is left out, so that it can never match anything.
 *
 * @module
 */

/** Reads one variable; `Deno.env` is one. */
export interface Environment {
  get(name: string): string | undefined;
}

/** What is known of the project that this code runs in. */
export interface PlatformSettings {
  /** The project's address without a trailing slash. */
  url: string | undefined;
  /** The key that every client may know. */
  publishableKey: string | undefined;
  /** Keys with the service role, the preferred one first. */
  secretKeys: readonly string[];
  /** What a scheduler or another function may present: the secret keys and `CRON_SECRET`. */
  machineKeys: readonly string[];
  /** The direct connection, as the project's `postgres` role. */
  databaseUrl: string | undefined;
  /** The keys that people's tokens are signed with, as a JSON Web Key Set; its text, not yet read. */
  jwks?: string | undefined;
  /** The shared secret that older tokens are signed with. */
  jwtSecret?: string | undefined;
}

const SHORTEST_SECRET = 16;

/** Reads the settings; never throws, and leaves out what is missing. */
export function readSettings(env: Environment = Deno.env): PlatformSettings {
  const secretKeys = usable([
    ...namedKeys(env.get("SUPABASE_SECRET_KEYS")),
    env.get("SUPABASE_SERVICE_ROLE_KEY"),
  ]);
  return {
    url: env.get("SUPABASE_URL")?.replace(/\/+$/, "") || undefined,
    publishableKey: namedKeys(env.get("SUPABASE_PUBLISHABLE_KEYS"))[0] ??
      (env.get("SUPABASE_ANON_KEY") || undefined),
    secretKeys,
    machineKeys: usable([...secretKeys, env.get("CRON_SECRET")]),
    databaseUrl: env.get("SUPABASE_DB_URL") || undefined,
    jwks: env.get("SUPABASE_JWKS") || undefined,
    jwtSecret: usable([env.get("JWT_SECRET")])[0],
  };
}

/** The platform's newer keys come as one JSON object, name → key, with `default` first. */
function namedKeys(json: string | undefined): string[] {
  try {
    const keys: unknown = JSON.parse(json ?? "{}");
    if (typeof keys !== "object" || keys === null) return [];
    return Object.entries(keys)
      .sort(([a], [b]) => Number(b === "default") - Number(a === "default"))
      .flatMap(([, key]) => typeof key === "string" && key !== "" ? [key] : []);
  } catch {
    return [];
  }
}

function usable(secrets: readonly (string | undefined)[]): string[] {
  return secrets.filter((secret) =>
    secret !== undefined && secret.trim().length >= SHORTEST_SECRET
  ) as string[];
}
