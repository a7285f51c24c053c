import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

const learned = [{ table: "posts", key: "user", column: "user_id", confirmations: 6 }];

Deno.test("embedded_object_id takes the id of an object and hands back the rest", () => {
  assertHeals(
    "embedded_object_id",
    ["posts", "id uuid! = gen_random_uuid(); user_id uuid!"],
    { "user": { "id": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11", "name": "A" } },
    { "user_id": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11" },
    { learned },
  );
});

Deno.test("embedded_object_id takes no object without an id, no name and nothing unconfirmed", () => {
  assertDeclines("embedded_object_id", ["posts", "id uuid! = gen_random_uuid(); user_id uuid"], {
    "user": { "name": "A" },
  }, { learned });
  assertDeclines("embedded_object_id", ["posts", "id uuid! = gen_random_uuid(); user_id uuid"], {
    "user": { "id": "x" },
  }, { learned });
  assertDeclines("embedded_object_id", ["notes", "id uuid! = gen_random_uuid(); user_id uuid"], {
    "user": { "id": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11", "name": "A" },
  }, { learned });
});
