import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("caller_uuid takes uuid for uid in a call", () => {
  assertHeals(
    "caller_uuid",
    ["rpc:get_profile", "uid uuid!"],
    { "uuid": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11" },
    { "uid": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11" },
  );
});

Deno.test("caller_uuid keeps away from tables, other columns and other values", () => {
  assertDeclines("caller_uuid", ["rpc:set_claim", "uid uuid"], {
    "uuid": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11",
  });
  assertDeclines("caller_uuid", ["t", "uid uuid"], { "uuid": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11" });
  assertDeclines("caller_uuid", ["rpc:f", "user_id uuid"], {
    "uuid": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11",
  });
  assertDeclines("caller_uuid", ["rpc:f", "uid text"], { "uuid": "me" });
});
