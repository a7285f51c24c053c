/** A foreign key without an index on its own side. @module */

import { type AdviceRule, detail, NAME, OWN_TABLES } from "./rule.ts";

/** The rule. */
export const keyUnindexed: AdviceRule = {
  code: "foreign_key_unindexed",
  severity: "low",
  sql:
    `select pg_catalog.format('%s, key %I', ${NAME}, k.conname) as object, pg_catalog.jsonb_build_object('table', ${NAME},
      'target', k.confrelid::regclass::text, 'columns', (select pg_catalog.jsonb_agg(pg_catalog.quote_ident(a.attname) order by place)
        from unnest(k.conkey) with ordinality as key (attnum, place)
        join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum = key.attnum)) as details
    from ${OWN_TABLES} join pg_catalog.pg_constraint as k on k.conrelid = c.oid and k.contype = 'f' and k.conparentid = 0
    where not exists (select from pg_catalog.pg_index as x where x.indrelid = c.oid and x.indisvalid
      and (x.indpred is null or pg_catalog.pg_get_expr(x.indpred, c.oid) = (select pg_catalog.format('(%I IS NOT NULL)', attname)
        from pg_catalog.pg_attribute where attrelid = c.oid and attnum = k.conkey[1]))
      and k.conkey <@ (pg_catalog.string_to_array(x.indkey::text, ' ')::int2[])[1:pg_catalog.cardinality(k.conkey)])`,
  say: (found) => ({
    message: `${found.object} has no index that begins with ${detail(found, "columns")}: each delete in ${
      detail(found, "target")
    } reads the whole table`,
    advice: "make an index on its columns, concurrently and outside of a transaction",
    sql: `create index concurrently on ${detail(found, "table")} (${detail(found, "columns")})`,
  }),
};
