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

/** One model at one endpoint that speaks OpenAI's protocol. */
export interface AiTarget {
  model: string;
  /** The endpoint's address without a trailing slash, such as `https://api.openai.com/v1`. */
  baseUrl: string;
  apiKey: string;
}

/** The models that may be called, the preferred one first, and why others that were named may not. */
export interface AiSettings {
  targets: readonly AiTarget[];
  /** One sentence for each thing that is missing or left out; never a secret. */
  problems: readonly string[];
}

const OPENAI_URL = "https://api.openai.com/v1";
const MOST_FALLBACKS = 10;

/**
 * Reads `OPENAI_API_KEY`, `OPENAI_BASE_URL`, `OPENAI_MODEL` and `AI_FALLBACKS`; never throws.
 *
 * `AI_FALLBACKS` is a JSON list: a name is another model of the same endpoint, and
 * `{ "model", "baseUrl", "keyName" }` a model elsewhere, whose key stands in the variable `keyName`. A key never goes
 * to an endpoint that it was not set for.
 */
export function readAiSettings(env: Environment = Deno.env): AiSettings {
  const problems: string[] = [];
  const own = { baseUrl: env.get("OPENAI_BASE_URL") || OPENAI_URL, keyName: "OPENAI_API_KEY" };
  const wishes = [{ ...own, model: env.get("OPENAI_MODEL") ?? "" }];
  for (const wish of fallbacksIn(env.get("AI_FALLBACKS"), problems)) {
    if (typeof wish === "string") wishes.push({ ...own, model: wish });
    else wishes.push({ keyName: "", ...wish, baseUrl: wish.baseUrl ?? "", model: wish.model ?? "" });
  }
  const targets = wishes.flatMap(({ model, baseUrl, keyName }, index) => {
    const name = index === 0 ? "the model of OPENAI_MODEL" : `fallback ${index} of AI_FALLBACKS`;
    const [apiKey] = usable([/^[A-Z][A-Z0-9_]{2,80}$/.test(keyName) ? env.get(keyName) : undefined]);
    const url = endpointOf(baseUrl);
    const problem = whyUnusable(model, url, apiKey, index === 0 ? "OPENAI_API_KEY" : keyName);
    if (problem !== undefined) problems.push(`${name} is left out: ${problem}`);
    return problem === undefined ? [{ model, baseUrl: url!, apiKey: apiKey! }] : [];
  });
  return { targets, problems };
}

/** An address that a key may be sent to, without a trailing slash; undefined for any other. */
export function endpointOf(address: string): string | undefined {
  if (address.length > 500 || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  const isPlain = url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  const isSafe = url.protocol === "https:" || (url.protocol === "http:" && isNearby(url.hostname));
  // The address of a cloud's metadata is no model.
  const isLinkLocal = /^(?:169\.254\.|\[fe80:)/i.test(url.hostname);
  return isPlain && isSafe && !isLinkLocal ? url.href.replace(/\/+$/, "") : undefined;
}

/** Without TLS a key goes no further than this machine or its own network. */
function isNearby(host: string): boolean {
  return /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)[\d.]+$|^\[(?:::1|f[cd][0-9a-f:]+)\]$/.test(
    host,
  ) ||
    /^[a-z0-9-]+$|\.(?:local|internal|localhost)$/i.test(host);
}

function whyUnusable(
  model: string,
  url: string | undefined,
  apiKey: string | undefined,
  keyName: string,
): string | undefined {
  if (!/^[\x21-\x7e]{1,100}$/.test(model)) return "its model is not named";
  if (url === undefined) {
    return "its endpoint is no https address (http only in the own network) without a user";
  }
  if (apiKey === undefined) return `its key is not set: ${keyName || "name its variable in keyName"}`;
  return undefined;
}

interface FallbackWish {
  model?: string;
  baseUrl?: string;
  keyName?: string;
}

function fallbacksIn(json: string | undefined, problems: string[]): (string | FallbackWish)[] {
  if (!json) return [];
  try {
    const list: unknown = JSON.parse(json);
    if (Array.isArray(list) && list.length <= MOST_FALLBACKS && list.every(isWish)) return list;
  } catch {
    // Said below; the text itself may hold a secret.
  }
  problems.push(`AI_FALLBACKS is left out: it is no JSON list of at most ${MOST_FALLBACKS} fallbacks`);
  return [];
}

function isWish(value: unknown): value is string | FallbackWish {
  if (typeof value !== "object" || value === null) return typeof value === "string";
  return !Array.isArray(value) && Object.values(value).every((part) => typeof part === "string");
}
