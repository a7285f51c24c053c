/**
 * Who calls: the key on `apikey` says which project, the token on `authorization` says who.
 *
 * Opaque keys (`sb_publishable_…`, `sb_secret_…`) stand for a role. The legacy keys are tokens themselves. A
 * client without a signed-in user repeats its key on `authorization`, where an opaque key is not a token.
 *
 * @module
 */

import { jsonResponse } from "./http.ts";
import { type JwtClaims, verifyJwt } from "./jwt.ts";
import type { StackKeys } from "./keys.ts";
import { invalidToken } from "./restError.ts";

/** The keys that callers may show. */
export type CallerKeys = Pick<
  StackKeys,
  "publishable" | "secret" | "anonJwt" | "serviceRoleJwt" | "jwtSecret"
>;

/** Whoever calls, as the database will see it. */
export interface Caller {
  role: string;
  claims: JwtClaims;
}

/** The caller, or the answer that refuses. */
export type Identified = { kind: "caller"; caller: Caller } | { kind: "refused"; response: Response };

/** Finds out who calls the REST door. */
export async function identify(request: Request, keys: CallerKeys, nowMs: number): Promise<Identified> {
  const refusal = refuseKey(request, keys);
  if (refusal !== undefined) return { kind: "refused", response: refusal };
  const keyRole = roleOfKey(apiKeyOf(request)!, keys)!;
  const token = bearerToken(request);
  if (token !== undefined && roleOfKey(token, keys) === undefined) {
    return await callerOfToken(token, keys, nowMs);
  }
  // An opaque key on `authorization` only repeats `apikey`; a legacy key there is a token and decides.
  const role = (token === undefined ? undefined : legacyRole(token, keys)) ?? keyRole;
  return { kind: "caller", caller: { role, claims: { iss: "supabase-local", ref: "local", role } } };
}

/** The platform's answer to a missing or unknown key; undefined when the key is one of ours. */
export function refuseKey(request: Request, keys: CallerKeys): Response | undefined {
  const apiKey = apiKeyOf(request);
  if (apiKey === undefined) {
    return refusal("No API key found in request", "No `apikey` request header or url param was found.");
  }
  if (roleOfKey(apiKey, keys) === undefined) {
    return refusal("Invalid API key", "Double check your Supabase `anon` or `service_role` API key.");
  }
  if (apiKey === keys.secret && /^Mozilla\//.test(request.headers.get("user-agent") ?? "")) {
    return refusal(
      "Forbidden use of secret API key in browser",
      "Secret API keys can only be used in a protected environment and should never be used in a browser.",
    );
  }
  return undefined;
}

function apiKeyOf(request: Request): string | undefined {
  return request.headers.get("apikey") || new URL(request.url).searchParams.get("apikey") || undefined;
}

/** The token on `authorization`, without its scheme; undefined when there is none. */
export function bearerToken(request: Request): string | undefined {
  const match = /^bearer\s+(\S+)\s*$/i.exec(request.headers.get("authorization") ?? "");
  return match?.[1];
}

/** The role that a key of this stack stands for; undefined for anything else. */
export function roleOfKey(key: string, keys: CallerKeys): string | undefined {
  if (key === keys.publishable) return "anon";
  if (key === keys.secret) return "service_role";
  return legacyRole(key, keys);
}

function legacyRole(key: string, keys: CallerKeys): string | undefined {
  if (key === keys.anonJwt) return "anon";
  if (key === keys.serviceRoleJwt) return "service_role";
  return undefined;
}

async function callerOfToken(token: string, keys: CallerKeys, nowMs: number): Promise<Identified> {
  const verdict = await verifyJwt(token, keys.jwtSecret, nowMs);
  if (!verdict.ok) return { kind: "refused", response: invalidToken(verdict.refusal).toResponse() };
  const { role: claimed } = verdict.claims;
  const role = claimed === undefined
    ? "anon"
    : typeof claimed === "string"
    ? claimed
    : JSON.stringify(claimed);
  return { kind: "caller", caller: { role, claims: { ...verdict.claims, role } } };
}

function refusal(message: string, hint: string): Response {
  return jsonResponse(401, { message, hint });
}
