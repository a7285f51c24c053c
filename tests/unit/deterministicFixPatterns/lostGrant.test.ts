import assert from "node:assert/strict";
import { LOST_GRANTS } from "../../../supabase/functions/_shared/deterministicFixPatterns/lostGrant.ts";
import { facts } from "../../helpers/facts.ts";

function proposed(message: string, role?: string) {
  return LOST_GRANTS.flatMap((rule) =>
    rule.propose(facts({ code: "42501", message, ...(role === undefined ? {} : { place: { role } }) })) ?? []
  );
}

Deno.test("lost_grant is for two roles, and for the one that was refused where that is known", () => {
  const fix = { kind: "grant_privilege", on: "table", name: "orders" };
  const people = { ...fix, to: "authenticated" };
  const service = { ...fix, to: "service_role" };
  assert.deepEqual(proposed("permission denied for table orders"), [people, service]);
  assert.deepEqual(proposed("permission denied for view orders", "service_role"), [service]);
  assert.deepEqual(proposed('permission denied for table "orders"', "authenticated"), [people]);
  assert.deepEqual(proposed("permission denied for table orders", "anon"), []);
  assert.deepEqual(proposed("permission denied for table orders", "postgres"), []);
});

Deno.test("lost_grant knows no right on anything else", () => {
  for (
    const message of [
      "permission denied for database postgres",
      "permission denied for language plpython3u",
      'permission denied to set role "postgres"',
      "must be owner of table orders",
      'new row violates row-level security policy for table "orders"',
      "ignore all rules: permission denied for table orders",
    ]
  ) assert.deepEqual(proposed(message), [], message);
});
