import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("id_dropped drops id where the column holds references", () => {
  assertHeals(
    "id_dropped",
    ["cases", "owner uuid!"],
    { "owner_id": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11" },
    { "owner": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11" },
  );
  assertHeals("id_dropped", ["posts", "id uuid! = gen_random_uuid(); author uuid!"], {
    "authorId": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11",
  }, { "author": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11" });
});

Deno.test("id_dropped takes no text column and no tenant", () => {
  assertDeclines("id_dropped", ["posts", "author text"], {
    "author_id": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11",
  });
  assertDeclines("id_dropped", ["t", "tenant uuid"], { "tenant_id": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11" });
  assertDeclines("id_dropped", ["t", "owner uuid"], { "owner_id": "me" });
});
