/** Plans how policies are rewritten, without changing anything that stays. @module */

import type { SqlPort } from "../../core/ports.ts";
import { quoted } from "../../core/sqlNames.ts";
import {
  columnsOf,
  cycleThrough,
  policiesOf,
  type Policy,
  rolesWithRights,
  type SecuredTable,
  securedTables,
  tablesNamed,
} from "./catalogue.ts";
import { asRole, withEmptyPath } from "../session.ts";
import {
  compareAsText,
  dependsOnRole,
  evaluateOnce,
  looksAtCaller,
  replacePlaces,
  subSelectsOf,
} from "./expression.ts";
import { type AnalysedSelect, analyseSelect, callOf } from "./subSelects.ts";

/** The private schema of the functions that stand in for sub-selects of policies; it is never exposed. */
export const HELPER_SCHEMA = "healing_policies";

/** A function that stands in for a sub-select. */
export interface Helper {
  name: string;
  owner: string;
  /** The policy's table, whose rows give the arguments. */
  table: SecuredTable;
  select: AnalysedSelect;
  use: "exists" | "values";
  roles: string[];
}

/** A policy before and after. */
export interface PolicyChange {
  policy: Policy;
  roles: string[];
  using: string | null;
  check: string | null;
}

/** All that a fix would change. */
export interface PolicyPlan {
  repair: PolicyRepair;
  changes: PolicyChange[];
  helpers: Helper[];
  tables: SecuredTable[];
  /** Text columns that are compared as text afterwards. */
  textColumns: string[];
}

/** The closed set of ways in which a policy is rewritten. */
export type PolicyRepair = "break_recursion" | "evaluate_once" | "compare_as_text";

/** Stands for the table where an error does not name it. */
export const ANY_TABLE = "*";

/** The form of a uuid, for the server. */
export const UUID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$";

/** A plan, or why there is none. */
export type Planned = PolicyPlan | string;

/** Plans a repair of the policies of the relation that an error named. */
export async function planRepair(sql: SqlPort, repair: PolicyRepair, relation: string): Promise<Planned> {
  return await withEmptyPath(sql, async () => {
    if (relation === ANY_TABLE) return await planOnlyTable(sql, repair);
    const tables = (await tablesNamed(sql, relation)).filter(({ isSecured }) => isSecured);
    const [table] = tables;
    if (table === undefined) return `no table ${relation} outside of the platform's schemas has policies`;
    if (tables.length > 1) return `several schemas have a table ${relation}; the error does not say which`;
    if (repair === "break_recursion") return await planRecursion(sql, table);
    return await planRewording(sql, table, repair);
  });
}

/** What it was instead, where no policy is to blame. */
const NONE_MEANT: Readonly<Record<Exclude<PolicyRepair, "break_recursion">, string>> = {
  compare_as_text:
    "no policy takes a text that holds anything for an id: the value came with the row or with a filter, which is never repaired",
  evaluate_once: "no policy asks for every row what is the same for all; look at the plan of the statement",
};

/** Where the error does not say which table it was: the only one that can be meant, or none. */
async function planOnlyTable(sql: SqlPort, repair: PolicyRepair): Promise<Planned> {
  if (repair === "break_recursion") return "the error does not name the table";
  const plans: PolicyPlan[] = [];
  for (const table of await securedTables(sql)) {
    const plan = await planRewording(sql, table, repair);
    if (typeof plan !== "string" && (repair === "evaluate_once" || await holdsOther(sql, plan))) {
      plans.push(plan);
    }
  }
  if (plans.length === 1) return plans[0]!;
  const names = plans.map(({ tables: [table] }) => table!.name).join(", ");
  return plans.length === 0 ? NONE_MEANT[repair] : `several tables have such policies: ${names}`;
}

/** True when a text column that a policy takes for an id holds something else. */
async function holdsOther(sql: SqlPort, { tables: [table], textColumns }: PolicyPlan): Promise<boolean> {
  for (const column of textColumns) {
    const rows = await asRole(sql, table!.owner, () =>
      sql.query(
        `select from ${quoted(table!.schema)}.${quoted(table!.name)} where ${
          quoted(column)
        }::text !~ $1 limit 1`,
        [UUID],
      ));
    if (rows.length > 0) return true;
  }
  return false;
}

async function planRecursion(sql: SqlPort, table: SecuredTable): Promise<Planned> {
  const cycle = await cycleThrough(sql, table.oid);
  const objection = objectionTo(cycle);
  if (objection !== null) return objection;
  const job: RecursionJob = { sql, cycle, helpers: [], readers: await readersOf(sql, cycle) };
  const changes: PolicyChange[] = [];
  for (const policy of await policiesOf(sql, cycle.map(({ oid }) => oid))) {
    const change = await breakPolicy(job, policy);
    if (typeof change === "string") return `policy "${policy.name}" on ${policy.table.name}: ${change}`;
    if (change !== null) changes.push(change);
  }
  if (changes.length === 0) return `no policy on ${table.name} selects from a table that leads back to it`;
  const touched = cycle.filter(({ oid }) => changes.some(({ policy }) => policy.table.oid === oid));
  return { repair: "break_recursion", changes, helpers: job.helpers, tables: touched, textColumns: [] };
}

function objectionTo(cycle: readonly SecuredTable[]): string | null {
  for (const { name, isForced, isPlain } of cycle) {
    if (!isPlain) return `${name} is no table; a view in a cycle of policies is a person's to mend`;
    if (isForced) return `${name} has FORCE ROW LEVEL SECURITY, so its owner cannot look past the policies`;
  }
  return null;
}

interface RecursionJob {
  sql: SqlPort;
  cycle: readonly SecuredTable[];
  helpers: Helper[];
  /** By table: who holds rights on it. */
  readers: ReadonlyMap<string, string[]>;
}

async function readersOf(sql: SqlPort, tables: readonly SecuredTable[]): Promise<Map<string, string[]>> {
  const readers = new Map<string, string[]>();
  for (const { oid } of tables) readers.set(oid, await rolesWithRights(sql, oid));
  return readers;
}

async function breakPolicy(job: RecursionJob, policy: Policy): Promise<PolicyChange | string | null> {
  const roles = policy.roles.includes("public")
    ? job.readers.get(policy.table.oid)!
    : policy.roles.filter((role) => role !== "anon");
  const planned = job.helpers.length;
  const using = await breakClause(job, policy, policy.using, roles);
  if (typeof using === "object" && using !== null) return using.refused;
  const check = await breakClause(job, policy, policy.check, roles);
  if (typeof check === "object" && check !== null) return check.refused;
  if (job.helpers.length === planned) return null;
  // Left out of a restriction, `anon` would be free of it.
  if (!policy.isPermissive && policy.roles.some((role) => role === "public" || role === "anon")) {
    return "it restricts anon as well, who may run no function of ours";
  }
  return roles.length === 0 ? "nobody but anon is named by it" : { policy, roles, using, check };
}

/** The clause without sub-selects that lead back to its table. */
async function breakClause(
  job: RecursionJob,
  policy: Policy,
  clause: string | null,
  roles: string[],
): Promise<string | null | { refused: string }> {
  if (clause === null) return null;
  const selects = subSelectsOf(clause);
  const calls: { start: number; end: number; call: string }[] = [];
  for (const select of selects) {
    const found = await asRole(
      job.sql,
      policy.table.owner,
      () => analyseSelect(job.sql, policy.table, select),
    );
    if (typeof found === "string") return { refused: found };
    const isReading = policy.command === "*" || policy.command === "r";
    const back = job.cycle.filter(({ oid }) =>
      found.reads.includes(oid) && (isReading || oid === policy.table.oid)
    );
    if (back.length === 0) continue;
    const refused = await objectionToHelper(job, found, back, roles, clause);
    if (refused !== null) return { refused };
    const helper = helperFor(job, policy, found, back[0]!.owner, roles, select.use);
    calls.push({ ...select, call: callOf(select, `${HELPER_SCHEMA}.${helper}`, found.columns) });
  }
  return replacePlaces(clause, calls, (index) => calls[index]!.call);
}

async function objectionToHelper(
  { sql, cycle }: RecursionJob,
  found: AnalysedSelect,
  back: readonly SecuredTable[],
  roles: readonly string[],
  clause: string,
): Promise<string | null> {
  if (found.objection !== null) return found.objection;
  if (dependsOnRole(clause)) return "its condition depends on the role that runs it";
  if (!looksAtCaller(found.body)) {
    return "its sub-select does not look at who calls, so a function would tell everybody";
  }
  if (new Set(back.map(({ owner }) => owner)).size > 1) return "the tables of the cycle have several owners";
  const others = found.reads.filter((oid) => !cycle.some((table) => table.oid === oid));
  const [hidden] = await sql.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_catalog.pg_class c where c.oid = any($1::oid[]) and (c.relrowsecurity
       or exists (select from unnest($2::text[]) r where not pg_catalog.has_table_privilege(r, c.oid, 'SELECT')))`,
    [others, roles],
  );
  if (hidden !== undefined) {
    return `its sub-select also reads ${hidden.name}, of which its readers may not see all`;
  }
  const [closed] = await sql.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_catalog.pg_class c, unnest($2::text[]) r
     where c.oid = any($1::oid[]) and not pg_catalog.has_table_privilege(r, c.oid, 'SELECT')`,
    [back.map(({ oid }) => oid), roles],
  );
  return closed === undefined ? null : `its readers may not read ${closed.name}`;
}

function helperFor(
  job: RecursionJob,
  policy: Policy,
  select: AnalysedSelect,
  owner: string,
  roles: string[],
  use: "exists" | "values",
): string {
  const words = `${policy.table.name}_${policy.name}`.toLowerCase().replace(/[^a-z0-9]+/g, "_").slice(0, 44);
  const name = `${words.replace(/^(?=\d)/, "_")}_${policy.table.oid}_${job.helpers.length + 1}`;
  job.helpers.push({ name, owner, table: policy.table, select, use, roles });
  return name;
}

/** The same condition in other words: nothing but the text of the policies changes. */
async function planRewording(
  sql: SqlPort,
  table: SecuredTable,
  repair: "evaluate_once" | "compare_as_text",
): Promise<Planned> {
  const steady = repair === "evaluate_once" ? await steadyFunctions(sql, table) : [];
  const texts = (await columnsOf(sql, table.oid)).filter(({ type }) =>
    /^(text|character varying|citext)/.test(type)
  );
  const textColumns: string[] = [];
  const reword = (clause: string | null): string | null => {
    if (clause === null) return null;
    if (repair === "evaluate_once") return evaluateOnce(clause, steady);
    const { text, columns } = compareAsText(clause);
    if (!columns.every((column) => texts.some(({ name }) => name === column))) return clause;
    textColumns.push(...columns);
    return text;
  };
  const changes = (await policiesOf(sql, [table.oid])).map((policy): PolicyChange => ({
    policy,
    roles: policy.roles,
    using: reword(policy.using),
    check: reword(policy.check),
  })).filter(({ policy, using, check }) => using !== policy.using || check !== policy.check);
  return changes.length === 0
    ? `no policy on ${table.name} has such a condition`
    : { repair, changes, helpers: [], tables: [table], textColumns: [...new Set(textColumns)] };
}

/** Functions without arguments that give the same within one statement, as they are written in a condition. */
async function steadyFunctions(sql: SqlPort, { oid }: SecuredTable): Promise<string[]> {
  const rows = await sql.query<{ name: string }>(
    `select distinct n.nspname || '.' || f.proname as name from pg_catalog.pg_policy p
     join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_policy'::regclass and d.objid = p.oid
       and d.refclassid = 'pg_catalog.pg_proc'::regclass
     join pg_catalog.pg_proc f on f.oid = d.refobjid join pg_catalog.pg_namespace n on n.oid = f.pronamespace
     where p.polrelid = $1::oid and f.provolatile in ('s', 'i') and f.pronargs = 0 and not f.proretset`,
    [oid],
  );
  return rows.map(({ name }) => name);
}
