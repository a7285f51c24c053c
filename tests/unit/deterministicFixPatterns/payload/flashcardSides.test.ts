import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("flashcard_front takes the front for the question", () => {
  assertHeals("flashcard_front", ["flashcards", "question text!"], { "front": "q" }, { "question": "q" });
});

Deno.test("flashcard_front takes no back and no other table", () => {
  assertDeclines("flashcard_front", ["flashcards", "question text"], { "back": "a" });
  assertDeclines("flashcard_front", ["houses", "question text"], { "front": "a" });
});
