/** A table that the API shows without any rule about its rows. @module */

import { type AdviceRule, detail, EXPOSED, NAME, outsiders, OWN_TABLES } from "./rule.ts";

/** The rule. It turns nothing on: with no policy yet, everybody would suddenly see nothing. */
export const rowSecurityOff: AdviceRule = {
  code: "row_security_off",
  severity: "high",
  sql: `select ${NAME} as object, pg_catalog.jsonb_build_object('roles', ${
    outsiders("SELECT, INSERT, UPDATE, DELETE")
  },
      'policies', (select count(*) from pg_catalog.pg_policy as p where p.polrelid = c.oid)) as details
    from ${OWN_TABLES} where not c.relrowsecurity and ${EXPOSED}`,
  say(found) {
    const roles = detail(found, "roles");
    const policies = Number(detail(found, "policies"));
    const open = roles === ""
      ? "nobody from outside has a grant on it yet, and the next grant opens every row"
      : `${roles} may reach every row of it`;
    return {
      severity: roles === "" ? "medium" : "high",
      message: `${found.object} has row level security switched off in a schema that the API shows: ${open}` +
        (policies === 0 ? "" : `; its ${policies} policies have no effect`),
      advice:
        "write its policies first, then switch row level security on in the same migration, and look at it as each role",
      sql: `alter table ${found.object} enable row level security`,
    };
  },
};
