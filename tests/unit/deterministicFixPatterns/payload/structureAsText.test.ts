import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("structure_as_text writes an object under its own name", () => {
  assertHeals("structure_as_text", ["t", "v text"], { "v": { "a": 1 } }, { "v": '{"a":1}' });
});

Deno.test("structure_as_text writes no list", () => {
  assertDeclines("structure_as_text", ["t", "v text"], { "v": ["a", "b"] });
});

Deno.test("structure_as_text writes nothing under another name and nothing too long", () => {
  assertDeclines("structure_as_text", ["t", "v varchar(3)"], { "v": { "a": 1 } });
  assertDeclines("structure_as_text", ["t", "tag text"], { "v": { "a": 1 } });
  assertDeclines("structure_as_text", ["t", "v uuid"], { "v": { "a": 1 } });
});
