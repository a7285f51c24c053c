import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("json_array_text parses lists", () => {
  assertHeals("json_array_text", ["t", "v text[]"], { "v": '["a","b"]' }, { "v": ["a", "b"] });
  assertHeals("json_array_text", ["t", "v int[]"], { "v": '["1"]' }, { "v": [1] });
});

Deno.test("json_array_text splits nothing and takes no objects", () => {
  assertDeclines("json_array_text", ["t", "v text[]"], { "v": "a, b" });
  assertDeclines("json_array_text", ["t", "v text[]"], { "v": '[{"a":1}]' });
  assertDeclines("json_array_text", ["t", "v text[]"], { "v": "12, High Street" });
  assertDeclines("json_array_text", ["t", "v text[]"], { "v": "{a,b}" });
});
