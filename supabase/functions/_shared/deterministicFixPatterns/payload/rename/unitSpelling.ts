/** The same name with its unit spelt in another way: `duration_seconds` for `duration_sec`. @module */

import type { NameRule } from "../rule.ts";
import { UNITS } from "../units.ts";
import type { Words } from "../words.ts";

/** The words with their last one, a unit, by its one name; null where there is none. */
function inUnits({ tokens }: Words): string | null {
  const last = tokens.at(-1);
  if (last === undefined || tokens.length < 2 || !Object.hasOwn(UNITS, last)) return null;
  return [...tokens.slice(0, -1), UNITS[last]].join(" ");
}

/** The rule `unit_spelling`. */
export const unitSpelling: NameRule = {
  key: "unit_spelling",
  confidence: 0.93,
  because: "it is the same unit, spelt in another way",
  find(key, table) {
    const said = inUnits(key.words);
    return said === null
      ? []
      : table.columns.filter(({ words }) => words.phrase !== key.words.phrase && inUnits(words) === said);
  },
};
