/** How tables are built: keys, types, sequences, and where extensions are. @module */

import { type AdviceRule, detail, NAME, OWN_TABLES } from "./rule.ts";

/** Nothing names a row. */
export const noPrimaryKey: AdviceRule = {
  code: "no_primary_key",
  severity: "medium",
  sql: `select ${NAME} as object, '{}'::jsonb as details from ${OWN_TABLES}
    where not exists (select from pg_catalog.pg_index as x where x.indrelid = c.oid and x.indisprimary)`,
  say: ({ object }) => ({
    message: `${object} has no primary key: no row can be named, and changes of it cannot be replicated`,
    advice: "make the column that names a row its primary key, or add one that does",
  }),
};

const COLUMNS =
  `${OWN_TABLES} join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped`;
const COLUMN = "pg_catalog.format('%I.%I.%I', n.nspname, c.relname, a.attname)";

/** A time without a zone. */
export const timeWithoutZone: AdviceRule = {
  code: "timestamp_without_zone",
  severity: "low",
  sql: `select ${COLUMN} as object, '{}'::jsonb as details from ${COLUMNS}
    where a.atttypid = 'pg_catalog.timestamp'::regtype`,
  say: ({ object }) => ({
    message: `${object} keeps a time without its zone: what it means depends on who wrote it`,
    advice:
      "make it timestamptz, and say in which zone the present values were meant: using <column> at time zone 'UTC' where that is right",
  }),
};

/** Types that surprise. */
export const oddType: AdviceRule = {
  code: "odd_column_type",
  severity: "low",
  sql:
    `select ${COLUMN} as object, pg_catalog.jsonb_build_object('type', pg_catalog.format_type(a.atttypid, a.atttypmod)) as details
    from ${COLUMNS} where a.atttypid in ('pg_catalog.json'::regtype, 'pg_catalog.bpchar'::regtype, 'pg_catalog.money'::regtype)`,
  say: (found) => ({
    message: `${found.object} is ${detail(found, "type")}: ` +
      (detail(found, "type").startsWith("json")
        ? "it is read anew at every use, and nothing in it can be indexed"
        : detail(found, "type") === "money"
        ? "what it means depends on a setting of the server"
        : "it is filled up with spaces, which some comparisons see and some do not"),
    advice: detail(found, "type").startsWith("json")
      ? "jsonb is the same without these"
      : detail(found, "type") === "money"
      ? "numeric with a column for the currency says what is meant"
      : "text with a check on its length says what is meant",
  }),
};

/** Numbers that run out. */
export const sequenceEnd: AdviceRule = {
  code: "sequence_near_end",
  severity: "high",
  sql:
    `select pg_catalog.format('%I.%I', s.schemaname, s.sequencename) as object, pg_catalog.jsonb_build_object(
      'used', pg_catalog.round(100.0 * used.last / used.most, 1), 'column', used.column) as details
    from pg_catalog.pg_sequences as s join pg_catalog.pg_namespace as n on n.nspname = s.schemaname
    join pg_catalog.pg_class as q on q.relname = s.sequencename and q.relnamespace = n.oid and q.relkind = 'S'
    left join pg_catalog.pg_depend as d on d.classid = 'pg_catalog.pg_class'::regclass and d.objid = q.oid and d.deptype in ('a', 'i') and d.refobjsubid > 0
    left join pg_catalog.pg_class as c on c.oid = d.refobjid
    left join pg_catalog.pg_attribute as a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
    cross join lateral (select s.last_value::numeric as last, least(s.max_value, case a.atttypid when 'pg_catalog.int2'::regtype then 32767
      when 'pg_catalog.int4'::regtype then 2147483647 else s.max_value end)::numeric as most, pg_catalog.format('%I.%I', c.relname, a.attname) as column) as used
    where s.increment_by > 0 and not s.cycle and used.last > 0.75 * used.most and n.nspname !~ '^(pg_|supabase_|healing_)'
      and n.nspname not in ('auth', 'storage', 'realtime', 'vault', 'net', 'cron', 'extensions', 'pgmq')`,
  say: (found) => ({
    message: `${found.object} has used ${detail(found, "used")} % of the numbers that ${
      detail(found, "column")
    } can take; when they are gone, every insert fails`,
    advice: "make the column bigint before that, with a plan for its references; it rewrites the table",
  }),
};

/** An extension among the project's own names. */
export const extensionInPublic: AdviceRule = {
  code: "extension_in_public",
  severity: "low",
  sql:
    `select pg_catalog.format('extension %I', e.extname) as object, pg_catalog.jsonb_build_object('moves', e.extrelocatable,
      'name', pg_catalog.quote_ident(e.extname)) as details
    from pg_catalog.pg_extension as e join pg_catalog.pg_namespace as n on n.oid = e.extnamespace where n.nspname = 'public'`,
  say: (found) => ({
    message:
      `${found.object} stands in the schema public, so the API shows its functions, and its names mix with the project's own`,
    advice: detail(found, "moves") === "true"
      ? "move it to the schema extensions, after looking for functions with an empty path that use it"
      : "it cannot be moved; make it anew in the schema extensions when there is a quiet hour",
    ...(detail(found, "moves") === "true"
      ? { sql: `alter extension ${detail(found, "name")} set schema extensions` }
      : {}),
  }),
};
