import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

const learned = [{ table: "places", key: "location", column: "lat", confirmations: 6 }, {
  table: "places",
  key: "location",
  column: "lng",
  confirmations: 6,
}];

Deno.test("spread_object spreads an object over the columns of its members", () => {
  assertHeals(
    "spread_object",
    ["places", "lat float8; lng float8"],
    { "location": { "lat": 1.5, "lng": 2.5 } },
    { "lat": 1.5, "lng": 2.5 },
    { learned },
  );
});

Deno.test("spread_object spreads nothing when a member is left or unconfirmed", () => {
  assertDeclines("spread_object", ["places", "lat float8; lng float8"], {
    "location": { "lat": 1.5, "alt": 3 },
  }, { learned });
  assertDeclines("spread_object", ["spots", "lat float8; lng float8"], {
    "location": { "lat": 1.5, "lng": 2.5 },
  }, { learned });
  assertDeclines("spread_object", ["places", "lat float8; lng float8"], {
    "lat": 0,
    "location": { "lat": 1.5, "lng": 2.5 },
  }, { learned });
});
