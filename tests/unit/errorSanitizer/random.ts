/** Repeatable made-up characters, so that no sample in this repository is or looks like a real key. @module */

const ALPHABETS = {
  base62: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
  base64: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
  base64url: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
  capitals: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
  lower: "abcdefghijklmnopqrstuvwxyz0123456789",
  hex: "0123456789abcdef",
  digits: "0123456789",
} as const;

/** Which characters a made-up token has. */
export type Alphabet = keyof typeof ALPHABETS;

let state = 20_261_121;

/** The next number from 0 to 1, of a small linear congruential generator. */
function next(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
}

/** `length` characters of an alphabet. */
export function made(length: number, alphabet: Alphabet = "base62"): string {
  const letters = ALPHABETS[alphabet];
  return Array.from({ length }, () => letters[Math.floor(next() * letters.length)]).join("");
}

/** A JSON Web Token of made-up claims. */
export function madeJwt(claims: Record<string, unknown> = { role: "service_role", iss: "supabase" }): string {
  const part = (value: unknown) =>
    btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}.${made(43, "base64url")}`;
}

/** A card number with a right check digit. */
export function madeCard(prefix: string, length: number): string {
  const body = prefix + made(length - prefix.length - 1, "digits");
  let sum = 0;
  for (let index = 0; index < body.length; index += 1) {
    const digit = Number(body[body.length - 1 - index]);
    const doubled = index % 2 === 0 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return body + String((10 - (sum % 10)) % 10);
}

/** A private key block of made-up lines. */
export function madePem(label: string, lines = 6): string {
  const body = Array.from({ length: lines }, () => made(64, "base64")).join("\n");
  return `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----`;
}
