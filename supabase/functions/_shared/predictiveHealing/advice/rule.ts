/**
 * What a rule of advice is, and the pieces of SQL that the rules share.
 *
 * A rule's query answers with one row for each thing that is wrong: `object` names it, `details` holds what the words
 * need. Where Postgres' own parser has to look at an expression, `judge` keeps the rows that it finds guilty. All run
 * under an empty search_path, so that the server prints every name in full.
 *
 * @module
 */

import type { SqlPort } from "../../core/ports.ts";
import { type Finding, type FindingSeverity, literal } from "../finding.ts";

/** One row of a rule's query. */
export interface Found {
  object: string;
  details: { [key: string]: unknown };
}

/** What a rule says of one object. */
export type Said = Pick<Finding, "message" | "advice"> & Partial<Pick<Finding, "fix" | "sql" | "severity">>;

/** One rule. */
export interface AdviceRule {
  code: string;
  severity: FindingSeverity;
  /** Columns `object` and `details`. */
  sql: string;
  /** Keeps what is guilty. */
  judge?(found: readonly Found[], db: SqlPort): Promise<Found[]>;
  /** A condition over `details` for the probe, where `judge` decides: true while the thing is still wrong. */
  stillWrong?: string;
  /** True where `judge` asks for itself, and the query is only for the probe. */
  asksItself?: true;
  /** True where no query can tell. */
  hasNoProbe?: true;
  say(found: Found): Said;
}

/** The query that answers with no row once a finding is mended. */
export function probeOf(rule: AdviceRule, object: string): string | null {
  if (rule.hasNoProbe) return null;
  const more = rule.stillWrong === undefined ? "" : ` and (${rule.stillWrong})`;
  return `select object from (${rule.sql.trim()}) as found where object = ${literal(object)}${more}`;
}

/** Schemas whose objects are the project's own; `n` is the schema. */
export const OWN_SCHEMA =
  `n.nspname !~ '^(pg_|supabase_|healing_|graphql|_)' and n.nspname not in ('information_schema', 'auth',
  'storage', 'realtime', 'vault', 'net', 'cron', 'extensions', 'pgbouncer', 'pgsodium', 'pgmq')`;

/** Not part of an extension; `c` is the relation. */
export const OWN_RELATION = `${OWN_SCHEMA} and not exists (select from pg_catalog.pg_depend as own
  where own.classid = 'pg_catalog.pg_class'::regclass and own.objid = c.oid and own.deptype = 'e')`;

/** The project's tables: `c` and its schema `n`. */
export const OWN_TABLES =
  `pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  and c.relkind in ('r', 'p') and not c.relispartition and ${OWN_RELATION}`;

/** True where the API shows the schema `n`: as the API's role is set up, else only `public`. */
export const EXPOSED = `n.nspname = any (pg_catalog.string_to_array(pg_catalog.replace(coalesce((
  select pg_catalog.substr(setting, 16) from pg_catalog.pg_db_role_setting as s
  join pg_catalog.pg_roles as o on o.oid = s.setrole and o.rolname = 'authenticator', unnest(s.setconfig) as setting
  where setting like 'pgrst.db\\_schemas=%' limit 1), 'public'), ' ', ''), ','))`;

/** Roles that come from outside and may do `privilege` with the relation `c`. */
export function outsiders(privilege: string): string {
  return `(select pg_catalog.array_agg(o.rolname::text order by o.rolname) from pg_catalog.pg_roles as o
    where o.rolname in ('anon', 'authenticated') and pg_catalog.has_table_privilege(o.oid, c.oid, '${privilege}'))`;
}

/** The full name of the relation `c`. */
export const NAME = "pg_catalog.format('%I.%I', n.nspname, c.relname)";

/** A policy with the expressions that it is made of: `p`, its table `c`, its schema `n`. */
export const POLICIES = `pg_catalog.pg_policy as p join pg_catalog.pg_class as c on c.oid = p.polrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace and ${OWN_RELATION}`;

/** What the rules that parse a policy read of it. */
export const POLICY_ROW = `pg_catalog.format('policy %I on %I.%I', p.polname, n.nspname, c.relname) as object,
  pg_catalog.jsonb_build_object('policy', p.polname, 'schema', n.nspname, 'name', c.relname, 'table', ${NAME},
    'clauses', pg_catalog.jsonb_build_array(pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))) as details`;

/** A detail as text. */
export function detail({ details }: Found, key: string): string {
  const value = details[key];
  return Array.isArray(value) ? value.join(", ") : String(value ?? "");
}
