import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("abbreviated_name spells both names out", () => {
  assertHeals("abbreviated_name", ["logs", "msg text!"], { "message": "x" }, { "msg": "x" });
  assertHeals("abbreviated_name", ["memberships", "org_id uuid!"], {
    "organizationId": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11",
  }, { "org_id": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11" });
  assertHeals("abbreviated_name", ["t", "user_id uuid!"], { "uid": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11" }, {
    "user_id": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11",
  });
  assertHeals("abbreviated_name", ["t", "longitude float8"], { "long": 2.5 }, { "longitude": 2.5 });
});

Deno.test("abbreviated_name keeps away from opposites, credentials and money", () => {
  assertDeclines("abbreviated_name", ["t", "maximum int"], { "min": 1 });
  assertDeclines("abbreviated_name", ["t", "longitude_name text"], { "long_name": "x" });
  assertDeclines("abbreviated_name", ["t", "passwd text"], { "password": "x" });
  assertDeclines("abbreviated_name", ["ledger", "description text"], { "desc": "x" });
});
