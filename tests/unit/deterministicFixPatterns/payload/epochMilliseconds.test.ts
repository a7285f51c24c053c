import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("epoch_milliseconds reads milliseconds of our time", () => {
  assertHeals("epoch_milliseconds", ["t", "v timestamptz"], { "v": 1767225600123 }, {
    "v": "2026-01-01T00:00:00.123Z",
  });
});

Deno.test("epoch_milliseconds reads no number whose unit is uncertain", () => {
  assertDeclines("epoch_milliseconds", ["t", "v timestamptz"], { "v": 1767225600000000 });
  assertDeclines("epoch_milliseconds", ["t", "v timestamptz"], { "v": 176722560000 });
  assertDeclines("epoch_milliseconds", ["t", "v timestamptz"], { "v": 1767225600123.5 });
});
