/**
 * Says who sends a request, where nothing else has checked it: on a direct connection no API stands between a token
 * and the database.
 *
 * A token is believed only when its signature is that of the project's keys, its times hold, and its role is one of
 * the platform's three. What the platform hands out as a key (publishable or secret) stands for its role. Without
 * either, the caller is nobody: `anon`.
 *
 * @module
 */

import { HealingError, isHealingError } from "./core/errors.ts";
import type { Json } from "./core/ports.ts";
import { matchesAnySecret } from "./core/secrets.ts";
import type { PlatformSettings } from "./core/settings.ts";
import { type ReadKeySet, readKeySet } from "./callerToken/keySet.ts";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors as joseErrors,
  jwtVerify,
  type JWTVerifyGetKey,
} from "npm:jose@6.2.18";

/** A role that a request can have. */
export type CallerRole = "anon" | "authenticated" | "service_role";

/** Who calls, as the database's own functions see it. */
export interface CallerIdentity {
  role: CallerRole;
  /** What the token says; policies read it through `auth.jwt()`. */
  claims: Record<string, Json>;
}

/** What of the project's settings is needed to check a token. */
export type TokenSettings = Pick<
  PlatformSettings,
  "url" | "publishableKey" | "secretKeys" | "jwks" | "jwtSecret"
>;

/** What a test brings along. */
export interface TokenOptions {
  /** The time against which a token's times are held; now. */
  now?: Date;
}

const LONGEST_TOKEN = 16_384;
/** Clocks differ; the platform forgives as much. */
const SKEW_SECONDS = 30;
const ASYMMETRIC = ["ES256", "RS256", "EdDSA"];
const ROLES: ReadonlySet<unknown> = new Set<CallerRole>(["anon", "authenticated", "service_role"]);

/**
 * Reads who sends a request; rejects with `UNAUTHORIZED` for a token that is not the project's or not valid now, with
 * `FORBIDDEN` for a role that is none of the three, with `CONFIG_MISSING` when there is nothing to check it with.
 *
 * @example
 * ```ts
 * import { readSettings } from "./core/settings.ts";
 * import { identifyCaller } from "./callerToken.ts";
 *
 * const nobody = await identifyCaller(new Headers(), readSettings({ get: () => undefined }));
 * if (nobody.role !== "anon") throw new Error("unexpected");
 * ```
 */
export async function identifyCaller(
  headers: Headers,
  settings: TokenSettings,
  options: TokenOptions = {},
): Promise<CallerIdentity> {
  const bearer = /^bearer\s+(\S+)\s*$/i.exec(headers.get("authorization") ?? "")?.[1];
  for (const key of [bearer, headers.get("apikey")]) {
    if (await matchesAnySecret(key, settings.secretKeys)) return plain("service_role");
  }
  if (bearer === undefined || bearer === settings.publishableKey) return plain("anon");
  // An opaque key is no token; one that is not the project's own proves nothing, and claims nothing either.
  if (bearer.startsWith("sb_")) throw refused("The key is not one of the project's");
  return await identityOf(bearer, settings, options.now ?? new Date());
}

function plain(role: CallerRole): CallerIdentity {
  return { role, claims: { role } };
}

async function identityOf(token: string, settings: TokenSettings, now: Date): Promise<CallerIdentity> {
  if (token.length > LONGEST_TOKEN) throw refused("The token is longer than any of the project's");
  const claims = await verify(token, settings, now);
  const role = claims.role;
  if (!ROLES.has(role)) {
    throw new HealingError("FORBIDDEN", "The token's role is none that may act here", {
      hint: "Use a token of the project's sign-in: its role is authenticated or anon",
    });
  }
  return { role: role as CallerRole, claims: claims as Record<string, Json> };
}

async function verify(token: string, settings: TokenSettings, now: Date): Promise<Record<string, unknown>> {
  const keys = readKeySet(settings.jwks);
  const times = { currentDate: now, clockTolerance: SKEW_SECONDS, requiredClaims: ["exp"] };
  try {
    // The header only chooses between kinds of keys; which algorithms a kind may be used with stands here.
    if (decodeProtectedHeader(token).alg === "HS256") {
      return await verifyWithSecret(token, sharedSecrets(keys, settings), times);
    }
    const found = await jwtVerify(token, keyFinder(keys, settings), { ...times, algorithms: ASYMMETRIC });
    return found.payload;
  } catch (cause) {
    throw isHealingError(cause) ? cause : refused("The token is not valid", cause);
  }
}

async function verifyWithSecret(
  token: string,
  secrets: readonly Uint8Array[],
  times: { currentDate: Date; clockTolerance: number; requiredClaims: string[] },
): Promise<Record<string, unknown>> {
  if (secrets.length === 0) throw nothingToCheckWith();
  let reason: unknown;
  for (const secret of secrets) {
    try {
      return (await jwtVerify(token, secret, { ...times, algorithms: ["HS256"] })).payload;
    } catch (error) {
      reason = error;
    }
  }
  throw reason;
}

function sharedSecrets({ secrets }: ReadKeySet, { jwtSecret }: TokenSettings): Uint8Array[] {
  return jwtSecret === undefined ? secrets : [...secrets, new TextEncoder().encode(jwtSecret)];
}

const publishedSets = new Map<string, JWTVerifyGetKey>();

/** The keys that came with the environment; those that the project publishes when there are none. */
function keyFinder({ publicKeys }: ReadKeySet, { url }: TokenSettings): JWTVerifyGetKey {
  if (publicKeys.length > 0) return createLocalJWKSet({ keys: publicKeys });
  if (url === undefined) throw nothingToCheckWith();
  let published = publishedSets.get(url);
  if (published === undefined) publishedSets.set(url, published = publishedKeys(url));
  return published;
}

function publishedKeys(url: string): JWTVerifyGetKey {
  const set = createRemoteJWKSet(new URL(`${url}/auth/v1/.well-known/jwks.json`));
  return async (...token) => {
    try {
      return await set(...token);
    } catch (cause) {
      // No key for this token is an answer; anything else means that the keys could not be read.
      if (cause instanceof joseErrors.JWKSNoMatchingKey) throw cause;
      throw new HealingError("UNAVAILABLE", "The token could not be checked", { hint: "Try again", cause });
    }
  };
}

function refused(why: string, cause?: unknown): HealingError {
  return new HealingError("UNAUTHORIZED", why, { hint: "Sign in again", cause });
}

function nothingToCheckWith(): HealingError {
  return new HealingError("CONFIG_MISSING", "Tokens cannot be checked as no key of the project is known", {
    hint: "Set SUPABASE_JWKS, or JWT_SECRET for a project whose tokens are signed with a shared secret",
  });
}
