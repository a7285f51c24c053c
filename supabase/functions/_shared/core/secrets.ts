/** Comparing secrets without telling, by the time it takes, how much of a guess was right. @module */

const encoder = new TextEncoder();
let comparisonKey: Promise<CryptoKey> | undefined;

/** True when the candidate equals one of the secrets; an empty candidate or list never matches. */
export async function matchesAnySecret(
  candidate: string | null | undefined,
  secrets: readonly string[],
): Promise<boolean> {
  if (!candidate || secrets.length === 0) return false;
  const given = await digest(candidate);
  let matches = false;
  // All are compared, so that the time does not depend on which one matched.
  for (const secret of secrets) {
    if (secret !== "" && equal(given, await digest(secret))) matches = true;
  }
  return matches;
}

/** Under a key that nobody knows, equal digests mean equal texts and their bytes say nothing. */
async function digest(text: string): Promise<Uint8Array> {
  comparisonKey ??= crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]) as Promise<
    CryptoKey
  >;
  return new Uint8Array(await crypto.subtle.sign("HMAC", await comparisonKey, encoder.encode(text)));
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let index = 0; index < a.length; index++) difference |= a[index]! ^ (b[index] ?? 0);
  return difference === 0;
}
