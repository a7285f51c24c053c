/** Errors as functions capture them, made up for programs that need many. @module */

import type { CapturedError } from "../../supabase/functions/_shared/healingDb.ts";

/** An occurrence; what is left out is unremarkable. */
export function madeError(fingerprint: string, changes: Partial<CapturedError>): CapturedError {
  return {
    fingerprint,
    error_signature: `${changes.error_code}: ${changes.error_type}`,
    error_template: `${changes.error_code}: ${changes.error_message}`,
    slots: [],
    error_type: "unknown",
    error_code: "",
    error_message: "",
    category: "runtime",
    severity: "medium",
    source: "edge_function",
    function_name: "checkout",
    context: { transient: false },
    ...changes,
  };
}
