import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("answer_text takes the response to a question for its answer", () => {
  assertHeals("answer_text", ["surveys", "question text!; answer text!"], {
    "question": "q",
    "response": "r",
  }, { "question": "q", "answer": "r" });
});

Deno.test("answer_text takes no question and no other table", () => {
  assertDeclines("answer_text", ["surveys", "question text"], { "response": "r" });
  assertDeclines("answer_text", ["requests", "answer text"], { "response": "r" });
});
