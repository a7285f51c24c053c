/** What `replace_policy` does. @module */

import type { SqlPort } from "../../core/ports.ts";
import { quoted } from "../../core/sqlNames.ts";
import { z } from "../../core/validation.ts";
import { GO, refused, sqlOf } from "../kind.ts";
import { createHelpers, dropHelpers, helperSchemaObjection } from "./helpers.ts";
import { asRole } from "../session.ts";
import { differenceOf, type Matrix, measureAfter, measureBefore, nameOf, toldToStrangers } from "./matrix.ts";
import { HELPER_SCHEMA, planRepair, type PolicyChange, type PolicyPlan } from "./plan.ts";
import type { FixSteps } from "../lazily.ts";
import type { ReplacePolicy } from "../replacePolicy.ts";

/** What the kind does. */
export const replacePolicySteps: FixSteps<ReplacePolicy> = {
  async precondition(context, action) {
    const sql = sqlOf(context);
    const plan = await planOf(sql, action);
    if (typeof plan === "string") return refused(plan);
    const objection = await objectionTo(sql, plan);
    return objection === null ? GO : refused(objection);
  },
  async snapshot(context, action) {
    const plan = await planUnderLock(sqlOf(context), action);
    return {
      policies: plan.changes.map(({ policy }) => ({
        schema: policy.table.schema,
        table: policy.table.name,
        owner: policy.table.owner,
        name: policy.name,
        roles: policy.roles,
        using: policy.using,
        check: policy.check,
      })),
      helpers: plan.helpers.map(({ name, owner, select }) => ({ name, owner, types: select.types })),
      roles: [...new Set(plan.helpers.flatMap(({ roles }) => roles))],
    };
  },
  async apply(context, action) {
    const sql = sqlOf(context);
    const plan = await planUnderLock(sql, action);
    const before = await measureBefore(sql, plan);
    if (plan.helpers.length > 0) await createHelpers(sql, plan.helpers);
    for (const change of plan.changes) await alterPolicy(sql, change.policy, change);
    measured.set(sql, { plan, before });
  },
  async probe(context) {
    const sql = sqlOf(context);
    const applied = measured.get(sql);
    if (applied === undefined) return { ok: false, measured: "what was visible before is not known" };
    const { plan, before } = applied;
    const told = await toldToStrangers(sql, plan);
    if (told !== null) return { ok: false, measured: told };
    const difference = differenceOf(before, await measureAfter(sql, plan, before));
    return {
      ok: difference === null,
      measured: difference ??
        `${
          namesOf(plan)
        }: ${before.viewers.length} viewers see and write the same rows in ${before.cells.size} comparisons`,
    };
  },
  async revert(context, _action, rollbackPoint) {
    const sql = sqlOf(context);
    const { policies, helpers, roles } = saved.parse(rollbackPoint);
    for (const { schema, table, owner, name, ...texts } of policies) {
      await alterPolicy(sql, { table: { schema, name: table, owner }, name }, texts);
    }
    if (helpers.length > 0) await dropHelpers(sql, helpers, roles);
  },
};

/** What was visible before a fix, so that its probe in the same transaction can compare. */
const measured = new WeakMap<SqlPort, { plan: PolicyPlan; before: Matrix }>();

function namesOf({ changes }: PolicyPlan): string {
  const all = changes.map(({ policy }) => `"${policy.name}" on ${policy.table.name}`);
  return all.slice(0, 5).join(", ") + (all.length > 5 ? ` and ${all.length - 5} more` : "");
}

function planOf(sql: SqlPort, { repair, table }: ReplacePolicy) {
  return planRepair(sql, repair, table);
}

async function requirePlan(sql: SqlPort, action: ReplacePolicy): Promise<PolicyPlan> {
  const plan = await planOf(sql, action);
  if (typeof plan === "string") throw new Error(plan);
  return plan;
}

async function objectionTo(sql: SqlPort, plan: PolicyPlan): Promise<string | null> {
  const owners = [...new Set(plan.tables.map(({ owner }) => owner))];
  const [foreign] = await sql.query<{ owner: string }>(
    "select o as owner from unnest($1::text[]) o where not pg_catalog.pg_has_role(current_user, o, 'MEMBER')",
    [owners],
  );
  if (foreign !== undefined) {
    return `the tables belong to ${foreign.owner}, whose rights this connection does not have`;
  }
  return plan.helpers.length === 0 ? null : await helperSchemaObjection(sql, HELPER_SCHEMA);
}

/**
 * Locks the tables and plans again, so that neither a policy nor a row changes between the looks. Readers go on until
 * the policies are altered.
 */
async function planUnderLock(sql: SqlPort, action: ReplacePolicy): Promise<PolicyPlan> {
  const first = await requirePlan(sql, action);
  for (const table of first.tables) {
    await asRole(
      sql,
      table.owner,
      () => sql.query(`lock table ${nameOf(table)} in share row exclusive mode`),
    );
  }
  const plan = await requirePlan(sql, action);
  if (plan.tables.every(({ oid }) => first.tables.some((table) => table.oid === oid))) return plan;
  throw new Error("the policies have changed meanwhile");
}

interface NamedPolicy {
  table: { schema: string; name: string; owner: string };
  name: string;
}

/** The texts are the server's own; `alter policy` keeps everything that is not named. */
async function alterPolicy(
  sql: SqlPort,
  { table, name }: NamedPolicy,
  { roles, using, check }: Pick<PolicyChange, "roles" | "using" | "check">,
): Promise<void> {
  const list = roles.map((role) => role === "public" ? "public" : quoted(role)).join(", ");
  const statement =
    `alter policy ${quoted(name)} on ${quoted(table.schema)}.${quoted(table.name)} to ${list}` +
    (using === null ? "" : ` using (${using})`) + (check === null ? "" : ` with check (${check})`);
  await asRole(sql, table.owner, () => sql.query(statement));
}

const saved = z.object({
  policies: z.array(z.object({
    schema: z.string(),
    table: z.string(),
    owner: z.string(),
    name: z.string(),
    roles: z.array(z.string()),
    using: z.string().nullable(),
    check: z.string().nullable(),
  })),
  helpers: z.array(z.object({ name: z.string(), owner: z.string(), types: z.array(z.string()) })),
  roles: z.array(z.string()),
});
