import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("biography_word takes the words for a biography", () => {
  assertHeals("biography_word", ["profiles", "bio text"], { "about": "b" }, { "bio": "b" });
});

Deno.test("biography_word takes no list and no other table", () => {
  assertDeclines("biography_word", ["profiles", "bio text"], { "about": ["b"] });
  assertDeclines("biography_word", ["samples", "bio text"], { "about": "b" });
});
