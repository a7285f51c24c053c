/** Endings of URLs come, go and change when the value is one: `image` for `image_url`. @module */

import type { NameRule } from "../rule.ts";
import { differByEnding } from "../suffix.ts";
import { holdsText, isUrl } from "../values.ts";

const ENDINGS = new Set(["url", "uri", "link", "href"]);

/** The rule `url_ending`. */
export const urlEnding: NameRule = {
  key: "url_ending",
  confidence: 0.93,
  because: "the value is a URL, and the ending says no more than that",
  find(key, table) {
    return isUrl(key.value) ? differByEnding(key, table, ENDINGS).filter(holdsText) : [];
  },
};
