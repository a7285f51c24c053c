/** A second word that restates the first comes or goes: `email_address` for `email`, `phone_number` for `phone`. @module */

import type { NameRule } from "../rule.ts";
import type { Words } from "../words.ts";

const RESTATED: Readonly<Record<string, string>> = {
  email: "address",
  ip: "address",
  mac: "address",
  mobile: "number",
  phone: "number",
  telephone: "number",
  fax: "number",
};

const TEXTS = new Set(["text", "network", "hardware"]);

/** The word that counts, or null when the name says something else as well. */
function bare({ canon }: Words): string | null {
  const [first = "", second, third] = canon;
  const isRestated = Object.hasOwn(RESTATED, first) && (second === undefined || second === RESTATED[first]);
  return isRestated && third === undefined ? first : null;
}

/** The rule `restated_kind`. */
export const restatedKind: NameRule = {
  key: "restated_kind",
  confidence: 0.93,
  because: "the second word restates what the first says",
  find(key, table) {
    return typeof key.value !== "string"
      ? []
      : table.columns.filter((column) =>
        TEXTS.has(column.type.family) && column.words.phrase !== key.words.phrase &&
        bare(column.words) !== null &&
        bare(column.words) === bare(key.words)
      );
  },
};
