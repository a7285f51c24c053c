/** The other side was down or busy for a while: make the queued operations again. @module */

import type { DeterministicRule } from "./rule.ts";

/** The rule `transient_failure`. */
export const transientFailure: DeterministicRule = {
  key: "transient_failure",
  confidence: 0.85,
  because: "the failure passes by itself, and the operation waits under an idempotency key",
  propose: ({ transient, queuedOperations }) => transient && queuedOperations > 0 ? { kind: "retry" } : null,
};
