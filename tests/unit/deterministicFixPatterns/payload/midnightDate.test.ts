import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("midnight_date takes a moment at midnight for its day", () => {
  assertHeals("midnight_date", ["t", "v date"], { "v": "2026-01-01T00:00:00.000Z" }, { "v": "2026-01-01" });
  assertHeals("midnight_date", ["t", "v date"], { "v": new Date(0) }, { "v": "1970-01-01" });
});

Deno.test("midnight_date loses no hours and no zone", () => {
  assertDeclines("midnight_date", ["t", "v date"], { "v": "2026-01-01T15:30:00Z" });
  assertDeclines("midnight_date", ["t", "v date"], { "v": "2026-01-01T00:00:00+02:00" });
  assertDeclines("midnight_date", ["t", "v date"], { "v": "2026-02-30T00:00:00Z" });
  assertDeclines("midnight_date", ["t", "v timestamptz"], { "v": "2026-01-01T00:00:00Z" });
});
