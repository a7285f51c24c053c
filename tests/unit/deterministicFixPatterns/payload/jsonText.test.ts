import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("json_text parses objects and lists", () => {
  assertHeals("json_text", ["t", "v jsonb"], { "v": '{"a":1}' }, { "v": { "a": 1 } });
  assertHeals("json_text", ["t", "v jsonb"], { "v": "[1]" }, { "v": [1] });
});

Deno.test("json_text keeps other texts, cut ones and numbers that would be rounded", () => {
  assertDeclines("json_text", ["t", "v jsonb"], { "v": "hello" });
  assertDeclines("json_text", ["t", "v jsonb"], { "v": '{"a":1' });
  assertDeclines("json_text", ["t", "v jsonb"], { "v": '"x"' });
  assertDeclines("json_text", ["t", "v jsonb"], { "v": '{"a":12345678901234567890}' });
  assertDeclines("json_text", ["t", "v text"], { "v": '{"a":1}' });
});
