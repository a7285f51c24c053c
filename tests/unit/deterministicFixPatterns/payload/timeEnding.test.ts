import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("time_ending adds, drops and changes the ending of a moment", () => {
  assertHeals("time_ending", ["bookings", "start_at timestamptz!; end_at timestamptz!"], {
    "start": "2026-01-01T10:00:00Z",
    "end": "2026-01-01T11:00:00Z",
  }, { "start_at": "2026-01-01T10:00:00Z", "end_at": "2026-01-01T11:00:00Z" });
  assertHeals("time_ending", ["t", "due_date date"], { "due": "2026-01-02" }, { "due_date": "2026-01-02" });
});

Deno.test("time_ending takes no span, no other moment, no flag and no day for a moment", () => {
  assertDeclines("time_ending", ["t", "expires_at timestamptz"], { "expires_in": 3600 });
  assertDeclines("time_ending", ["t", "updated_at timestamptz"], { "created": "2026-01-01T10:00:00Z" });
  assertDeclines("time_ending", ["t", "published_at timestamptz"], { "published": true });
  assertDeclines("time_ending", ["t", "due_at timestamptz"], { "due": "2026-01-02" });
  assertDeclines("time_ending", ["t", "start_date timestamptz; start_time timestamptz"], {
    "start": "2026-01-01T10:00:00Z",
  });
});
