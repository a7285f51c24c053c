import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("boolean_text reads what Postgres reads", () => {
  assertHeals("boolean_text", ["t", "v boolean"], { "v": "true" }, { "v": true });
  assertHeals("boolean_text", ["t", "v boolean"], { "v": "1" }, { "v": true });
  assertHeals("boolean_text", ["t", "v boolean"], { "v": "OFF" }, { "v": false });
  assertHeals("boolean_text", ["t", "v boolean"], { "v": "no" }, { "v": false });
});

Deno.test("boolean_text reads nothing else", () => {
  assertDeclines("boolean_text", ["t", "v boolean"], { "v": "maybe" });
  assertDeclines("boolean_text", ["t", "v boolean"], { "v": "" });
  assertDeclines("boolean_text", ["t", "v boolean"], { "v": "2" });
  assertDeclines("boolean_text", ["t", "v boolean"], { "v": "truth" });
});
