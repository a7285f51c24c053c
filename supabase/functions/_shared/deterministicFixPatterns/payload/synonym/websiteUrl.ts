/** Words for somebody's own site, when the value is a URL. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText, isUrl } from "../values.ts";

/** The rule `website_url`. */
export const websiteUrl = synonymRule({
  key: "website_url",
  confidence: 0.9,
  because: "the value is a URL, and of somebody these words all mean their site",
  from: ["website", "website url", "homepage", "site url", "homepage url", "web site"],
  accepts: (value, column) => isUrl(value) && holdsText(column),
});
