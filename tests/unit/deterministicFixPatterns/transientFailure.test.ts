import assert from "node:assert/strict";
import { transientFailure as rule } from "../../../supabase/functions/_shared/deterministicFixPatterns/transientFailure.ts";
import { facts } from "../../helpers/facts.ts";

Deno.test("transient_failure proposes a retry only for a passing failure with an operation that waits", () => {
  assert.deepEqual(rule.propose(facts({ transient: true, queuedOperations: 1 })), { kind: "retry" });
  assert.equal(rule.propose(facts({ transient: true })), null);
  assert.equal(rule.propose(facts({ queuedOperations: 1 })), null);
});
