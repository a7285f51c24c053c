/** Tables, views, sequences and types that exist already: moved to a scratch schema and compared. @module */

import type { SqlPort } from "../../../core/ports.ts";
import { namesIn } from "../../../core/sqlSyntax.ts";
import type { SqlNode } from "../../../core/sqlSyntax.ts";
import { type Comparable, readText, SCRATCH } from "./scratch.ts";

const RELATION = `
  select replace(jsonb_build_object('kind', c.relkind, 'persistence', c.relpersistence, 'options', c.reloptions,
    'partitions', pg_catalog.pg_get_partkeydef(c.oid),
    'query', case when c.relkind in ('v', 'm') then pg_catalog.pg_get_viewdef(c.oid) end,
    'parents', (select jsonb_agg(i.inhparent::regclass::text order by i.inhseqno) from pg_catalog.pg_inherits i where i.inhrelid = c.oid),
    'columns', (select jsonb_agg(jsonb_build_array(a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
        pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated, a.attcollation) order by a.attnum)
      from pg_catalog.pg_attribute a left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
    'constraints', (select jsonb_agg(jsonb_build_array(k.conname, pg_catalog.pg_get_constraintdef(k.oid)) order by k.conname)
      from pg_catalog.pg_constraint k where k.conrelid = c.oid and k.contype <> 'n'),
    'sequence', (select to_jsonb(s) - 'seqrelid' from pg_catalog.pg_sequence s where s.seqrelid = c.oid))::text,
    '${SCRATCH}.', n.nspname || '.') as text
  from pg_catalog.pg_class c, pg_catalog.pg_namespace n where c.relname = $2 and n.nspname = $3
    and c.relnamespace = (select oid from pg_catalog.pg_namespace where nspname = $1)`;

const TYPE = `
  select replace(jsonb_build_object('kind', t.typtype, 'base', pg_catalog.format_type(t.typbasetype, t.typtypmod),
    'notnull', t.typnotnull, 'default', t.typdefault, 'collation', t.typcollation,
    'labels', (select jsonb_agg(e.enumlabel order by e.enumsortorder) from pg_catalog.pg_enum e where e.enumtypid = t.oid),
    'attributes', (select jsonb_agg(jsonb_build_array(a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)) order by a.attnum)
      from pg_catalog.pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped),
    'range', (select jsonb_build_array(r.rngsubtype::regtype::text, r.rngcollation, r.rngsubopc) from pg_catalog.pg_range r where r.rngtypid = t.oid),
    'constraints', (select jsonb_agg(jsonb_build_array(k.conname, pg_catalog.pg_get_constraintdef(k.oid)) order by k.conname)
      from pg_catalog.pg_constraint k where k.contypid = t.oid and k.contype <> 'n'))::text,
    '${SCRATCH}.', n.nspname || '.') as text
  from pg_catalog.pg_type t, pg_catalog.pg_namespace n where t.typname = $2 and n.nspname = $3
    and t.typnamespace = (select oid from pg_catalog.pg_namespace where nspname = $1)`;

/** Where an unqualified name lands: the first schema of the path. */
async function schemaOf(sql: SqlPort, named: string | undefined): Promise<string> {
  return named ?? await readText(sql, "select current_schema() as text", []) ?? "public";
}

/** A table, view, materialized view or sequence. */
export async function relationOf(sql: SqlPort, relation: SqlNode): Promise<Comparable> {
  const name = String(relation.relname);
  const schema = await schemaOf(sql, relation.schemaname as string | undefined);
  return movable(schema, name, "alter table %I.%I set schema %I", RELATION);
}

/** A type, by its list of names. */
export async function typeOf(sql: SqlPort, names: unknown): Promise<Comparable> {
  const [name, named] = [...namesIn(names)].reverse();
  const schema = await schemaOf(sql, named);
  const isDomain = await readText(
    sql,
    `select t.typtype::text as text from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace
     where n.nspname = $1 and t.typname = $2`,
    [schema, name],
  );
  return movable(
    schema,
    name ?? "",
    `alter ${isDomain === "d" ? "domain" : "type"} %I.%I set schema %I`,
    TYPE,
  );
}

function movable(schema: string, name: string, move: string, read: string): Comparable {
  return {
    async moveAway(sql) {
      await sql.execute("create schema %I", SCRATCH);
      await sql.execute(move, schema, name, SCRATCH);
    },
    readMoved: (sql) => readText(sql, read, [SCRATCH, name, schema]),
    readMade: (sql) => readText(sql, read, [schema, name, schema]),
  };
}

const ROUTINE = `
  select replace(pg_catalog.pg_get_functiondef(p.oid), '${SCRATCH}.', n.nspname || '.') as text
  from pg_catalog.pg_proc p, pg_catalog.pg_namespace n
  where p.proname = $2 and n.nspname = $3 and p.prokind in ('f', 'p')
    and p.pronamespace = (select oid from pg_catalog.pg_namespace where nspname = $1)
    and p.proargtypes = (select made.proargtypes from pg_catalog.pg_proc made
      join pg_catalog.pg_namespace s on s.oid = made.pronamespace where s.nspname = $3 and made.proname = $2)`;

/** A function or procedure; all overloads move, and the one with the same arguments is compared. */
export async function routineOf(sql: SqlPort, names: unknown): Promise<Comparable> {
  const [name = "", named] = [...namesIn(names)].reverse();
  const schema = await schemaOf(sql, named);
  return {
    async moveAway() {
      await sql.execute("create schema %I", SCRATCH);
      const routines = await sql.query<{ routine: string }>(
        `select p.oid::regprocedure::text as routine from pg_catalog.pg_proc p
         join pg_catalog.pg_namespace n on n.oid = p.pronamespace where n.nspname = $1 and p.proname = $2`,
        [schema, name],
      );
      for (const { routine } of routines) await sql.query(`alter routine ${routine} set schema ${SCRATCH}`);
    },
    readMoved: () => readText(sql, ROUTINE, [SCRATCH, name, schema]),
    readMade: () => readText(sql, ROUTINE, [schema, name, schema]),
  };
}
