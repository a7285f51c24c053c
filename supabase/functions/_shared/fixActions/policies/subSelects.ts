/** What a sub-select of a policy reads and calls: the server itself is asked, by a view that is dropped at once. @module */

import type { SqlPort } from "../../core/ports.ts";
import { quoted } from "../../core/sqlNames.ts";
import { columnsOf, type SecuredTable } from "./catalogue.ts";
import { outerColumnsOf, replacePlaces, type SubSelect } from "./expression.ts";

/** A sub-select, as it would stand in a function. */
export interface AnalysedSelect {
  /** The statement with `$1`, `$2` … for the columns of the row that the policy looks at. */
  body: string;
  /** The columns behind the arguments, in their order, with their types. */
  columns: string[];
  types: string[];
  /** The type of a value that it gives. */
  gives: string;
  reads: string[];
  /** Why it must not become a function, or null. */
  objection: string | null;
}

interface Dependency {
  oid: string;
  name: string;
  problem: string | null;
  isTable: boolean;
}

/** Tables by id; what is called must be the same whoever runs it. */
const DEPENDENCIES = `
  select d.refobjid::text as oid, pg_catalog.pg_describe_object(d.refclassid, d.refobjid, 0) as name,
    case d.refclassid
      when 'pg_catalog.pg_class'::regclass then
        (select case when c.relkind not in ('r', 'p') then 'is no table' end from pg_catalog.pg_class c where c.oid = d.refobjid)
      when 'pg_catalog.pg_proc'::regclass then
        (select case when (n.nspname = 'auth' and f.proname in ('uid', 'jwt', 'role', 'email')) or f.prosecdef or f.provolatile = 'i'
           or exists (select from pg_catalog.pg_depend e where e.classid = 'pg_catalog.pg_proc'::regclass and e.objid = f.oid and e.deptype = 'e')
           then null else 'may see more when the owner runs it' end
         from pg_catalog.pg_proc f join pg_catalog.pg_namespace n on n.oid = f.pronamespace where f.oid = d.refobjid)
      when 'pg_catalog.pg_operator'::regclass then 'is an operator of its user'
    end as problem,
    d.refclassid = 'pg_catalog.pg_class'::regclass as "isTable"
  from pg_catalog.pg_rewrite r
  join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = r.oid
  where r.ev_class = 'pg_temp.healing_look'::regclass and d.refobjid <> r.ev_class
    and d.refclassid in ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass)`;

/** Analyses a sub-select; the session has the rights of whoever owns the policy's table. */
export async function analyseSelect(
  sql: SqlPort,
  table: SecuredTable,
  select: SubSelect,
): Promise<AnalysedSelect | string> {
  const outer = outerColumnsOf(select.text, table.name);
  if (outer === null) return `a sub-select takes a whole row of ${table.name}`;
  const columns = [...new Set(outer.map(({ column }) => column))];
  const all = new Map((await columnsOf(sql, table.oid)).map(({ name, type }) => [name, type]));
  const types = columns.map((column) => all.get(column) ?? "");
  const wrapped = (text: string) => select.use === "exists" ? `SELECT EXISTS (${text})` : text;
  const body = replacePlaces(
    select.text,
    outer,
    (index) => `($${columns.indexOf(outer[index]!.column) + 1})`,
  );
  const probe = replacePlaces(
    select.text,
    outer,
    (index) => `(null::${types[columns.indexOf(outer[index]!.column)]})`,
  );
  const { dependencies, given } = await lookThrough(sql, wrapped(probe));
  const bad = dependencies.find(({ problem }) => problem !== null);
  return {
    body: wrapped(body),
    columns,
    types,
    gives: given[0]?.type ?? "",
    reads: [...new Set(dependencies.filter(({ isTable }) => isTable).map(({ oid }) => oid))],
    objection: bad !== undefined
      ? `${bad.name} ${bad.problem}`
      : given.length === 1
      ? null
      : "a sub-select gives more than one column",
  };
}

/** What a statement depends on and gives, as the server sees it. */
async function lookThrough(
  sql: SqlPort,
  statement: string,
): Promise<{ dependencies: Dependency[]; given: { type: string }[] }> {
  // The text is the server's own print of a condition that it has parsed: it holds no second statement.
  await sql.query(`create temporary view healing_look as ${statement}`);
  const dependencies = await sql.query<Dependency>(DEPENDENCIES);
  const given = await sql.query<{ type: string }>(
    `select pg_catalog.format_type(atttypid, atttypmod) as type from pg_catalog.pg_attribute
     where attrelid = 'pg_temp.healing_look'::regclass and attnum > 0`,
  );
  await sql.query("drop view pg_temp.healing_look");
  return { dependencies, given };
}

/** The call that takes the place of a sub-select. */
export function callOf(select: SubSelect, helper: string, columns: readonly string[]): string {
  const call = `${helper}(${columns.map((column) => quoted(column)).join(", ")})`;
  return select.use === "exists" ? call : `( SELECT ${call})`;
}
