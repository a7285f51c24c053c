import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("document_vector takes a vector for the embedding", () => {
  assertHeals("document_vector", ["documents", "embedding vector(3)"], { "vector": [1, 2, 3] }, {
    "embedding": [1, 2, 3],
  });
});

Deno.test("document_vector pads and cuts nothing and takes no text column", () => {
  assertDeclines("document_vector", ["documents", "embedding vector(3)"], { "vector": [1, 2] });
  assertDeclines("document_vector", ["documents", "embedding text"], { "vector": [1, 2, 3] });
});
