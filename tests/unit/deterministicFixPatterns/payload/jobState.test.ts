import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("job_state takes status for state", () => {
  assertHeals("job_state", ["jobs", "state text!"], { "status": "queued" }, { "state": "queued" });
});

Deno.test("job_state takes no other table and no reference", () => {
  assertDeclines("job_state", ["addresses", "state text"], { "status": "queued" });
  assertDeclines("job_state", ["jobs", "state text"], { "status": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11" });
});
