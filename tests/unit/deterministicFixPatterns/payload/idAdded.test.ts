import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("id_added adds id to the name of a reference", () => {
  assertHeals("id_added", ["comments", "author_id uuid!; post_id bigint!"], {
    "author": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11",
    "post": 12,
  }, { "author_id": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11", "post_id": 12 });
  assertHeals("id_added", ["rooms", "owner_id uuid!"], { "owner": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11" }, {
    "owner_id": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11",
  });
});

Deno.test("id_added takes no name, no slug and no tenant", () => {
  assertDeclines("id_added", ["t", "user_id uuid"], { "user": "alice" });
  assertDeclines("id_added", ["messages", "message_id text"], { "message": "hi" });
  assertDeclines("id_added", ["t", "tenant_id uuid"], { "tenant": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11" });
  assertDeclines("id_added", ["products", "price_id text"], { "price": 9.9 });
  assertDeclines("id_added", ["t", "category_id int"], { "category": -1 });
  assertDeclines("id_added", ["t", "comment_id int"], { "comments": 5 });
});
