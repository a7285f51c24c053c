import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("scalar_as_text writes numbers and booleans", () => {
  assertHeals("scalar_as_text", ["t", "v text"], { "v": 42 }, { "v": "42" });
  assertHeals("scalar_as_text", ["t", "v text"], { "v": true }, { "v": "true" });
});

Deno.test("scalar_as_text writes no number that has been rounded, and none that is too long", () => {
  assertDeclines("scalar_as_text", ["t", "v text"], { "v": 9007199254740993 });
  assertDeclines("scalar_as_text", ["t", "v varchar(2)"], { "v": 123 });
  assertDeclines("scalar_as_text", ["t", "v text"], { "v": null });
});
