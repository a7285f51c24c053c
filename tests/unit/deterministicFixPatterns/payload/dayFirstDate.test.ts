import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

const learned = [{ table: "t", key: "v", column: "v", confirmations: 6 }];

Deno.test("day_first_date reads a date that has one reading, once that is confirmed", () => {
  assertHeals("day_first_date", ["t", "v date"], { "v": "31/12/2026" }, { "v": "2026-12-31" }, { learned });
  assertHeals("day_first_date", ["t", "v date"], { "v": "12.31.2026" }, { "v": "2026-12-31" }, { learned });
});

Deno.test("day_first_date guesses no month and makes no day up", () => {
  assertDeclines("day_first_date", ["t", "v date"], { "v": "03/04/2026" }, { learned });
  assertDeclines("day_first_date", ["t", "v date"], { "v": "31/02/2026" }, { learned });
  assertDeclines("day_first_date", ["t", "v date"], { "v": "31/12-2026" }, { learned });
  assertDeclines("day_first_date", ["t", "v date"], { "v": "32/12/2026" }, { learned });
});
