/** Words for the media type of a file, when the value has the form of one. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `mime_type`. */
export const mimeType = synonymRule({
  key: "mime_type",
  confidence: 0.92,
  because: "the value has the form of a media type",
  from: ["mime type", "mime", "content type", "media type", "file type", "type"],
  to: ["mime type", "mime", "content type", "media type"],
  accepts: (value, column) =>
    typeof value === "string" && /^[a-z]+\/[\w.+-]+$/i.test(value) && holdsText(column),
});
