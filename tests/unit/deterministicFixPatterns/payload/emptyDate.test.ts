import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("empty_date takes an empty date for none", () => {
  assertHeals("empty_date", ["t", "v date"], { "v": "" }, { "v": null });
  assertHeals("empty_date", ["t", "v timestamptz"], { "v": "" }, { "v": null });
});

Deno.test("empty_date empties nothing that is needed and no text", () => {
  assertDeclines("empty_date", ["t", "v date!"], { "v": "" });
  assertDeclines("empty_date", ["t", "v text"], { "v": "" });
  assertDeclines("empty_date", ["t", "v boolean"], { "v": "" });
  assertDeclines("empty_date", ["t", "v date"], { "v": " " });
});
