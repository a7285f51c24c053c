/** A column that a policy holds against the caller, and no index begins with. @module */

import type { SqlPort } from "../../core/ports.ts";
import { quoted, quotedIfNeeded } from "../../core/sqlNames.ts";
import { comparedColumns } from "../needs/indexes.ts";
import { clausesOf } from "./clauses.ts";
import { type AdviceRule, detail, type Found, POLICIES, POLICY_ROW } from "./rule.ts";

const INDEXED = `
  select distinct n.nspname as schema, c.relname as name, a.attname as column
  from pg_catalog.pg_index as x join pg_catalog.pg_class as c on c.oid = x.indrelid join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum = x.indkey[0]
  where x.indisvalid and x.indpred is null and exists (select from pg_catalog.pg_policy as p where p.polrelid = c.oid)
  union all
  select n.nspname, c.relname, a.attname from pg_catalog.pg_attribute as a join pg_catalog.pg_class as c on c.oid = a.attrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped and exists (select from pg_catalog.pg_policy as p where p.polrelid = c.oid)`;

async function unindexed(found: readonly Found[], db: SqlPort): Promise<Found[]> {
  const times = new Map<string, number>();
  for (const row of await db.query<{ schema: string; name: string; column: string }>(INDEXED)) {
    const key = quoted(row.schema, row.name, row.column);
    times.set(key, (times.get(key) ?? 0) + 1);
  }
  const kept = new Map<string, Found>();
  for (const one of found) {
    const [schema, name] = [detail(one, "schema"), detail(one, "name")];
    for (const column of (await clausesOf(one)).flatMap(comparedColumns)) {
      // Once as a column of the table itself, once more for an index; a column of another table is neither.
      if (times.get(quoted(schema, name, column)) !== 1) continue;
      const object = `${detail(one, "table")}.${quotedIfNeeded(column)}`;
      kept.set(object, { object, details: { ...one.details, column, object: one.object } });
    }
  }
  return [...kept.values()];
}

/** The rule. */
export const policyUnindexed: AdviceRule = {
  code: "policy_column_unindexed",
  severity: "medium",
  // Each column of a guarded table is asked about, so that a probe can name one.
  sql:
    `select pg_catalog.format('%I.%I.%I', n.nspname, c.relname, a.attname) as object, '{}'::jsonb as details
    from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where exists (select from pg_catalog.pg_policy as p where p.polrelid = c.oid) and not exists (select from pg_catalog.pg_index as x
      where x.indrelid = c.oid and x.indisvalid and x.indpred is null and x.indkey[0] = a.attnum)`,
  asksItself: true,
  judge: async (_columns, db) =>
    await unindexed(await db.query<Found>(`select ${POLICY_ROW} from ${POLICIES}`), db),
  say: (found) => ({
    message: `${found.object} is held against the caller by ${
      detail(found, "object")
    }, and no index begins with it: every query reads the whole table`,
    advice: "make an index on it, concurrently and outside of a transaction",
    sql: `create index concurrently on ${detail(found, "table")} (${
      quotedIfNeeded(detail(found, "column"))
    })`,
  }),
};
