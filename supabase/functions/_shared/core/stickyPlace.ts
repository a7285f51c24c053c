/** The place of a text between 0 and 1: the same one each time and everywhere, without asking anybody. @module */

const encoder = new TextEncoder();
const RANGE = 2 ** 32;

/** The place, 0 included and 1 not; texts that look alike lie far apart. A share of units is those whose place is below it. */
export function placeOf(text: string): number {
  return hash(text) / RANGE;
}

/**
 * Jenkins' one-at-a-time hash of the UTF-8 bytes, 32 bits. Of the hashes that spread well it is the one that SQL can
 * compute with nothing but bigint shifts, sums and xor; cryptographic ones are asynchronous here.
 */
function hash(text: string): number {
  let state = 0;
  for (const byte of encoder.encode(text)) {
    state = (state + byte) | 0;
    state = (state + (state << 10)) | 0;
    state ^= state >>> 6;
  }
  state = (state + (state << 3)) | 0;
  state ^= state >>> 11;
  return (state + (state << 15)) >>> 0;
}
