import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("event_properties takes the words for what is known of an event", () => {
  assertHeals("event_properties", ["events", "properties jsonb"], { "params": { "a": 1 } }, {
    "properties": { "a": 1 },
  });
});

Deno.test("event_properties takes no text and none of two", () => {
  assertDeclines("event_properties", ["events", "properties jsonb"], { "params": "a" });
  assertDeclines("event_properties", ["events", "properties jsonb; attributes jsonb"], {
    "params": { "a": 1 },
  });
});
