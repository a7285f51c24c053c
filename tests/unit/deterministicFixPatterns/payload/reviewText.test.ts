import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("review_text takes the words for what a review says", () => {
  assertHeals("review_text", ["feedback", "comment text"], { "feedback": "good" }, { "comment": "good" });
});

Deno.test("review_text takes none of two and no number", () => {
  assertDeclines("review_text", ["feedback", "comment text; body text"], { "review": "x" });
  assertDeclines("review_text", ["reviews", "comment text"], { "review": 5 });
});
