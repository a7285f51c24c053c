/** `skip_renamed`: a rename that was made already is not made again. @module */

import { quoted } from "../../core/sqlNames.ts";
import { namesIn, relationName, type SqlNode } from "../../core/sqlSyntax.ts";
import { type Failure, leaveOut, refuse, type Rewriting, type Transform } from "./transform.ts";

/** Whether something of a kind has a name (`$2`) on a table, or beside it (`$1`). */
const HAS: Readonly<Record<string, string>> = {
  OBJECT_COLUMN: `select from pg_catalog.pg_attribute
    where attrelid = to_regclass($1) and attname = $2 and attnum > 0 and not attisdropped`,
  OBJECT_TABCONSTRAINT:
    "select from pg_catalog.pg_constraint where conrelid = to_regclass($1) and conname = $2",
  OBJECT_POLICY: "select from pg_catalog.pg_policy where polrelid = to_regclass($1) and polname = $2",
  OBJECT_TRIGGER: "select from pg_catalog.pg_trigger where tgrelid = to_regclass($1) and tgname = $2",
};

/** What is renamed as a whole, and how its name is looked up. */
const WHOLE: Readonly<Record<string, string>> = {
  OBJECT_TABLE: "to_regclass",
  OBJECT_VIEW: "to_regclass",
  OBJECT_MATVIEW: "to_regclass",
  OBJECT_SEQUENCE: "to_regclass",
  OBJECT_INDEX: "to_regclass",
  OBJECT_TYPE: "to_regtype",
  OBJECT_DOMAIN: "to_regtype",
  OBJECT_FUNCTION: "to_regprocedure",
  OBJECT_PROCEDURE: "to_regprocedure",
  OBJECT_ROUTINE: "to_regprocedure",
};

/** The transform `skip_renamed`. */
export const skipRenamed: Transform = {
  risk: "low",
  describe: (object) => `leave out the rename of ${object}, as the new name exists and the old one does not`,
  changes: {},
  async rewrite(failure) {
    const { parsed } = failure;
    if (parsed?.kind === "AlterEnumStmt") return await skipLabel(failure, parsed.node);
    if (parsed?.kind !== "RenameStmt") return refuse("the statement is no rename");
    const { renameType, relation, subname, newname, object } = parsed.node as
      & Record<"renameType" | "subname" | "newname", string>
      & SqlNode;
    const query = HAS[renameType];
    if (query !== undefined) {
      const has = async (name: string) =>
        (await failure.sql.query(query, [relationName(relation), name])).length === 1;
      return verdict(failure, subname, newname, await has(subname), await has(newname));
    }
    const lookUp = WHOLE[renameType];
    if (lookUp === undefined) return refuse("what is renamed is of a kind that is not looked up");
    const names = relation === undefined ? namesOf(object) : relationNames(relation as SqlNode);
    // The error names a routine with the types of its arguments; without them the statement did not say them either.
    const types = lookUp === "to_regprocedure" ? /\(.*\)$/.exec(failure.object)?.[0] : "";
    if (types === undefined) return refuse("the statement does not say which arguments the routine has");
    const has = async (name: string) => {
      const path = quoted(...names.slice(0, -1), name) + types;
      const [row] = await failure.sql.query<{ found: boolean }>(`select ${lookUp}($1) is not null as found`, [
        path,
      ]);
      return row!.found;
    };
    return verdict(failure, names.at(-1)!, newname, await has(names.at(-1)!), await has(newname));
  },
};

function relationNames({ schemaname, relname }: SqlNode): string[] {
  return [schemaname, relname].filter((name) => name !== undefined).map(String);
}

function namesOf(object: unknown): string[] {
  const { List, ObjectWithArgs } = object as {
    List?: { items?: unknown };
    ObjectWithArgs?: { objname?: unknown };
  };
  return namesIn(ObjectWithArgs?.objname ?? List?.items);
}

function verdict(failure: Failure, from: string, to: string, hasOld: boolean, hasNew: boolean): Rewriting {
  if (hasNew && !hasOld) return leaveOut(failure, `${to} has its name already`);
  return refuse(hasOld ? `${from} and ${to} both exist` : `neither ${from} nor ${to} exists`);
}

async function skipLabel(failure: Failure, { typeName, oldVal, newVal }: SqlNode): Promise<Rewriting> {
  if (oldVal === undefined) return refuse("the statement is no rename");
  const rows = await failure.sql.query<{ label: string }>(
    "select enumlabel as label from pg_catalog.pg_enum where enumtypid = to_regtype($1)",
    [quoted(...namesIn(typeName))],
  );
  const has = (label: unknown) => rows.some((row) => row.label === label);
  return verdict(failure, String(oldVal), String(newVal), has(oldVal), has(newVal));
}
