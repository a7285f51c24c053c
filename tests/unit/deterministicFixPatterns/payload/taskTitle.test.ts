import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("task_title takes the words for what is to be done", () => {
  assertHeals("task_title", ["todos", "task text!; is_complete boolean! = false"], { "title": "buy milk" }, {
    "task": "buy milk",
  });
  assertHeals("task_title", ["todos", "title text!; done boolean! = false"], { "text": "buy milk" }, {
    "title": "buy milk",
  });
});

Deno.test("task_title takes none of two and no other table", () => {
  assertDeclines("task_title", ["todos", "title text; name text"], { "task": "x" });
  assertDeclines("task_title", ["songs", "title text"], { "todo": "x" });
  assertDeclines("task_title", ["tasks", "title text"], { "task": 5 });
});
