import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("flashcard_back takes the back for the answer", () => {
  assertHeals("flashcard_back", ["flashcards", "answer text!"], { "back": "a" }, { "answer": "a" });
});

Deno.test("flashcard_back takes no front and no other table", () => {
  assertDeclines("flashcard_back", ["flashcards", "answer text"], { "front": "q" });
  assertDeclines("flashcard_back", ["houses", "answer text"], { "back": "a" });
});
