/** A setting's name is its key. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `setting_key`. */
export const settingKey = synonymRule({
  key: "setting_key",
  confidence: 0.88,
  because: "a setting's name is its key",
  tables: ["setting", "settings", "config", "preference", "preferences", "option"],
  from: ["key", "name", "setting", "setting key", "setting name"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
