import assert from "node:assert/strict";
import { pooledStatement as rule } from "../../../supabase/functions/_shared/deterministicFixPatterns/pooledStatement.ts";
import { facts } from "../../helpers/facts.ts";

Deno.test("pooled_statement makes again only what waits under its key", () => {
  const lost = { code: "26000", message: 'prepared statement "s1" does not exist' };
  assert.deepEqual(rule.propose(facts({ ...lost, queuedOperations: 1 })), { kind: "reset_connection" });
  assert.equal(rule.propose(facts(lost)), null);
  const queued = { queuedOperations: 1 };
  assert.equal(rule.propose(facts({ ...queued, code: "08P01", message: "query_wait_timeout" })), null);
  assert.equal(rule.propose(facts({ ...queued, code: "0A000", message: "cross-database references" })), null);
});
