/** `skip_no_op`: what may not be altered, and is already as the statement wants it, is left alone. @module */

import { relationName, type SqlNode } from "../../core/sqlSyntax.ts";
import { type Failure, leaveOut, refuse, type Transform } from "./transform.ts";

/** The transform `skip_no_op`. */
export const skipNoOp: Transform = {
  risk: "low",
  describe: (object) => `leave out what would make ${object} as it already is`,
  changes: {},
  async rewrite(failure) {
    const { parsed, sql } = failure;
    if (parsed?.kind !== "AlterTableStmt") {
      return refuse("it belongs to another role, who alone may alter it");
    }
    const commands = (parsed.node.cmds as { AlterTableCmd: SqlNode }[]).map(({ AlterTableCmd }) =>
      AlterTableCmd
    );
    const [command, ...others] = commands;
    if (command !== undefined && others.length === 0 && await isIdentityAsWanted(failure, command)) {
      return leaveOut(failure, `${failure.object} is already as the statement wants it`);
    }
    if (/^AT_(?:Add|Drop)Identity$/.test(String(command?.subtype))) {
      return refuse(
        "the identity of the column is another than the statement wants, or it does more than that",
      );
    }
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

/** Whether a column draws its numbers, or draws none, as one command without options of a sequence says. */
async function isIdentityAsWanted(
  { sql, parsed }: Failure,
  { subtype, name, def }: SqlNode,
): Promise<boolean> {
  const identity = (def as { Constraint?: SqlNode } | undefined)?.Constraint;
  const isAdded = subtype === "AT_AddIdentity" && identity !== undefined && identity.options === undefined;
  if (!isAdded && subtype !== "AT_DropIdentity") return false;
  const wanted = isAdded ? identity.generated_when : "";
  const [row] = await sql.query<{ kind: string }>(
    `select attidentity::text as kind from pg_catalog.pg_attribute
     where attrelid = to_regclass($1) and attname = $2 and attnum > 0 and not attisdropped`,
    [relationName(parsed?.node.relation), name],
  );
  return row?.kind === wanted;
}
