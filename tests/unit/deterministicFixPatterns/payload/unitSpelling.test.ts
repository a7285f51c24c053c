import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("unit_spelling takes another spelling of the same unit", () => {
  assertHeals("unit_spelling", ["t", "duration_sec int"], { "durationSeconds": 3 }, { "duration_sec": 3 });
});

Deno.test("unit_spelling takes no other unit and no missing one", () => {
  assertDeclines("unit_spelling", ["t", "duration_ms int"], { "duration_sec": 3 });
  assertDeclines("unit_spelling", ["t", "weight_kg float8"], { "weight": 3 });
  assertDeclines("unit_spelling", ["t", "temp_c float8"], { "temp_f": 70 });
  assertDeclines("unit_spelling", ["t", "timeout int"], { "timeout_ms": 3 });
});
