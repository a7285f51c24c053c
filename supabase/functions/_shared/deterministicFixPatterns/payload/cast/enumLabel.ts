/** A label in other case or with other separators becomes the label; never by likeness, and never between two. @module */

import { readName } from "../words.ts";
import type { CastRule } from "../rule.ts";

/** The rule `enum_label`. */
export const enumLabel: CastRule = {
  key: "enum_label",
  confidence: 0.93,
  because: "one label alone is the same word",
  families: ["enum"],
  cast(value, column) {
    if (typeof value !== "string" || value.length > 200 || column.type.family !== "enum") return undefined;
    const said = readName(value).normal;
    const meant = said === "" ? [] : column.type.labels.filter((label) => readName(label).normal === said);
    return meant.length === 1 ? meant[0] : undefined;
  },
};
