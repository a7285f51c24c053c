/** The error of a call that a breaker did not let through. @module */

import { HealingError, isHealingError } from "../core/errors.ts";
import { part } from "../core/unknownValues.ts";

/** A call was refused because its target is known to be down; the target has not been called. */
export class CircuitOpenError extends HealingError {
  constructor(name: string | undefined, why: string, retryAfterMs: number | undefined) {
    super(
      "UNAVAILABLE",
      `The call was not made as the breaker ${name === undefined ? "" : `"${name}" `}is ${why}`,
      {
        hint: retryAfterMs === undefined
          ? "A person has to change the breaker's mode"
          : `Use a fallback, or try again in ${Math.ceil(retryAfterMs / 1_000)} s`,
        details: { breaker: name ?? null, refused: true },
        retryAfterMs,
      },
    );
    this.name = "CircuitOpenError";
  }
}

/** True for the refusal of a breaker, whichever copy of the library made it. */
export function isCircuitOpenError(error: unknown): error is CircuitOpenError {
  return isHealingError(error) && part(error, "name") === "CircuitOpenError";
}
