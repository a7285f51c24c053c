/** In a store of passages for retrieval these words all mean the text of one. @module */

import { synonymRule } from "../synonym.ts";
import { holdsText } from "../values.ts";

/** The rule `document_text`. */
export const documentText = synonymRule({
  key: "document_text",
  confidence: 0.92,
  because: "in a store of passages these words all mean the text of one",
  tables: ["document", "chunk", "embedding", "passage", "knowledge", "vector"],
  from: ["text", "content", "chunk", "chunk text", "page content", "passage", "body", "chunk content"],
  accepts: (value, column) => typeof value === "string" && holdsText(column),
});
