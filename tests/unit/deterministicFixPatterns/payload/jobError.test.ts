import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("job_error takes the words for why a job failed", () => {
  assertHeals("job_error", ["jobs", "error_message text"], { "error": "x" }, { "error_message": "x" });
});

Deno.test("job_error takes no object and no other table", () => {
  assertDeclines("job_error", ["jobs", "error_message text"], { "error": { "a": 1 } });
  assertDeclines("job_error", ["readings", "error_message text"], { "last_error": "x" });
});
