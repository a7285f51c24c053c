import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("enum_label finds the label by its words", () => {
  assertHeals("enum_label", ["t", "v enum(in_progress|done)"], { "v": "In Progress" }, {
    "v": "in_progress",
  });
  assertHeals("enum_label", ["t", "v enum(active|inactive)"], { "v": "ACTIVE" }, { "v": "active" });
});

Deno.test("enum_label finds none by likeness and none of two", () => {
  assertDeclines("enum_label", ["t", "v enum(active|inactive)"], { "v": "inactve" });
  assertDeclines("enum_label", ["t", "v enum(on_hold|onhold)"], { "v": "On Hold" });
  assertDeclines("enum_label", ["t", "v enum(a|b)"], { "v": "" });
  assertDeclines("enum_label", ["t", "v enum(a|b)"], { "v": 1 });
});
