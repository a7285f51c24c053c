import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("parameter_prefix adds and drops the prefix of a parameter", () => {
  assertHeals("parameter_prefix", ["rpc:log_view", "p_post_id uuid!"], {
    "postId": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11",
  }, { "p_post_id": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11" });
  assertHeals("parameter_prefix", ["rpc:f", "title text!"], { "p_title": "x" }, { "title": "x" });
});

Deno.test("parameter_prefix keeps away from tables, roles and money", () => {
  assertDeclines("parameter_prefix", ["views", "p_title text"], { "title": "x" });
  assertDeclines("parameter_prefix", ["rpc:add", "p_role text"], { "role": "admin" });
  assertDeclines("parameter_prefix", ["rpc:withdraw", "p_note text"], { "note": "x" });
  assertDeclines("parameter_prefix", ["rpc:f", "stock boolean"], { "in_stock": true });
});
