import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("alt_text takes the words for the text of a picture", () => {
  assertHeals("alt_text", ["images", "alt_text text"], { "alternative_text": "a" }, { "alt_text": "a" });
});

Deno.test("alt_text takes no other table and none of two", () => {
  assertDeclines("alt_text", ["cars", "alt_text text"], { "alternative_text": "a" });
  assertDeclines("alt_text", ["images", "alt text; alt_text text"], { "alternative_text": "a" });
});
