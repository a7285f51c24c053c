import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("event_name takes the event for its name", () => {
  assertHeals("event_name", ["analytics_events", "name text!"], { "event": "click" }, { "name": "click" });
});

Deno.test("event_name takes no reference and no other table", () => {
  assertDeclines("event_name", ["events", "name text"], { "event": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11" });
  assertDeclines("event_name", ["people", "name text"], { "event": "x" });
});
