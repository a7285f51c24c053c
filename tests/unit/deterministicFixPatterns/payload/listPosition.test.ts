import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("list_position takes the words for a place in a list", () => {
  assertHeals("list_position", ["sections", "position int!"], { "order": 3 }, { "position": 3 });
});

Deno.test("list_position takes no text, no fraction and no money's table", () => {
  assertDeclines("list_position", ["sections", "position int"], { "order": "A-1" });
  assertDeclines("list_position", ["sections", "position int"], { "order": 1.5 });
  assertDeclines("list_position", ["orders", "position int"], { "order": 3 });
});
