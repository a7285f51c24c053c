/** An object whose every member has a column of its own: `address: { city }` for `address_city`. @module */

import { placeMembers } from "../members.ts";
import type { Placing } from "../place.ts";
import type { KeyView } from "../rule.ts";

/** The rule `flattened_object`: all members or none, each by the equal name of parent and member. */
export const flattenedObject = {
  key: "flattened_object",
  confidence: 0.93,
  because: "every member has a column that is named after the key and the member",
  /** True when the key is placed. */
  place(key: KeyView, placing: Placing): boolean {
    return placeMembers(
      flattenedObject,
      key,
      placing,
      (member) => placing.table.byNormal.get(key.words.normal + member) ?? [],
    );
  },
};
