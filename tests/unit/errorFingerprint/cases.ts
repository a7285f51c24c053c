/** Reads a labelled set from lines of JSON: `{group, type?, code?, message, stack?}`. @module */

import type { FingerprintInput } from "../../../supabase/functions/_shared/errorFingerprint.ts";
import type { Cause } from "./cause.ts";

/** One cause for each group; lines of the same group were met for the same cause. */
export function readCases(text: string): Cause[] {
  const groups = new Map<string, FingerprintInput[]>();
  for (const line of text.split("\n").filter((line) => line.trim() !== "")) {
    const { group, ...error } = JSON.parse(line) as FingerprintInput & { group: string | number };
    const known = groups.get(String(group));
    if (known === undefined) groups.set(String(group), [error]);
    else known.push(error);
  }
  return [...groups.values()].map((variants) => ({ name: variants[0]!.message, variants }));
}
