/** `skip_no_op`: what may not be altered, and is already as the statement wants it, is left alone. @module */

import { relationName, type SqlNode } from "../../core/sqlSyntax.ts";
import { leaveOut, refuse, type Transform } from "./transform.ts";

/** The transform `skip_no_op`. */
export const skipNoOp: Transform = {
  risk: "low",
  describe: (object) => `leave out what would turn row level security on for ${object}, where it is on`,
  changes: {},
  async rewrite(failure) {
    const { parsed, sql } = failure;
    if (parsed?.kind !== "AlterTableStmt") {
      return refuse("it belongs to another role, who alone may alter it");
    }
    const commands = (parsed.node.cmds as { AlterTableCmd: SqlNode }[]).map(({ AlterTableCmd }) =>
      AlterTableCmd
    );
    if (!commands.every(({ subtype }) => subtype === "AT_EnableRowSecurity")) {
      return refuse("it belongs to another role, who alone may alter it");
    }
    const [row] = await sql.query<{ on: boolean }>(
      'select relrowsecurity as "on" from pg_catalog.pg_class where oid = to_regclass($1)',
      [relationName(parsed.node.relation)],
    );
    return row?.on
      ? leaveOut(failure, "row level security is on already")
      : refuse("row level security is off, and only the owner can turn it on");
  },
};
