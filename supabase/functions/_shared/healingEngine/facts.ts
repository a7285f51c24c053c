/** What the proposers are told about a claimed error. @module */

import type { ErrorFacts } from "../core/fixes.ts";
import type { ClaimedError } from "../healingDb.ts";

/** The facts about a stored error. */
export function factsOf(error: ClaimedError): ErrorFacts {
  const context = error.context;
  const transient = typeof context === "object" && context !== null && !Array.isArray(context) &&
    context.transient === true;
  return {
    code: error.error_code ?? "",
    message: error.error_message,
    signature: error.error_signature,
    template: error.error_template,
    slots: error.slots,
    errorType: error.error_type,
    transient,
    queuedOperations: error.queued_operations,
  };
}
