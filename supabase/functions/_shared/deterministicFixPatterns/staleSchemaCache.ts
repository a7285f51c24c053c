/** The REST interface does not know a column, table, function or relationship: let it look again, if it is there. @module */

import { readUnknownToInterface } from "../core/unknownToInterface.ts";
import type { DeterministicRule } from "./rule.ts";

/** The rule `stale_schema_cache`. */
export const staleSchemaCache: DeterministicRule = {
  key: "stale_schema_cache",
  confidence: 0.9,
  because: "what is in the catalogue and not in the interface's copy of it is there after the next look",
  propose({ code, message }) {
    const unknown = readUnknownToInterface(code, message);
    return unknown === null ? null : { kind: "reload_schema_cache", ...unknown };
  },
};
