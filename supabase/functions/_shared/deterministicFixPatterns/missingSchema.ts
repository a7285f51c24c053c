/** A statement creates something in a schema that nobody made: make it. @module */

import { type DeterministicRule, hasCode } from "./rule.ts";

/** The rule `missing_schema`. */
export const missingSchema: DeterministicRule = {
  key: "missing_schema",
  confidence: 0.9,
  because: "the statement puts something into a schema that does not exist yet",
  propose({ code, message }) {
    if (!hasCode(code, "3F000")) return null;
    const name = /^schema "([a-z_][a-z0-9_]{0,62})" does not exist/.exec(
      message,
    )?.[1];
    return name === undefined ? null : { kind: "create_schema", schema: name };
  },
};
