import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("own_prefix_dropped drops the word that the table is called by", () => {
  assertHeals("own_prefix_dropped", ["posts", "title text!"], { "post_title": "x" }, { "title": "x" });
  assertHeals("own_prefix_dropped", ["organizations", "name text!"], { "org_name": "x" }, { "name": "x" });
});

Deno.test("own_prefix_dropped takes no key of the table, no handle and no right", () => {
  assertDeclines("own_prefix_dropped", ["messages", "id uuid"], {
    "message_id": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11",
  });
  assertDeclines("own_prefix_dropped", ["users", "name text"], { "user_name": "ada" });
  assertDeclines("own_prefix_dropped", ["users", "role text"], { "user_role": "admin" });
  assertDeclines("own_prefix_dropped", ["products", "price numeric"], { "product_price": 1 });
});
