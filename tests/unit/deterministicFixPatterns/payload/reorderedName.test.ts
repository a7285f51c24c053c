import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("reordered_name takes the same words in another order", () => {
  assertHeals("reordered_name", ["t", "first_name text"], { "nameFirst": "A" }, { "first_name": "A" });
});

Deno.test("reordered_name takes other words for nothing", () => {
  assertDeclines("reordered_name", ["t", "first_name text"], { "name_last": "A" });
  assertDeclines("reordered_name", ["t", "total_amount numeric"], { "amount_total": 1 });
});
