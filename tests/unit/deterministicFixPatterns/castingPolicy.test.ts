import assert from "node:assert/strict";
import { castingPolicy as rule } from "../../../supabase/functions/_shared/deterministicFixPatterns/castingPolicy.ts";
import { facts } from "../../helpers/facts.ts";

Deno.test("casting_policy is about reading, and about uuids", () => {
  const bad = { code: "22P02", message: 'invalid input syntax for type uuid: "not-a-uuid"' };
  const fix = { kind: "replace_policy", repair: "compare_as_text" };
  assert.deepEqual(rule.propose(facts(bad)), { ...fix, table: "*" });
  assert.deepEqual(rule.propose(facts({ ...bad, place: { relation: "t", operation: "read" } })), {
    ...fix,
    table: "t",
  });
  assert.equal(rule.propose(facts({ ...bad, place: { relation: "t", operation: "write" } })), null);
  assert.equal(rule.propose(facts({ ...bad, message: 'invalid input syntax for type integer: "x"' })), null);
});
