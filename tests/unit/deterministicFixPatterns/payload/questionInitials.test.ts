import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("question_initials takes q and a together", () => {
  assertHeals("question_initials", ["surveys", "question text!; answer text!"], { "q": "1", "a": "2" }, {
    "question": "1",
    "answer": "2",
  });
});

Deno.test("question_initials takes neither alone", () => {
  assertDeclines("question_initials", ["surveys", "question text; answer text"], { "q": "1" });
  assertDeclines("question_initials", ["surveys", "question text; answer text"], {
    "a": "1",
    "question": "2",
  });
  assertDeclines("question_initials", ["surveys", "question text"], { "q": "1", "a": "2" });
});
