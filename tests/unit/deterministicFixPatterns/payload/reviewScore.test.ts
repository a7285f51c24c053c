import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("review_score takes the words for a rating", () => {
  assertHeals("review_score", ["feedback", "rating int!"], { "score": 4 }, { "rating": 4 });
});

Deno.test("review_score takes no text, no fraction and no average", () => {
  assertDeclines("review_score", ["feedback", "rating int"], { "score": 4.5 });
  assertDeclines("review_score", ["feedback", "rating int"], { "score": "good" });
  assertDeclines("review_score", ["feedback", "rating int; average_rating numeric"], { "score": 4 });
  assertDeclines("review_score", ["games", "rating int"], { "score": 4 });
});
