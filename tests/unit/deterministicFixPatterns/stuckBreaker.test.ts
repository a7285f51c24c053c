import assert from "node:assert/strict";
import { CircuitOpenError } from "../../../supabase/functions/_shared/circuitBreaker.ts";
import { stuckBreaker as rule } from "../../../supabase/functions/_shared/deterministicFixPatterns/stuckBreaker.ts";
import { facts } from "../../helpers/facts.ts";

Deno.test("stuck_breaker proposes to close the breaker that a refusal names, and none for other words", () => {
  const { code, message } = new CircuitOpenError("ai:m at host/v1", "open", 1_000);
  assert.deepEqual(rule.propose(facts({ code, message })), {
    kind: "reset_breaker",
    breaker: "ai:m at host/v1",
  });
  assert.equal(
    rule.propose(facts({ code, message: new CircuitOpenError(undefined, "open", 1).message })),
    null,
  );
  assert.equal(rule.propose(facts({ code: "", message })), null);
  assert.equal(rule.propose(facts({ code, message: `he said: ${message}` })), null);
});
