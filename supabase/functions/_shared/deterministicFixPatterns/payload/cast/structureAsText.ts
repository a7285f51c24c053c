/** An object becomes its JSON text, in a column of the same name only; a list may have been meant one by one. @module */

import { writeStructure } from "../structure.ts";
import { isPlainObject } from "../values.ts";
import type { CastRule } from "../rule.ts";

/** The rule `structure_as_text`. */
export const structureAsText: CastRule = {
  key: "structure_as_text",
  confidence: 0.85,
  because: "the JSON text says all that the object says",
  sameName: true,
  families: ["text"],
  cast(value) {
    return isPlainObject(value) ? writeStructure(value) : undefined;
  },
};
