/** Tokens signed with a key pair, as a project with asymmetric keys issues them. @module */

/** A key pair that signs tokens, with its public half as a key set holds it. */
export interface TokenSigner {
  publicKey: JsonWebKey & { kid: string };
  sign(claims: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** Makes a key pair of its own, known by `kid`. */
export async function createTokenSigner(kid = "key-1"): Promise<TokenSigner> {
  const pair = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const publicKey = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return {
    publicKey: { ...publicKey, kid, alg: "ES256", use: "sig" },
    async sign(claims, header = {}) {
      const signed = `${encode({ alg: "ES256", kid, typ: "JWT", ...header })}.${encode(claims)}`;
      const signature = await crypto.subtle.sign(
        ALGORITHM,
        pair.privateKey,
        new TextEncoder().encode(signed),
      );
      return `${signed}.${base64Url(String.fromCharCode(...new Uint8Array(signature)))}`;
    },
  };
}

function encode(value: unknown): string {
  return base64Url(unescape(encodeURIComponent(JSON.stringify(value))));
}

function base64Url(binary: string): string {
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
