/** `skip_renamed`: a rename that was made already is not made again. @module */

import type { SqlNode } from "../../core/sqlSyntax.ts";
import { relationName } from "./existing/members.ts";
import { type Failure, leaveOut, refuse, type Transform } from "./transform.ts";

const COLUMN = `select from pg_catalog.pg_attribute
  where attrelid = to_regclass($1) and attname = $2 and attnum > 0 and not attisdropped`;

/** The transform `skip_renamed`. */
export const skipRenamed: Transform = {
  risk: "low",
  describe: (object) => `leave out the rename of ${object}, as the new name exists and the old one does not`,
  changes: {},
  async rewrite(failure) {
    const { parsed } = failure;
    if (parsed?.kind !== "RenameStmt") return refuse("the statement is no rename");
    const { renameType, relation, subname, newname } = parsed.node as Record<string, string> & SqlNode;
    if (renameType === "OBJECT_COLUMN") {
      const table = relationName(relation);
      const [hasOld, hasNew] = [await has(failure, table, subname), await has(failure, table, newname)];
      if (hasNew && !hasOld) return leaveOut(failure, `column ${newname} has its name already`);
      return refuse(
        hasOld ? `columns ${subname} and ${newname} both exist` : `neither ${subname} nor ${newname} exists`,
      );
    }
    if (renameType !== "OBJECT_TABLE" && renameType !== "OBJECT_VIEW") {
      return refuse("only columns and tables are looked up");
    }
    const schema = (relation as unknown as SqlNode).schemaname;
    const target = relationName({
      ...(schema === undefined ? {} : { schemaname: schema }),
      relname: newname,
    });
    const [row] = await failure.sql.query<{ found: boolean }>("select to_regclass($1) is not null as found", [
      target,
    ]);
    return row?.found
      ? leaveOut(failure, `${newname} has its name already`)
      : refuse(`neither ${failure.object} nor ${newname} exists`);
  },
};

async function has({ sql }: Failure, table: string, column: string | undefined): Promise<boolean> {
  return (await sql.query(COLUMN, [table, column])).length === 1;
}
