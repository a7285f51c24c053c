/** `skip_missing`: the drop of something that is not there gets `if exists`. @module */

import { quoted } from "../../core/sqlNames.ts";
import { relationName, type SqlNode } from "../../core/sqlSyntax.ts";
import {
  type Failure,
  isMisspelling,
  putInPlace,
  refuse,
  type Rewriting,
  spliced,
  type Transform,
} from "./transform.ts";
import { lastName } from "./transform.ts";

/** `drop`, the kind of object and `concurrently`, as far as an `if exists` may follow. */
const DROP =
  /^drop\s+(?:(?:materialized|foreign|event|text\s+search|access|user)\s+)?[a-z]+(?:\s+(?:method|trigger|table|view|mapping|configuration|dictionary|parser|template|wrapper))?\s+(?:concurrently\s+)?(?!if\b)/i;

/** Everything with a name, so that a misspelling of something that exists is told. */
const NEIGHBOURS = `
  select relname::text as name from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  union select conname from pg_catalog.pg_constraint where conrelid = to_regclass($1)
  union select attname from pg_catalog.pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped
  union select polname from pg_catalog.pg_policy where polrelid = to_regclass($1)
  union select tgname from pg_catalog.pg_trigger where tgrelid = to_regclass($1)
  union select typname from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and t.typname !~ '^_'
  union select proname from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;

/** The transform `skip_missing`. */
export const skipMissing: Transform = {
  risk: "low",
  describe: (object) => `drop ${object} only if it exists`,
  changes: { fields: ["missing_ok"] },
  async rewrite(failure) {
    const { parsed } = failure;
    if (parsed === null) return refuse("the statement could not be parsed");
    const isDrop = parsed.kind === "DropStmt" || parsed.kind === "AlterTableStmt";
    if (!isDrop) return refuse("the statement is no drop");
    const alike = await misspelled(failure, relationOf(parsed.node));
    if (alike !== undefined) {
      return refuse(`${lastName(failure.object)} looks like a misspelling of ${alike}, which exists`);
    }
    return parsed.kind === "DropStmt" ? guardDrop(failure) : guardCommands(failure, parsed.node);
  },
};

/** The table that the dropped thing belongs to, if the statement names one. */
function relationOf(node: SqlNode): string | null {
  if (node.relation !== undefined) return relationName(node.relation);
  const names =
    (node.objects as { List?: { items?: { String?: { sval: string } }[] } }[] | undefined)?.[0]?.List
      ?.items?.map((item) => item.String?.sval ?? "") ?? [];
  const isMember = /^OBJECT_(?:POLICY|TRIGGER|RULE)$/.test(String(node.removeType));
  return isMember ? quoted(...names.slice(0, -1)) : null;
}

async function misspelled({ sql, object }: Failure, relation: string | null): Promise<string | undefined> {
  const rows = await sql.query<{ name: string }>(NEIGHBOURS, [relation]);
  return rows.find(({ name }) => isMisspelling(lastName(object), name))?.name;
}

function guardDrop(failure: Failure): Rewriting {
  const place = DROP.exec(failure.statement.text)?.[0].length;
  if (place === undefined) return refuse("the statement is written in an unknown way");
  const text = spliced(failure.statement.text, [{ from: place, to: place, text: "if exists " }]);
  return putInPlace(failure, [text], `${failure.object} is not there`);
}

/** `alter table … drop column a, drop constraint b`: only the one that the error named. */
function guardCommands(failure: Failure, node: SqlNode): Rewriting {
  const commands = (node.cmds as { AlterTableCmd: SqlNode }[]).map(({ AlterTableCmd }) => AlterTableCmd);
  const name = lastName(failure.object);
  const wanted = commands.find((command) =>
    /^AT_Drop(?:Column|Constraint)$/.test(String(command.subtype)) && command.name === name &&
    !command.missing_ok
  );
  if (wanted === undefined) return refuse(`the statement does not drop ${name}`);
  const words = wanted.subtype === "AT_DropConstraint" ? "constraint\\s+" : "(?:column\\s+)?";
  const spelled = name.replace(/[^\w]/g, "\\$&");
  const place = new RegExp(`\\bdrop\\s+${words}(?=(?:"${spelled}"|${spelled}(?![\\w$])))`, "i")
    .exec(failure.statement.text);
  if (place === null) return refuse("the statement is written in an unknown way");
  const at = place.index + place[0].length;
  const text = spliced(failure.statement.text, [{ from: at, to: at, text: "if exists " }]);
  return putInPlace(failure, [text], `${failure.object} is not there`);
}
