/** What `create_unique_index` does. @module */

import type { SqlPort } from "../../core/ports.ts";
import { quoted } from "../../core/sqlNames.ts";
import { z } from "../../core/validation.ts";
import { type CreateUniqueIndex, uniqueIndexName } from "../createUniqueIndex.ts";
import { GO, refused, sqlOf } from "../kind.ts";
import type { FixSteps } from "../lazily.ts";
import { asRole, PLATFORM_SCHEMA } from "../session.ts";

/** Building an index holds writers up; on a larger table it is made `concurrently`, in a quiet hour. */
const MOST_ROWS = 100_000;

/** A column by which rows count as gone: then a key may come again. */
const GONE =
  /^(?:(?:is_)?(?:deleted|archived|removed|voided|cancel?led)(?:_at|_on)?|valid_(?:to|until)|ended_at)$/i;

interface Table {
  oid: string;
  schema: string;
  name: string;
  owner: string;
  mine: boolean;
  kind: string;
  columns: string[];
}

const TABLES = `
  select c.oid::text as oid, n.nspname::text as schema, c.relname::text as name, pg_catalog.pg_get_userbyid(c.relowner)::text as owner,
    pg_catalog.pg_has_role(current_user, c.relowner, 'MEMBER') as mine, c.relkind::text as kind,
    array(select a.attname::text from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and c.relname = $2 and ($1::text is null or n.nspname = $1)`;

/** Whether a whole, valid unique index covers exactly these columns. */
const COVERED = `
  select exists (select from pg_catalog.pg_index i where i.indrelid = $1::oid and i.indisunique and i.indisvalid and i.indimmediate
    and i.indpred is null and i.indexprs is null
    and (select array_agg(a.attname::text order by a.attname) from unnest(i.indkey::int2[]) with ordinality k (n, place)
      join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.n where k.place <= i.indnkeyatts)
      = (select array_agg(c order by c) from unnest($2::text[]) c)) as ok`;

/** What the kind does. */
export const createUniqueIndexSteps: FixSteps<CreateUniqueIndex> = {
  async precondition(context, action) {
    const sql = sqlOf(context);
    const table = await tableOf(sql, action);
    if (typeof table === "string") return refused(table);
    if (await isCovered(sql, table, action)) {
      return {
        kind: "alreadyDone",
        reason: `a unique index over ${action.columns.join(", ")} is there meanwhile`,
      };
    }
    const objection = await objectionTo(sql, table, action);
    return objection === null ? GO : refused(objection);
  },
  async snapshot(context, action) {
    const table = await requireTable(sqlOf(context), action);
    return { schema: table.schema, index: uniqueIndexName(table.name, action), owner: table.owner };
  },
  async apply(context, action) {
    const sql = sqlOf(context);
    const table = await requireTable(sql, action);
    const columns = action.columns.map((column) => quoted(column)).join(", ");
    const statement = `create unique index ${quoted(uniqueIndexName(table.name, action))} on ${
      quoted(table.schema, table.name)
    } (${columns})`;
    await asRole(sql, table.owner, () => sql.query(statement));
  },
  async probe(context, action) {
    const sql = sqlOf(context);
    const ok = await isCovered(sql, await requireTable(sql, action), action);
    const columns = action.columns.join(", ");
    return { ok, measured: `${action.table} ${ok ? "has" : "has no"} valid unique index over ${columns}` };
  },
  async revert(context, _action, rollbackPoint) {
    const sql = sqlOf(context);
    const { schema, index, owner } = saved.parse(rollbackPoint);
    await asRole(sql, owner, () => sql.query(`drop index if exists ${quoted(schema, index)} restrict`));
  },
};

const saved = z.object({ schema: z.string(), index: z.string(), owner: z.string() });

async function tableOf(sql: SqlPort, { table: name, columns }: CreateUniqueIndex): Promise<Table | string> {
  const dot = name.indexOf(".");
  const parts = dot < 0 ? [null, name] : [name.slice(0, dot), name.slice(dot + 1)];
  const found = (await sql.query<Table>(TABLES, parts)).filter(({ schema }) => !PLATFORM_SCHEMA.test(schema));
  const [table, second] = found;
  if (table === undefined) return `there is no table ${name} outside of the platform's schemas`;
  if (second !== undefined) return `several tables are called ${name}`;
  if (!table.mine) {
    return `table ${name} belongs to ${table.owner}, whose rights this connection does not have`;
  }
  if (table.kind === "p") {
    return `table ${name} has partitions, and a key over all of them is for a person to plan`;
  }
  const missing = columns.find((column) => !table.columns.includes(column));
  if (missing !== undefined) return `table ${name} has no column ${missing}`;
  return new Set(columns).size === columns.length ? table : "a column is named twice";
}

async function requireTable(sql: SqlPort, action: CreateUniqueIndex): Promise<Table> {
  const table = await tableOf(sql, action);
  if (typeof table === "string") throw new Error(table);
  return table;
}

async function isCovered(sql: SqlPort, { oid }: Table, { columns }: CreateUniqueIndex): Promise<boolean> {
  const [row] = await sql.query<{ ok: boolean }>(COVERED, [oid, columns]);
  return row!.ok;
}

/** Why no key is made over these columns of the table. */
async function objectionTo(sql: SqlPort, table: Table, action: CreateUniqueIndex): Promise<string | null> {
  const gone = table.columns.find((column) => GONE.test(column));
  if (gone !== undefined) {
    return `rows of ${table.name} may be gone by ${gone}, so a key may come again: a partial index is for a person to plan`;
  }
  const [taken] = await sql.query(
    "select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2",
    [table.schema, uniqueIndexName(table.name, action)],
  );
  if (taken !== undefined) return `something is called ${uniqueIndexName(table.name, action)} already`;
  const name = quoted(table.schema, table.name);
  const [size] = await sql.query<{ rows: number }>(
    `select count(*)::int as rows from (select from ${name} limit ${MOST_ROWS + 1}) as first_rows`,
  );
  if (size!.rows > MOST_ROWS) {
    return `the table has more than ${MOST_ROWS} rows: make the index concurrently, in a quiet hour`;
  }
  const columns = action.columns.map((column) => quoted(column));
  const [twice] = await sql.query<{ keys: number }>(
    `select count(*)::int as keys from (select from ${name} where (${columns.join(", ")}) is not null
       group by ${columns.join(", ")} having count(*) > 1) as double`,
  );
  return twice!.keys === 0
    ? null
    : `${twice!.keys} keys are there more than once, and which of their rows stays is for a person to say`;
}
