/** Row level security is on and no policy lets anybody in. @module */

import { type AdviceRule, EXPOSED, NAME, outsiders, OWN_TABLES } from "./rule.ts";

/** The rule. It explains and proposes no policy: that may be just what is wanted. */
export const noPolicy: AdviceRule = {
  code: "no_policy",
  severity: "low",
  sql: `select ${NAME} as object, '{}'::jsonb as details from ${OWN_TABLES}
    where c.relrowsecurity and ${EXPOSED} and ${outsiders("SELECT, INSERT, UPDATE, DELETE")} is not null
      and not exists (select from pg_catalog.pg_policy as p where p.polrelid = c.oid)`,
  say: ({ object }) => ({
    message:
      `${object} has row level security on and no policy: whoever comes through the API sees no row and gets no error, although it has a grant`,
    advice:
      "where only the server uses it, that is right, and the grant can go; otherwise say in a policy which rows are whose",
  }),
};
