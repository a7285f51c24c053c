/**
 * The door to the functions: who may call, and what the platform answers when a function cannot.
 *
 * Functions answer browsers themselves, so their answers pass unchanged; only what is said in their place
 * carries cross-origin headers and names itself in `sb-error-code`.
 *
 * @module
 */

import type { Clock } from "../../supabase/functions/_shared/core/clock.ts";
import { bearerToken, type CallerKeys, roleOfKey } from "./caller.ts";
import type { FunctionCall } from "./functionCall.ts";
import { type FunctionFault, functionFault } from "./functionFault.ts";
import { readBody } from "./http.ts";
import { type JwtRefusal, verifyJwt } from "./jwt.ts";

/** Runs functions; the door only decides who gets to them. */
export interface FunctionRunner {
  /** How a function is to be guarded; undefined when there is no such function. */
  settingsOf(name: string): Promise<{ verifyJwt: boolean } | undefined>;
  /** Lets the function answer. */
  call(name: string, call: FunctionCall): Promise<Response>;
}

/** What {@link callFunction} needs. */
export interface FunctionDoorOptions {
  runner: FunctionRunner | undefined;
  keys: CallerKeys;
  maxBodyBytes: number;
  clock: Clock;
}

/** Checks the caller as `verify_jwt` asks, then lets the function answer. */
export async function callFunction(
  request: Request,
  name: string,
  { runner, keys, maxBodyBytes, clock }: FunctionDoorOptions,
): Promise<Response> {
  const settings = await runner?.settingsOf(name);
  if (runner === undefined || settings === undefined) return functionFault("NOT_FOUND");
  // A browser's preflight never carries a token.
  if (settings.verifyJwt && request.method !== "OPTIONS") {
    const code = await faultOfCaller(request, keys, clock.now());
    if (code !== undefined) return functionFault(code);
  }
  const body = request.body === null ? null : await readBody(request, maxBodyBytes);
  if (body === undefined) return functionFault("PAYLOAD_TOO_LARGE");
  // Not the request's signal: a function goes on when its caller has left, and a stream notices by itself.
  const { method, headers } = request;
  return await runner.call(name, { url: new URL(request.url), method, headers, body });
}

/** Keys of the project pass on either header; anything else on `authorization` must be a valid token. */
async function faultOfCaller(
  request: Request,
  keys: CallerKeys,
  nowMs: number,
): Promise<FunctionFault | undefined> {
  const token = bearerToken(request);
  const apiKey = request.headers.get("apikey");
  const hasKey = apiKey !== null && roleOfKey(apiKey, keys) !== undefined;
  if (token === undefined) return hasKey ? undefined : "UNAUTHORIZED_NO_AUTH_HEADER";
  if (roleOfKey(token, keys) !== undefined || (token.startsWith("sb_") && hasKey)) return undefined;
  const verdict = await verifyJwt(token, keys.jwtSecret, nowMs);
  return verdict.ok ? undefined : faultOfRefusal(verdict.refusal);
}

function faultOfRefusal(refusal: JwtRefusal): FunctionFault {
  switch (refusal.kind) {
    case "malformed":
      return "UNAUTHORIZED_INVALID_JWT_FORMAT";
    case "algorithm":
      return /^(RS|ES|PS|EdDSA)/.test(refusal.algorithm)
        ? "UNAUTHORIZED_ASYMMETRIC_JWT"
        : "UNAUTHORIZED_UNSUPPORTED_TOKEN_ALGORITHM";
    default:
      return "UNAUTHORIZED_LEGACY_JWT";
  }
}
