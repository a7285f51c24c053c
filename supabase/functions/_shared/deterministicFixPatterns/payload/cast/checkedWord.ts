/** A word that a check allows in another case becomes the allowed one, once that has been confirmed. @module */

import { allowedTexts } from "../../../core/columns.ts";
import type { CastRule } from "../rule.ts";

/** Words by which chat programs name the two who speak. */
const SPEAKERS: Readonly<Record<string, string>> = {
  ai: "assistant",
  bot: "assistant",
  model: "assistant",
  human: "user",
};
/** A list with one of these says what somebody may do, and is met exactly or not at all. */
const RIGHTS = /^(?:admin|administrator|owner|superuser|root|moderator|editor|staff|service_role)$/i;

/** The rule `checked_word`. */
export const checkedWord: CastRule = {
  key: "checked_word",
  confidence: 0.8,
  because: "the check of the column allows the word in one case only",
  learned: true,
  families: ["text"],
  cast(value, { facts }) {
    if (typeof value !== "string" || value.length > 200) return undefined;
    const allowed = allowedTexts(facts);
    if (allowed === null || allowed.includes(value) || allowed.some((word) => RIGHTS.test(word))) {
      return undefined;
    }
    const said = value.trim().toLowerCase();
    const meant = allowed.filter((word) => word.toLowerCase() === said);
    if (meant.length > 0) return meant.length === 1 ? meant[0] : undefined;
    const speaker = SPEAKERS[said];
    return speaker !== undefined && allowed.includes("user") && allowed.includes("assistant")
      ? speaker
      : undefined;
  },
};
