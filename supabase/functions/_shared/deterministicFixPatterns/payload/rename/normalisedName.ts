/** Equal after case, accents and separators are taken away: `createdAt` for `created_at`. @module */

import type { NameRule } from "../rule.ts";

/** The rule `normalised_name`. */
export const normalisedName: NameRule = {
  key: "normalised_name",
  confidence: 0.98,
  because: "the names are equal but for case, accents and separators",
  strength: "equal",
  find(key, table) {
    return key.words.normal === "" ? [] : table.byNormal.get(key.words.normal) ?? [];
  },
};
