import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("end_word takes finish for end", () => {
  assertHeals("end_word", ["bookings", "ends_at timestamptz!"], { "finish": "2026-01-01T10:00:00Z" }, {
    "ends_at": "2026-01-01T10:00:00Z",
  });
});

Deno.test("end_word takes no start and no duration", () => {
  assertDeclines("end_word", ["bookings", "starts_at timestamptz"], { "finish": "2026-01-01T10:00:00Z" });
  assertDeclines("end_word", ["bookings", "ends_at timestamptz"], { "duration": 60 });
});
