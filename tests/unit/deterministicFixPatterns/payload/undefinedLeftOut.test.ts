import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("undefined_left_out leaves out what is undefined", () => {
  assertHeals("undefined_left_out", ["t", "v text; n text"], { "v": undefined, "n": "x" }, { "n": "x" });
  assertHeals("undefined_left_out", ["t", "n text"], { "other": undefined, "n": "x" }, { "n": "x" });
});

Deno.test("undefined_left_out leaves a null where it is", () => {
  assertDeclines("undefined_left_out", ["t", "v text"], { "v": null });
  assertDeclines("undefined_left_out", ["t", "v text!"], { "v": null });
});
