import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("size_initials takes w and h together", () => {
  assertHeals("size_initials", ["images", "width int; height int"], { "w": 10, "h": 20 }, {
    "width": 10,
    "height": 20,
  });
});

Deno.test("size_initials takes neither alone and no text", () => {
  assertDeclines("size_initials", ["images", "width int; height int"], { "w": 10 });
  assertDeclines("size_initials", ["images", "width int; weight int"], { "w": 10, "h": 20 });
  assertDeclines("size_initials", ["images", "width int; height int"], { "w": "a", "h": "b" });
});
