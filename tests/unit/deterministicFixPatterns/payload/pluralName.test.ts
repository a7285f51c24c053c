import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("plural_name takes the plural for the singular where the whole value fits", () => {
  assertHeals("plural_name", ["chunks", "embedding vector(2)"], { "embeddings": [1, 2] }, {
    "embedding": [1, 2],
  });
  assertHeals("plural_name", ["rooms", "notes text"], { "note": "x" }, { "notes": "x" });
});

Deno.test("plural_name takes no list for one value and no count for a thing", () => {
  assertDeclines("plural_name", ["t", "tag text"], { "tags": ["a", "b"] });
  assertDeclines("plural_name", ["t", "comment text"], { "comments": 5 });
  assertDeclines("plural_name", ["t", "categories text[]"], { "category": "a" });
});
