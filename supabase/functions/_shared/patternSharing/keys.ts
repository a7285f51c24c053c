/** Ed25519 keys as text, and signatures by them. @module */

import { HealingError } from "../core/errors.ts";

/** A key pair as it is kept: the private half in the environment or in Vault, never in a row. */
export interface PatternKey {
  /** `ed25519:` and the public key, base64url: what others add to their setting `trusted_pattern_keys`. */
  publicKey: string;
  /** PKCS #8, base64url. */
  privateKey: string;
}

const ALGORITHM = "Ed25519";
const PREFIX = "ed25519:";
const PUBLIC_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** Makes a key pair for a project that shares its patterns. */
export async function createPatternKey(): Promise<PatternKey> {
  const pair = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]) as CryptoKeyPair;
  const [publicKey, privateKey] = await Promise.all([
    crypto.subtle.exportKey("raw", pair.publicKey),
    crypto.subtle.exportKey("pkcs8", pair.privateKey),
  ]);
  return { publicKey: PREFIX + toBase64Url(publicKey), privateKey: toBase64Url(privateKey) };
}

/** The public key of a private one. */
export async function publicKeyOf(privateKey: string): Promise<string> {
  const { x } = await crypto.subtle.exportKey("jwk", await readPrivateKey(privateKey));
  return PREFIX + x;
}

/** Signs a text. */
export async function signText(text: string, privateKey: string): Promise<string> {
  const key = await readPrivateKey(privateKey);
  return toBase64Url(await crypto.subtle.sign(ALGORITHM, key, new TextEncoder().encode(text)));
}

/** True when the text was signed with the private half of that key; false for whatever is no key or no signature. */
export async function isSignedBy(text: string, signature: string, publicKey: string): Promise<boolean> {
  const raw = publicKey.startsWith(PREFIX) ? fromBase64Url(publicKey.slice(PREFIX.length)) : null;
  const bytes = fromBase64Url(signature);
  if (raw?.length !== PUBLIC_BYTES || bytes?.length !== SIGNATURE_BYTES) return false;
  const key = await crypto.subtle.importKey("raw", raw, ALGORITHM, false, ["verify"]);
  return await crypto.subtle.verify(ALGORITHM, key, bytes, new TextEncoder().encode(text));
}

async function readPrivateKey(privateKey: string): Promise<CryptoKey> {
  const bytes = fromBase64Url(privateKey);
  try {
    if (bytes === null) throw new TypeError("it is not base64url");
    return await crypto.subtle.importKey("pkcs8", bytes, ALGORITHM, true, ["sign"]);
  } catch (cause) {
    // The key itself must not get into a message.
    throw new HealingError("CONFIG_MISSING", "The private key for shared patterns cannot be read", {
      hint: "Use the privateKey that createPatternKey() gives",
      cause,
    });
  }
}

function toBase64Url(buffer: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Null for a text that is none, or longer than any key. */
function fromBase64Url(text: string): ReturnType<TextEncoder["encode"]> | null {
  if (!/^[A-Za-z0-9_-]{1,400}$/.test(text) || text.length % 4 === 1) return null;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
