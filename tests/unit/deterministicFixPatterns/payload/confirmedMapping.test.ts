import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

const learned = [
  { table: "tasks", key: "user_id", column: "created_by", confirmations: 6 },
  { table: "items", key: "team_id", column: "tenant_id", confirmations: 6 },
  { table: "profiles", key: "type", column: "role", confirmations: 6 },
  { table: "accounts", key: "amount", column: "balance", confirmations: 6 },
  { table: "jobs", key: "duration_sec", column: "duration_ms", confirmations: 6 },
];

Deno.test("confirmed_mapping does again what was accepted", () => {
  assertHeals(
    "confirmed_mapping",
    ["tasks", "id uuid! = gen_random_uuid(); created_by uuid!"],
    { "user_id": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11" },
    { "created_by": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11" },
    { learned },
  );
});

Deno.test("confirmed_mapping never does what is forbidden, and nothing in another table", () => {
  assertDeclines("confirmed_mapping", ["items", "tenant_id uuid"], {
    "team_id": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11",
  }, { learned });
  assertDeclines("confirmed_mapping", ["profiles", "role text"], { "type": "admin" }, { learned });
  assertDeclines("confirmed_mapping", ["accounts", "balance numeric"], { "amount": 5 }, { learned });
  assertDeclines("confirmed_mapping", ["posts", "created_by uuid"], {
    "user_id": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11",
  }, { learned });
  assertDeclines("confirmed_mapping", ["jobs", "duration_ms int"], { "duration_sec": 5 }, { learned });
  assertDeclines("confirmed_mapping", ["tasks", "id uuid! = gen_random_uuid(); created_by uuid"], {
    "user_id": "me",
  }, { learned });
});
