/** Judges fingerprints on labelled pairs: split = P(different | same cause), merge = P(same | different cause). @module */

import {
  fingerprintError,
  type FingerprintInput,
} from "../../../supabase/functions/_shared/errorFingerprint.ts";
import type { Cause } from "./cause.ts";

/** What a set of causes says of the fingerprints. */
export interface Judgement {
  samePairs: number;
  /** Name of the cause, once for each pair that was split. */
  splits: string[];
  differentPairs: number;
  /** Names of both causes, once for each pair that was merged. */
  merges: string[];
}

/** By what an occurrence is known; the fingerprint unless another is to be judged. */
export type ReadKey = (error: FingerprintInput) => Promise<string> | string;

/** Compares every occurrence with every other one. */
export async function judge(causes: readonly Cause[], readKey: ReadKey = fingerprintOf): Promise<Judgement> {
  const met = await Promise.all(
    causes.flatMap((cause, index) =>
      cause.variants.map(async (variant) => ({ index, name: cause.name, key: await readKey(variant) }))
    ),
  );
  const result: Judgement = { samePairs: 0, splits: [], differentPairs: 0, merges: [] };
  for (const [position, one] of met.entries()) {
    for (const other of met.slice(position + 1)) {
      const isSame = one.index === other.index;
      if (isSame) result.samePairs += 1;
      else result.differentPairs += 1;
      if (isSame && one.key !== other.key) result.splits.push(one.name);
      if (!isSame && one.key === other.key) result.merges.push(`${one.name} = ${other.name}`);
    }
  }
  return result;
}

async function fingerprintOf(error: FingerprintInput): Promise<string> {
  return (await fingerprintError(error)).fingerprint;
}
