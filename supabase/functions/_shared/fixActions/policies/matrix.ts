/**
 * The visibility matrix: which rows each role and person may see and write, before and after.
 *
 * The rows are a copy of some of the table's own rows, and of rows as each of the persons would write them. Each
 * condition is tried on them for each person whose id occurs in the tables, for a stranger and for nobody. What a
 * recursive policy would have let through is its own condition with the inner tables unfiltered.
 *
 * @module
 */

import type { SqlPort } from "../../core/ports.ts";
import { quoted } from "../../core/sqlNames.ts";
import { columnsOf, policiesOf, type SecuredTable } from "./catalogue.ts";
import { asRole, withEmptyPath } from "../session.ts";
import { type PolicyChange, type PolicyPlan, UUID } from "./plan.ts";

/** Who is tried: a role and the id of a person, or nobody. */
interface Viewer {
  role: string;
  id: string | null;
}

/** By cell (policy, clause, viewer): the rows that pass. */
export type Cells = Map<string, string[]>;

/** What was measured before the policies were changed. */
export interface Matrix {
  viewers: Viewer[];
  cells: Cells;
  /** By table and viewer: rows of the table itself that could be read. */
  seen: Cells;
}

const SAMPLE_ROWS = 300;
const PERSONS = 10;
/** Somebody whom no table knows. */
const STRANGER = "5f0d7a3e-91c4-4b62-8e57-0c1d2e3f4a5b";

/** Measures all cells as they are, and keeps copies of the rows for {@link measureAfter}. */
export async function measureBefore(sql: SqlPort, plan: PolicyPlan): Promise<Matrix> {
  return await withEmptyPath(sql, async () => {
    const roles = await rolesOf(sql, plan);
    const persons = await personsIn(sql, plan.tables);
    for (const table of plan.tables) await copyRows(sql, table, persons, roles);
    // A token of `anon` names nobody: people who sign in anonymously are `authenticated`.
    const viewers = roles.flatMap((role) =>
      (role === "anon" ? [null] : [...persons, STRANGER, null]).map((id): Viewer => ({ role, id }))
    );
    const cells = await measureCells(sql, plan, viewers, "before");
    return { viewers, cells, seen: await readAll(sql, plan, viewers, "before") };
  });
}

/** Measures again, now as the roles themselves. */
export async function measureAfter(sql: SqlPort, plan: PolicyPlan, before: Matrix): Promise<Matrix> {
  return await withEmptyPath(sql, async () => ({
    viewers: before.viewers,
    cells: await measureCells(sql, plan, before.viewers, "after"),
    seen: await readAll(sql, plan, before.viewers, "after"),
  }));
}

/** The first difference that forbids the change, or null. Seeing less than before is no way out either. */
export function differenceOf(before: Matrix, after: Matrix): string | null {
  for (const [cell, rows] of after.cells) {
    const had = before.cells.get(cell) ?? [];
    const more = rows.filter((row) => !had.includes(row)).length;
    if (more > 0) return `${cell} would let ${more} more rows through`;
    const fewer = had.filter((row) => !rows.includes(row)).length;
    if (fewer > 0) return `${cell} would keep ${fewer} rows back that it lets through`;
  }
  for (const [cell, rows] of after.seen) {
    const had = before.seen.get(cell) ?? [];
    if (rows.some((row) => !had.includes(row))) return `${cell} would show rows that its policies do not`;
  }
  return null;
}

/** Who is held to the policies and could be somebody: the roles of the API, and every role that a policy names. */
async function rolesOf(sql: SqlPort, { changes }: PolicyPlan): Promise<string[]> {
  const named = changes.flatMap(({ policy, roles }) => [...policy.roles, ...roles]);
  const rows = await sql.query<{ role: string }>(
    `select rolname::text as role from pg_catalog.pg_roles where rolname = any($1::text[]) and not rolsuper
       and not rolbypassrls and pg_catalog.pg_has_role(current_user, oid, 'MEMBER') order by 1`,
    [["anon", "authenticated", ...named]],
  );
  return rows.map(({ role }) => role);
}

/** Ids out of the tables themselves, so that the matrix is about the people who use them. */
async function personsIn(sql: SqlPort, tables: readonly SecuredTable[]): Promise<string[]> {
  const persons = new Set<string>();
  for (const table of tables) {
    const columns = (await columnsOf(sql, table.oid)).filter(({ type }) =>
      /^(uuid|text|character varying)/.test(type)
    );
    for (const { name } of columns) {
      const rows = await asRole(sql, table.owner, () =>
        sql.query<{ id: string }>(
          `select distinct ${quoted(name)}::text as id from (select ${quoted(name)} from ${
            nameOf(table)
          } limit 2000) as sample
           where ${quoted(name)}::text ~ '${UUID}' limit ${PERSONS}`,
        ));
      rows.forEach(({ id }) => persons.add(id.toLowerCase()));
    }
  }
  return [...persons].sort().slice(0, PERSONS);
}

/** Rows to try conditions on: some that are there, and rows as each person would write them. */
async function copyRows(
  sql: SqlPort,
  table: SecuredTable,
  persons: readonly string[],
  roles: readonly string[],
): Promise<void> {
  const copy = copyOf(table);
  const columns = await columnsOf(sql, table.oid);
  const all = columns.map(({ name }) => quoted(name));
  const ids = columns.filter(({ type }) => type === "uuid");
  await asRole(sql, table.owner, async () => {
    await sql.query(`drop table if exists ${copy}`);
    await sql.query(
      `create temporary table ${copy.slice("pg_temp.".length)} on commit drop as select * from ${
        nameOf(table)
      } limit ${SAMPLE_ROWS}`,
    );
    for (const { name } of ids) {
      const values = columns.map((column) =>
        column.name === name ? "person.id" : `old.${quoted(column.name)}`
      );
      await sql.query(
        `insert into ${copy} (${all.join(", ")}) select ${values.join(", ")}
         from (select * from ${copy} limit 4) as old, unnest($1::uuid[]) as person(id)`,
        [persons],
      );
      await sql.query(`insert into ${copy} (${quoted(name)}) select unnest($1::uuid[])`, [[
        ...persons,
        STRANGER,
      ]]);
    }
    for (const role of roles) await sql.query(`grant select on ${copy} to ${quoted(role)}`);
  });
}

async function measureCells(
  sql: SqlPort,
  plan: PolicyPlan,
  viewers: readonly Viewer[],
  when: "before" | "after",
): Promise<Cells> {
  const cells: Cells = new Map();
  for (const change of plan.changes) {
    for (const clause of ["using", "check"] as const) {
      const text = when === "before" ? change.policy[clause] : change[clause];
      if (text === null) continue;
      for (const viewer of viewers) {
        cells.set(cellOf(change, clause, viewer), await passing(sql, plan, change, text, viewer, when));
      }
    }
  }
  return cells;
}

async function passing(
  sql: SqlPort,
  { repair, textColumns }: PolicyPlan,
  { policy, roles }: PolicyChange,
  text: string,
  viewer: Viewer,
  when: "before" | "after",
): Promise<string[]> {
  const holders = when === "before" ? policy.roles : roles;
  const isHeld = holders.includes("public") || holders.includes(viewer.role);
  if (!isHeld && policy.isPermissive) return [];
  // A recursive condition fails for everybody who is held to it; its owner can say what it means.
  const role = when === "before" && repair === "break_recursion" ? policy.table.owner : viewer.role;
  const readable = textColumns.map((column) => `${quoted(column)} ~ '${UUID}'`);
  const wanted = when === "before" && readable.length > 0
    ? `case when ${readable.join(" and ")} then (${text}) end`
    : `(${text})`;
  const rows = await asRole(
    sql,
    role,
    () =>
      sql.query<{ row: string }>(
        `select ctid::text as row from ${copyOf(policy.table)} as ${quoted(policy.table.name)} where ${
          isHeld ? wanted : "true"
        }`,
      ),
    claimsOf(viewer),
  );
  return rows.map(({ row }) => row);
}

/** Rows of the tables themselves, as each viewer reads them; before, as all policies together say. */
async function readAll(
  sql: SqlPort,
  plan: PolicyPlan,
  viewers: readonly Viewer[],
  when: "before" | "after",
): Promise<Cells> {
  const seen: Cells = new Map();
  if (plan.repair !== "break_recursion") return seen;
  for (const table of plan.tables) {
    for (const viewer of viewers) {
      const [may] = await sql.query<{ ok: boolean }>(
        "select pg_catalog.has_table_privilege($1, $2::oid, 'SELECT') as ok",
        [viewer.role, table.oid],
      );
      if (!may!.ok) continue;
      const condition = when === "before" ? await readingCondition(sql, table, viewer.role) : "true";
      const rows = await asRole(
        sql,
        when === "before" ? table.owner : viewer.role,
        () =>
          sql.query<{ row: string }>(
            `select tableoid::text || ctid::text as row from ${nameOf(table)} as ${quoted(table.name)}
             where ${condition} order by 1 limit 2000`,
          ),
        claimsOf(viewer),
      );
      seen.set(`reading ${table.name} as ${nameOfViewer(viewer)}`, rows.map(({ row }) => row));
    }
  }
  return seen;
}

async function readingCondition(sql: SqlPort, table: SecuredTable, role: string): Promise<string> {
  const holds = (await policiesOf(sql, [table.oid])).filter(({ command, roles, using }) =>
    (command === "*" || command === "r") && using !== null &&
    (roles.includes("public") || roles.includes(role))
  );
  const allow = holds.filter(({ isPermissive }) => isPermissive).map(({ using }) => `(${using})`);
  const restrict = holds.filter(({ isPermissive }) => !isPermissive).map(({ using }) => `(${using})`);
  return [`(${allow.length === 0 ? "false" : allow.join(" or ")})`, ...restrict].join(" and ");
}

function claimsOf({ role, id }: Viewer): string {
  return JSON.stringify(id === null ? { role } : { role, sub: id });
}

function nameOfViewer({ role, id }: Viewer): string {
  return id === null ? `${role} without a name` : id === STRANGER ? `${role}, a stranger` : `${role} ${id}`;
}

function cellOf({ policy }: PolicyChange, clause: string, viewer: Viewer): string {
  return `${clause} of policy "${policy.name}" on ${policy.table.name} as ${nameOfViewer(viewer)}`;
}

function copyOf({ oid }: SecuredTable): string {
  return `pg_temp.healing_copy_${oid}`;
}

/** The table under its full name. */
export function nameOf({ schema, name }: SecuredTable): string {
  return `${quoted(schema)}.${quoted(name)}`;
}

/** The rows for which a helper answers anything to a stranger or to nobody; there must be none. */
export async function toldToStrangers(sql: SqlPort, plan: PolicyPlan): Promise<string | null> {
  for (const { name, owner, table, select, use } of plan.helpers) {
    const call = `healing_policies.${name}(${select.columns.map((column) => quoted(column)).join(", ")})`;
    const answers = use === "exists"
      ? call
      : `exists (select from ${call} as told(value) where value is not null and value::text not in ('0', 'f', 'false'))`;
    for (const id of [STRANGER, null]) {
      const rows = await asRole(
        sql,
        owner,
        () => sql.query(`select from ${copyOf(table)} as ${quoted(table.name)} where ${answers} limit 1`),
        claimsOf({ role: "authenticated", id }),
      );
      if (rows.length > 0) return `${name} would tell a stranger something`;
    }
  }
  return null;
}
