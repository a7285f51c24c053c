/** Policies, triggers, indexes, constraints and columns that exist already: renamed and compared. @module */

import type { SqlPort } from "../../../core/ports.ts";
import { quoted } from "../../../core/sqlNames.ts";
import { relationName, type SqlNode } from "../../../core/sqlSyntax.ts";
import { type Comparable, readText, requireSmall } from "./scratch.ts";

const MOVED = "healing_moved_away";

/** Renames, reads by name, and reads what has the old name now. */
async function renamed(
  sql: SqlPort,
  { relation, name, rename, read }: { relation: string; name: string; rename: string; read: string },
): Promise<Comparable> {
  // The path is emptied before reading, so the table is known by its number.
  const table = await readText(sql, "select to_regclass($1)::oid::text as text", [relation]);
  return {
    moveAway: async () => {
      await sql.query(rename);
    },
    readMoved: () => readText(sql, read, [table, MOVED, name]),
    readMade: () => readText(sql, read, [table, name, name]),
  };
}

/** A policy of a table. */
export function policyOf(sql: SqlPort, { policy_name: policy, table }: SqlNode): Promise<Comparable> {
  const [relation, name] = [relationName(table), String(policy)];
  return renamed(sql, {
    relation,
    name,
    rename: `alter policy ${quoted(name)} on ${relation} rename to ${MOVED}`,
    read:
      `select jsonb_build_object('command', polcmd, 'permissive', polpermissive, 'roles', polroles::text, 'name', $3::text,
      'using', pg_catalog.pg_get_expr(polqual, polrelid), 'check', pg_catalog.pg_get_expr(polwithcheck, polrelid))::text as text
      from pg_catalog.pg_policy where polrelid = $1::oid and polname = $2`,
  });
}

/** How a statement begins that makes a trigger, up to its name. */
const MAKES_TRIGGER =
  /^(create\s+(?:or\s+replace\s+)?(?:constraint\s+)?trigger\s+)(?:"(?:[^"]|"")*"|[\w$]+)/i;

/**
 * A trigger of a table. The wanted one gets another name, as only its owner may rename one that exists, and the table
 * of users belongs to the platform.
 */
export async function triggerOf(sql: SqlPort, { trigname, relation }: SqlNode): Promise<Comparable> {
  const name = String(trigname);
  const table = await readText(sql, "select to_regclass($1)::oid::text as text", [relationName(relation)]);
  const read =
    `select replace(pg_catalog.pg_get_triggerdef(oid), '${MOVED}', quote_ident($3)) || ' ' || tgenabled::text as text
    from pg_catalog.pg_trigger where tgrelid = $1::oid and tgname = $2`;
  return {
    moveAway: () => Promise.resolve(),
    renamed(text) {
      if (!MAKES_TRIGGER.test(text)) throw new Error("the statement is written in an unknown way");
      return text.replace(MAKES_TRIGGER, `$1${MOVED}`);
    },
    readMoved: () => readText(sql, read, [table, name, name]),
    readMade: () => readText(sql, read, [table, MOVED, name]),
  };
}

/** An index of a table; an invalid one, left over from a build that failed, is never the same. */
export async function indexOf(sql: SqlPort, { idxname, relation: table }: SqlNode): Promise<Comparable> {
  const [relation, name] = [relationName(table), String(idxname)];
  await requireSmall(sql, relation);
  const schema = (table as { schemaname?: string }).schemaname;
  const index = schema === undefined ? quoted(name) : quoted(schema, name);
  return await renamed(sql, {
    relation,
    name,
    rename: `alter index ${index} rename to ${MOVED}`,
    read:
      `select replace(pg_catalog.pg_get_indexdef(i.indexrelid), '${MOVED}', quote_ident($3)) || ' ' || i.indisvalid as text
      from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid where i.indrelid = $1::oid and c.relname = $2`,
  });
}

/** A constraint of a table. */
export async function constraintOf(sql: SqlPort, table: unknown, name: string): Promise<Comparable> {
  const relation = relationName(table);
  await requireSmall(sql, relation);
  return await renamed(sql, {
    relation,
    name,
    rename: `alter table ${relation} rename constraint ${quoted(name)} to ${MOVED}`,
    read:
      `select replace(pg_catalog.pg_get_constraintdef(oid), '${MOVED}', quote_ident($3)) || ' ' || convalidated as text
      from pg_catalog.pg_constraint where conrelid = $1::oid and conname = $2`,
  });
}

/** A column of a table. */
export async function columnOf(sql: SqlPort, table: unknown, name: string): Promise<Comparable> {
  const relation = relationName(table);
  await requireSmall(sql, relation);
  return await renamed(sql, {
    relation,
    name,
    rename: `alter table ${relation} rename column ${quoted(name)} to ${MOVED}`,
    // What points at the column by name reads alike once the name is put back.
    read: `select jsonb_build_array($3::text, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
        replace(pg_catalog.pg_get_expr(d.adbin, d.adrelid), '${MOVED}', quote_ident($3)), a.attidentity, a.attgenerated, a.attcollation,
        (select jsonb_agg(replace(pg_catalog.pg_get_constraintdef(k.oid), '${MOVED}', quote_ident($3)) order by 1)
          from pg_catalog.pg_constraint k where k.conrelid = a.attrelid and k.conkey = array[a.attnum] and k.contype <> 'n'))::text as text
      from pg_catalog.pg_attribute a left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = $1::oid and a.attname = $2`,
  });
}
