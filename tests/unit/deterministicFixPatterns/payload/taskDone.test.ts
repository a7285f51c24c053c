import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("task_done takes the words for done", () => {
  assertHeals("task_done", ["todos", "done boolean! = false"], { "isCompleted": false }, { "done": false });
});

Deno.test("task_done takes no moment, no opposite and no other table", () => {
  assertDeclines("task_done", ["todos", "completed_at timestamptz"], { "done": true });
  assertDeclines("task_done", ["todos", "incomplete boolean"], { "done": true });
  assertDeclines("task_done", ["orders", "done boolean"], { "completed": true });
});
