/** In a profile these words all mean the picture, when the value is a URL. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText, isUrl } from "../values.ts";

/** The rule `portrait_url`. */
export const portraitUrl = synonymRule({
  key: "portrait_url",
  confidence: 0.88,
  because: "the value is a URL, and in a profile these words all mean the picture",
  tables: [
    "profile",
    "user",
    "member",
    "person",
    "people",
    "author",
    "contact",
    "artist",
    "instructor",
    "employee",
  ],
  from: [
    "avatar",
    "avatar url",
    "photo",
    "photo url",
    "picture",
    "pic",
    "picture url",
    "profile picture",
    "profile image",
    "profile image url",
    "image",
    "image url",
    "profile photo",
  ],
  accepts: (value, column) => isUrl(value) && holdsText(column),
});
