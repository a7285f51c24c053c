/** Equal when both are spelled out: `organizationId` for `org_id`, `message` for `msg`. @module */

import type { NameRule } from "../rule.ts";
import { squeeze } from "../table.ts";

/** The rule `abbreviated_name`. */
export const abbreviatedName: NameRule = {
  key: "abbreviated_name",
  confidence: 0.95,
  because: "the names are equal when both are spelled out",
  strength: "proven",
  find(key, table) {
    return (table.byPhrase.get(squeeze(key.words.phrase)) ?? [])
      .filter(({ words }) => words.spelled === key.words.spelled);
  },
};
