/** Indexes that cost every write and help nobody. They are told of here; what is dropped, and when, is decided elsewhere. @module */

import { type AdviceRule, detail, NAME, OWN_TABLES } from "./rule.ts";

/** The same columns in the same way, twice. */
export const duplicateIndex: AdviceRule = {
  code: "duplicate_index",
  severity: "low",
  sql:
    `select pg_catalog.format('%s: %s', ${NAME}, pg_catalog.string_agg(pg_catalog.quote_ident(i.relname), ', ' order by i.relname)) as object,
      pg_catalog.jsonb_build_object('names', pg_catalog.jsonb_agg(pg_catalog.quote_ident(i.relname) order by i.relname)) as details
    from ${OWN_TABLES} join pg_catalog.pg_index as x on x.indrelid = c.oid and x.indisvalid join pg_catalog.pg_class as i on i.oid = x.indexrelid
    group by n.nspname, c.relname, c.oid, i.relam, x.indkey::text, x.indclass::text, x.indcollation::text, x.indoption::text,
      coalesce(pg_catalog.pg_get_expr(x.indexprs, x.indrelid), ''), coalesce(pg_catalog.pg_get_expr(x.indpred, x.indrelid), '')
    having count(*) > 1`,
  say: (found) => ({
    message: `${found.object} index the same columns in the same way, and every write pays for each of them`,
    advice:
      "keep the one that a constraint needs, or the one with the better name, and drop the rest concurrently",
  }),
};

/** Never read since the counters began, and that is long ago. */
export const unusedIndex: AdviceRule = {
  code: "unused_index",
  severity: "low",
  // Replicas count by themselves, so an index may be in use there; and a report may run once in a quarter.
  sql:
    `select pg_catalog.format('%I.%I', n.nspname, i.relname) as object, pg_catalog.jsonb_build_object('table', ${NAME},
      'size', pg_catalog.pg_size_pretty(pg_catalog.pg_relation_size(i.oid)), 'days', counted.days) as details
    from ${OWN_TABLES} join pg_catalog.pg_index as x on x.indrelid = c.oid and x.indisvalid and not x.indisunique
    join pg_catalog.pg_class as i on i.oid = x.indexrelid join pg_catalog.pg_stat_user_indexes as s on s.indexrelid = i.oid
    cross join lateral (select (extract(epoch from now() - coalesce(d.stats_reset, pg_catalog.pg_postmaster_start_time())) / 86400)::int as days
      from pg_catalog.pg_stat_database as d where d.datname = pg_catalog.current_database()) as counted
    where s.idx_scan = 0 and counted.days >= coalesce(nullif(pg_catalog.current_setting('healing.unused_index_days', true), ''), '14')::int
      and i.relpages >= 128 and not exists (select from pg_catalog.pg_constraint as k where k.conindid = i.oid)`,
  say: (found) => ({
    message: `${found.object} on ${detail(found, "table")} (${
      detail(found, "size")
    }) has not been read once in ${detail(found, "days")} days, and every write pays for it`,
    advice: "ask whoever made it, look at replicas, and drop it concurrently if nobody needs it",
  }),
};
