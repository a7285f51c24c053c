import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("empty_uuid takes an empty reference for none", () => {
  assertHeals("empty_uuid", ["t", "v uuid"], { "v": "" }, { "v": null });
});

Deno.test("empty_uuid empties no text and nothing that is needed", () => {
  assertDeclines("empty_uuid", ["t", "v uuid!"], { "v": "" });
  assertDeclines("empty_uuid", ["t", "v text"], { "v": "" });
  assertDeclines("empty_uuid", ["t", "v uuid"], { "v": " " });
  assertDeclines("empty_uuid", ["t", "v int"], { "v": "" });
  assertDeclines("empty_uuid", ["t", "v uuid"], { "v": "undefined" });
});
