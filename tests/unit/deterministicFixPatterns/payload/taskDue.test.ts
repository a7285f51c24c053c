import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("task_due takes the deadline", () => {
  assertHeals("task_due", ["tasks", "due_date date"], { "deadline": "2026-01-02" }, {
    "due_date": "2026-01-02",
  });
});

Deno.test("task_due takes no day for a moment and no other moment", () => {
  assertDeclines("task_due", ["tasks", "due_at timestamptz"], { "deadline": "2026-01-02" });
  assertDeclines("task_due", ["tasks", "created_at timestamptz"], { "deadline": "2026-01-02T10:00:00Z" });
  assertDeclines("task_due", ["tasks", "due_date date"], { "deadline": "soon" });
});
