/** Policies that believe what the caller says of itself, or believe anybody. @module */

import { eachNode, namesIn, type SqlNode } from "../../core/sqlSyntax.ts";
import { guilty } from "./clauses.ts";
import { type AdviceRule, POLICIES, POLICY_ROW } from "./rule.ts";

const SPOOFABLE = new Set(["user_metadata", "raw_user_meta_data"]);

function believesMetadata(clause: SqlNode): boolean {
  let found = false;
  eachNode(clause, "A_Const", (node) => {
    const text = (node.sval as { sval?: string } | undefined)?.sval ?? "";
    found ||= text.replace(/[{}]/g, "").split(",").some((key) => SPOOFABLE.has(key.trim()));
  });
  eachNode(clause, "ColumnRef", (node) => found ||= namesIn(node.fields).some((name) => SPOOFABLE.has(name)));
  return found;
}

/** People write their user_metadata themselves. */
export const trustsMetadata: AdviceRule = {
  code: "policy_trusts_user_metadata",
  severity: "high",
  sql: `select ${POLICY_ROW} from ${POLICIES}`,
  stillWrong: "details ->> 'clauses' ~ '(user_metadata|raw_user_meta_data)'",
  judge: (found) => guilty(found, believesMetadata),
  say: ({ object }) => ({
    message:
      `${object} decides by user_metadata, which people write themselves: whoever likes can make themselves an admin`,
    advice: "keep roles in app_metadata or in a table that only the server writes, and ask that",
  }),
};

/** Writing is free for all. */
export const alwaysTrue: AdviceRule = {
  code: "policy_always_true",
  severity: "high",
  sql: `select ${POLICY_ROW} from ${POLICIES}
    where p.polpermissive and p.polcmd <> 'r' and c.relrowsecurity
      and exists (select from unnest(p.polroles) as who left join pg_catalog.pg_roles as o on o.oid = who
        where who = 0 or o.rolname in ('anon', 'authenticated'))
      and coalesce(pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid), pg_catalog.pg_get_expr(p.polqual, p.polrelid)) = 'true'`,
  say: ({ object }) => ({
    message:
      `${object} lets everybody who has the right to write whatever they like, into rows of others too`,
    advice:
      "say which rows are whose; where it is meant for the server alone, no policy is needed, because service_role passes anyway",
  }),
};
