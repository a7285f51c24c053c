import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("start_word takes begin for start", () => {
  assertHeals("start_word", ["bookings", "starts_at timestamptz!"], { "begin": "2026-01-01T10:00:00Z" }, {
    "starts_at": "2026-01-01T10:00:00Z",
  });
});

Deno.test("start_word takes no end, no date without hours and no other table", () => {
  assertDeclines("start_word", ["bookings", "ends_at timestamptz"], { "begin": "2026-01-01T10:00:00Z" });
  assertDeclines("start_word", ["bookings", "starts_at timestamptz"], { "begin": "2026-01-01" });
  assertDeclines("start_word", ["bookings", "start_at timestamptz"], { "date": "2026-01-01T10:00:00Z" });
});
