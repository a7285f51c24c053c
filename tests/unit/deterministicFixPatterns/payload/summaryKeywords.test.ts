import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("summary_keywords takes tags for keywords, list for list", () => {
  assertHeals("summary_keywords", ["summaries", "keywords text[]"], { "tags": ["a"] }, { "keywords": ["a"] });
});

Deno.test("summary_keywords takes no text and no other table", () => {
  assertDeclines("summary_keywords", ["summaries", "keywords text"], { "tags": ["a"] });
  assertDeclines("summary_keywords", ["animals", "keywords text[]"], { "tags": ["a"] });
  assertDeclines("summary_keywords", ["summaries", "keywords text[]"], { "tags": "a" });
});
