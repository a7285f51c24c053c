/** What is not taken from a model, as errors with a code and a type. @module */

import { HealingError, type HealingErrorCode, type HealingErrorOptions } from "../core/errors.ts";

/** An error whose type names what was refused; trying again would bring the same. */
export function refusedAs(
  errorType: string,
  code: HealingErrorCode,
  message: string,
  options: HealingErrorOptions = {},
): HealingError {
  return new HealingError(code, message, {
    ...options,
    details: { ...options.details, errorType, refused: true },
  });
}

/** The model, or its endpoint, did not want to. It is told to the person who asked, and nobody else is asked. */
export function modelRefused({ by, message }: { by: string; message: string }): HealingError {
  return refusedAs("model_refused", "FORBIDDEN", `The model refused (${by}): ${message}`, {
    hint: "Ask for something else; a refusal is not to be evaded",
  });
}
