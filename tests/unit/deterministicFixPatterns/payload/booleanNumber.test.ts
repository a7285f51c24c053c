import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("boolean_number takes 0 and 1", () => {
  assertHeals("boolean_number", ["t", "v boolean"], { "v": 1 }, { "v": true });
  assertHeals("boolean_number", ["t", "v boolean"], { "v": 0 }, { "v": false });
});

Deno.test("boolean_number takes no other number", () => {
  assertDeclines("boolean_number", ["t", "v boolean"], { "v": 2 });
  assertDeclines("boolean_number", ["t", "v boolean"], { "v": -1 });
  assertDeclines("boolean_number", ["t", "v boolean"], { "v": 0.5 });
  assertDeclines("boolean_number", ["t", "v int"], { "v": 1 });
});
