/** An object whose members are columns by their own names, once that has been confirmed. @module */

import { placeMembers } from "../members.ts";
import type { Placing } from "../place.ts";
import type { KeyView } from "../rule.ts";

/** The rule `spread_object`: `location: { lat, lng }` for `lat` and `lng`; all members or none. */
export const spreadObject = {
  key: "spread_object",
  confidence: 0.82,
  because: "each member was accepted in the column of its name before",
  /** True when the key is placed. */
  place(key: KeyView, placing: Placing): boolean {
    const confirmed = placing.confirmed.get(key.key);
    return confirmed !== undefined &&
      placeMembers(
        spreadObject,
        key,
        placing,
        (member) =>
          (placing.table.byNormal.get(member) ?? []).filter(({ facts }) => confirmed.has(facts.name)),
      );
  },
};
