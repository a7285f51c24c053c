/** Which variant a unit gets: the same one each time, without asking anybody. @module */

import { refuse, requireShare } from "./require.ts";

const encoder = new TextEncoder();
const RANGE = 2 ** 32;

/**
 * The variant of a unit: `b` for the given share of units (0..1), by a hash of `experimentId:unitId`. A unit that has
 * `b` keeps it when the share grows, and two experiments share the same units out independently.
 */
export function routeBySplit(experimentId: string, unitId: string, share = 0.5): "a" | "b" {
  requireId("experimentId", experimentId);
  requireId("unitId", unitId);
  requireShare("route a unit", "share", share);
  return hash(`${experimentId}:${unitId}`) / RANGE < share ? "b" : "a";
}

function requireId(name: string, value: string): void {
  if (typeof value !== "string" || value === "") {
    refuse("route a unit", name, "a text that is not empty", value);
  }
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
