import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("job_kind takes type for kind", () => {
  assertHeals("job_kind", ["jobs", "kind text!"], { "type": "embed" }, { "kind": "embed" });
});

Deno.test("job_kind takes no role and no other table", () => {
  assertDeclines("job_kind", ["profiles", "kind text"], { "type": "admin" });
  assertDeclines("job_kind", ["jobs", "role text"], { "type": "admin" });
});
