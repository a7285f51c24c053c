/** Words for a URL, when the value is one. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText, isUrl } from "../values.ts";

/** The rule `link_url`. */
export const linkUrl = synonymRule({
  key: "link_url",
  confidence: 0.93,
  because: "the value is a URL, and no other column is for one",
  from: ["url", "link", "src", "href", "uri", "web address"],
  to: ["url", "link", "src", "href", "uri"],
  accepts: (value, column) => isUrl(value) && holdsText(column),
});
