/** Words for the picture of a thing, when the value is a URL. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText, isUrl } from "../values.ts";

/** The rule `picture_url`. */
export const pictureUrl = synonymRule({
  key: "picture_url",
  confidence: 0.86,
  because: "the value is a URL, and these words all mean the picture of the thing",
  tables: [
    "product",
    "item",
    "place",
    "recipe",
    "event",
    "course",
    "category",
    "restaurant",
    "venue",
    "listing",
    "property",
    "menu",
  ],
  from: ["image", "image url", "photo", "photo url", "picture", "pic", "picture url"],
  accepts: (value, column) => isUrl(value) && holdsText(column),
});
