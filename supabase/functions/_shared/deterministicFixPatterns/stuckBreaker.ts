/** A breaker refuses calls although its time is over: close it, if nobody has probed its target since. @module */

import type { DeterministicRule } from "./rule.ts";

/** The words of the library's own refusal; the name is only ever compared with the breakers that there are. */
const REFUSAL = /^The call was not made as the breaker "([^"\n]{1,200})" is /;

/** The rule `stuck_breaker`. */
export const stuckBreaker: DeterministicRule = {
  key: "stuck_breaker",
  confidence: 0.8,
  because:
    "the breaker still refuses calls, though its cooldown is over and no probe came; the next failures open it again",
  propose({ code, message }) {
    const breaker = code === "UNAVAILABLE" ? REFUSAL.exec(message)?.[1] : undefined;
    return breaker === undefined ? null : { kind: "reset_breaker", breaker };
  },
};
