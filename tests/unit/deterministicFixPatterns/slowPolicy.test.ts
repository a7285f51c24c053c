import assert from "node:assert/strict";
import { slowPolicy as rule } from "../../../supabase/functions/_shared/deterministicFixPatterns/slowPolicy.ts";
import { facts } from "../../helpers/facts.ts";

Deno.test("slow_policy looks at the table of the place, or at the only one that can be meant", () => {
  const slow = { code: "57014", message: "canceling statement due to statement timeout" };
  const fix = { kind: "replace_policy", repair: "evaluate_once" };
  assert.deepEqual(rule.propose(facts(slow)), { ...fix, table: "*" });
  assert.deepEqual(rule.propose(facts({ ...slow, place: { relation: "big" } })), { ...fix, table: "big" });
  assert.equal(rule.propose(facts({ ...slow, message: "canceling statement due to user request" })), null);
  assert.equal(rule.propose(facts({ ...slow, code: "" })), null);
});
