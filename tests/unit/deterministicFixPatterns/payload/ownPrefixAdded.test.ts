import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("own_prefix_added adds the word that the table is called by", () => {
  assertHeals("own_prefix_added", ["products", "product_name text!"], { "name": "x" }, {
    "product_name": "x",
  });
});

Deno.test("own_prefix_added takes nothing that says too little or decides about rights", () => {
  assertDeclines("own_prefix_added", ["users", "user_type text"], { "type": "admin" });
  assertDeclines("own_prefix_added", ["users", "user_role text"], { "role": "admin" });
  assertDeclines("own_prefix_added", ["messages", "message_id uuid"], {
    "id": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11",
  });
  assertDeclines("own_prefix_added", ["users", "user_agent text"], { "agent": "x" });
});
