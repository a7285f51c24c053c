import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("array_elements casts all elements", () => {
  assertHeals("array_elements", ["t", "v int[]"], { "v": ["1", 2] }, { "v": [1, 2] });
  assertHeals("array_elements", ["t", "v boolean[]"], { "v": ["true"] }, { "v": [true] });
});

Deno.test("array_elements casts none when one does not fit", () => {
  assertDeclines("array_elements", ["t", "v int[]"], { "v": ["1", "x"] });
  assertDeclines("array_elements", ["t", "v int[]"], { "v": ["1", 1.5] });
  assertDeclines("array_elements", ["t", "v text[]"], { "v": ["1"] });
});
