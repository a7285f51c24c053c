/** Ready-made facts about an error. @module */

import type { ErrorFacts } from "../../supabase/functions/_shared/core/fixes.ts";

/** Facts about an error; what a test does not care about is filled in. */
export function facts(changes: Partial<ErrorFacts> = {}): ErrorFacts {
  return {
    code: "3F000",
    message: 'schema "shop" does not exist',
    signature: "3F000: schema $1 does not exist",
    template: '3F000: schema "shop" does not exist',
    slots: ["shop"],
    errorType: "missing_schema",
    transient: false,
    queuedOperations: 0,
    ...changes,
  };
}
