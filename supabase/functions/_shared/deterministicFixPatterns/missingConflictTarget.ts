/** `on conflict` names columns that nothing makes unique: make the index, where the rows are unique already. @module */

import type { DeterministicRule } from "./rule.ts";

/** The rule `missing_conflict_target`. */
export const missingConflictTarget: DeterministicRule = {
  key: "missing_conflict_target",
  confidence: 0.8,
  because: "an upsert by these columns means that no two rows have the same there",
  propose({ code, place }) {
    if (code !== "42P10" || place?.relation === undefined || place.conflict === undefined) return null;
    return { kind: "create_unique_index", table: place.relation, columns: [...place.conflict] };
  },
};
