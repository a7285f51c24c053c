/** In a store of passages the vector is the embedding. @module */

import { synonymRule } from "../synonym.ts";

/** The rule `document_vector`. */
export const documentVector = synonymRule({
  key: "document_vector",
  confidence: 0.94,
  because: "a list of numbers in a column of vectors is its embedding",
  from: ["vector", "embedding", "embedding vector", "vec"],
  accepts: (value, column) =>
    Array.isArray(value) && (column.type.family === "vector" || column.type.family === "array"),
});
