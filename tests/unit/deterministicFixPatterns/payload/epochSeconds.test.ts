import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("epoch_seconds reads seconds of our time", () => {
  assertHeals("epoch_seconds", ["t", "v timestamptz"], { "v": 1767225600 }, {
    "v": "2026-01-01T00:00:00.000Z",
  });
  assertHeals("epoch_seconds", ["t", "v timestamptz"], { "v": "1767225600" }, {
    "v": "2026-01-01T00:00:00.000Z",
  });
});

Deno.test("epoch_seconds reads no number whose unit is uncertain", () => {
  assertDeclines("epoch_seconds", ["t", "v timestamptz"], { "v": 0 });
  assertDeclines("epoch_seconds", ["t", "v timestamptz"], { "v": 12345 });
  assertDeclines("epoch_seconds", ["t", "v timestamptz"], { "v": 99999999999 });
  assertDeclines("epoch_seconds", ["t", "v timestamptz"], { "v": 1767225600.5 });
  assertDeclines("epoch_seconds", ["t", "v timestamptz"], { "v": -1767225600 });
  assertDeclines("epoch_seconds", ["t", "v date"], { "v": 1767225600 });
  assertDeclines("epoch_seconds", ["t", "v timestamp"], { "v": 1767225600 });
});
