/**
 * JSON Web Tokens signed with HS256, as the platform's own tokens of the local stack are.
 *
 * Only HS256 is ever accepted: a token chooses its algorithm itself, so a verifier that listens to it can be
 * talked into `none`.
 *
 * @module
 */

import { isRecord } from "../../supabase/functions/_shared/core/unknownValues.ts";

/** What a token says. */
export interface JwtClaims {
  role?: unknown;
  sub?: unknown;
  exp?: unknown;
  nbf?: unknown;
  iat?: unknown;
  [claim: string]: unknown;
}

/** Why a token was not accepted. */
export type JwtRefusal =
  | { kind: "malformed"; parts: number }
  | { kind: "algorithm"; algorithm: string }
  | { kind: "signature" }
  | { kind: "claims"; message: string };

/** The verdict on a token. */
export type JwtVerdict = { ok: true; claims: JwtClaims } | { ok: false; refusal: JwtRefusal };

/** PostgREST and the platform's auth server forgive clocks that differ by this much. */
const ALLOWED_SKEW_SECONDS = 30;

const encoder = new TextEncoder();
const keysBySecret = new Map<string, Promise<CryptoKey>>();

/** Signs claims with HS256. */
export async function signJwt(claims: JwtClaims, secret: string): Promise<string> {
  const signed = `${encodePart({ alg: "HS256", typ: "JWT" })}.${encodePart(claims)}`;
  const signature = await crypto.subtle.sign("HMAC", await keyOf(secret), encoder.encode(signed));
  return `${signed}.${encodeBytes(new Uint8Array(signature))}`;
}

/** Checks form, algorithm, signature and times of a token, in this order. */
export async function verifyJwt(token: string, secret: string, nowMs: number): Promise<JwtVerdict> {
  const parts = token.split(".");
  const [head, body, signature] = parts;
  if (parts.length !== 3) return refuse({ kind: "malformed", parts: parts.length });
  const header = decodePart(head!);
  const signatureBytes = decodeBytes(signature!);
  if (header === undefined || typeof header.alg !== "string" || signatureBytes === undefined) {
    return refuse({ kind: "malformed", parts: 3 });
  }
  if (header.alg !== "HS256") return refuse({ kind: "algorithm", algorithm: header.alg });
  const signed = encoder.encode(`${head}.${body}`);
  if (!await crypto.subtle.verify("HMAC", await keyOf(secret), signatureBytes, signed)) {
    return refuse({ kind: "signature" });
  }
  const claims = decodePart(body!);
  if (claims === undefined) return refuse({ kind: "claims", message: "Parsing claims failed" });
  const message = faultOfTimes(claims, nowMs);
  return message === undefined ? { ok: true, claims } : refuse({ kind: "claims", message });
}

function refuse(refusal: JwtRefusal): JwtVerdict {
  return { ok: false, refusal };
}

function faultOfTimes(claims: JwtClaims, nowMs: number): string | undefined {
  for (const name of ["exp", "nbf", "iat"]) {
    const value = claims[name];
    if (value !== undefined && value !== null && typeof value !== "number") {
      return `The JWT '${name}' claim must be a number`;
    }
  }
  const now = Math.floor(nowMs / 1_000);
  if (typeof claims.exp === "number" && now - ALLOWED_SKEW_SECONDS > claims.exp) return "JWT expired";
  if (typeof claims.nbf === "number" && now + ALLOWED_SKEW_SECONDS < claims.nbf) return "JWT not yet valid";
  if (typeof claims.iat === "number" && now + ALLOWED_SKEW_SECONDS < claims.iat) {
    return "JWT issued at future";
  }
  return undefined;
}

function keyOf(secret: string): Promise<CryptoKey> {
  let key = keysBySecret.get(secret);
  if (key === undefined) {
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    key = crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign", "verify"]);
    keysBySecret.set(secret, key);
  }
  return key;
}

function encodePart(value: object): string {
  return encodeBytes(encoder.encode(JSON.stringify(value)));
}

function encodeBytes(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function decodeBytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  // atob forgives white space and padding, a token must not have them.
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return undefined;
  try {
    return Uint8Array.from(
      atob(text.replaceAll("-", "+").replaceAll("_", "/")),
      (char) => char.charCodeAt(0),
    );
  } catch {
    return undefined;
  }
}

function decodePart(text: string): JwtClaims | undefined {
  const bytes = decodeBytes(text);
  if (bytes === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return isRecord(value) ? value as JwtClaims : undefined;
  } catch {
    return undefined;
  }
}
