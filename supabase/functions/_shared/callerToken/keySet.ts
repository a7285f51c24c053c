/** Reads the project's key set: public keys and shared secrets are used in different ways and must not meet. @module */

/** One key; the library that verifies with it checks its parts. */
export interface KeyOfSet {
  kty: string;
  k?: string;
}

/** The keys of a set, by the way in which they are used. */
export interface ReadKeySet {
  publicKeys: KeyOfSet[];
  /** Shared secrets. */
  secrets: Uint8Array[];
}

const SHORTEST_SECRET = 16;

/** Reads a JSON Web Key Set; what is no key is left out, and so is a secret that is too short to be one. */
export function readKeySet(text: string | undefined): ReadKeySet {
  const keys = keysOf(text);
  const secrets = keys.filter(({ kty }) => kty === "oct").map(({ k }) => bytesOf(k));
  return {
    publicKeys: keys.filter(({ kty }) => kty !== "oct"),
    secrets: secrets.filter((secret) => secret.length >= SHORTEST_SECRET),
  };
}

function keysOf(text: string | undefined): KeyOfSet[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text ?? "{}");
  } catch {
    return [];
  }
  // The platform's variable is a set; some tools pass its list of keys alone.
  const list = typeof parsed === "object" && parsed !== null && "keys" in parsed ? parsed.keys : parsed;
  return Array.isArray(list) ? list.filter(isKey) : [];
}

function isKey(value: unknown): value is KeyOfSet {
  return typeof value === "object" && value !== null && "kty" in value && typeof value.kty === "string";
}

function bytesOf(part: string | undefined): Uint8Array {
  try {
    return Uint8Array.from(
      atob((part ?? "").replaceAll("-", "+").replaceAll("_", "/")),
      (char) => char.charCodeAt(0),
    );
  } catch {
    return new Uint8Array();
  }
}
