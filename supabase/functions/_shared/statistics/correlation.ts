/** How much voters repeat one another. @module */

import { refuse } from "./require.ts";

/**
 * The mean phi coefficient over all pairs of voters. `records` has one row a voter and one column a case: whether the
 * voter was right. A voter that was always right or always wrong tells nothing; null when no pair can be told.
 */
export function meanPairwiseCorrelation(records: readonly (readonly boolean[])[]): number | null {
  const cases = records[0]?.length ?? 0;
  for (const record of records) {
    if (record.length !== cases) {
      refuse("compute meanPairwiseCorrelation", "records", `rows of ${cases} cases each`, record.length);
    }
  }
  const pairs = records.flatMap((one, index) => records.slice(index + 1).map((other) => phi(one, other)));
  const known = pairs.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function phi(one: readonly boolean[], other: readonly boolean[]): number | null {
  const n = one.length;
  const right = one.filter(Boolean).length;
  const otherRight = other.filter(Boolean).length;
  const both = one.filter((value, index) => value && other[index]).length;
  const spread = Math.sqrt(right * (n - right)) * Math.sqrt(otherRight * (n - otherRight));
  if (spread === 0) return null;
  return Math.min(1, Math.max(-1, (n * both - right * otherRight) / spread));
}
