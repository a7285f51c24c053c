import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("date_object takes a Date for its moment", () => {
  assertHeals("date_object", ["t", "v timestamptz"], { "v": new Date(0) }, {
    "v": "1970-01-01T00:00:00.000Z",
  });
});

Deno.test("date_object takes no Date that is none and no other column", () => {
  assertDeclines("date_object", ["t", "v timestamptz"], { "v": new Date(Number.NaN) });
  assertDeclines("date_object", ["t", "v int"], { "v": new Date(0) });
});
