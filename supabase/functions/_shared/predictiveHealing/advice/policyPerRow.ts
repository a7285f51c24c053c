/** A policy that asks for every row who is calling. @module */

import type { SqlNode } from "../../core/sqlSyntax.ts";
import { callsIn } from "../scripts.ts";
import { guilty, perRow } from "./clauses.ts";
import { type AdviceRule, detail, POLICIES, POLICY_ROW } from "./rule.ts";

function asksPerRow(clause: SqlNode): boolean {
  return callsIn(perRow(clause)).some(({ schema, name }) => schema === "auth" || name === "current_setting");
}

/** The rule. */
export const policyPerRow: AdviceRule = {
  code: "policy_per_row",
  severity: "medium",
  sql: `select ${POLICY_ROW} from ${POLICIES}`,
  stillWrong:
    `pg_catalog.regexp_replace(details ->> 'clauses', 'SELECT (auth\\.[a-z]+|current_setting)\\(', '', 'g') ~ '(auth\\.[a-z]+|current_setting)\\('`,
  judge: (found) => guilty(found, asksPerRow),
  say: (found) => ({
    message:
      `${found.object} calls who is asking anew for every row; on a table of some size that is most of the time of a query`,
    advice:
      "wrap the call, (select auth.uid()), so that it is made once for the whole statement; the rows stay the same",
    // The kind refuses a name that it could not tell apart.
    fix: detail(found, "schema").includes(".") ? null : {
      kind: "replace_policy",
      repair: "evaluate_once",
      table: `${detail(found, "schema")}.${detail(found, "name")}`,
    },
  }),
};
