/** What the fixes of deployments do: they ask, in the fix's own transaction, and later runs carry it out. @module */

import { HealingError } from "../../core/errors.ts";
import type { Json, SqlPort } from "../../core/ports.ts";
import { type FixContext, GO, type Precondition, type ProbeResult, refused, sqlOf } from "../kind.ts";
import type { FixSteps } from "../lazily.ts";
import type { Promote } from "../promote.ts";
import type { Redeploy } from "../redeploy.ts";
import type { RollbackDeployment } from "../rollbackDeployment.ts";

type DeploymentFix = Redeploy | Promote | RollbackDeployment;

const LAST = `
  select d.id, d.status, d.provider_deployment_id from public.deployment_logs as d
  where case when $1::jsonb ->> 'project' is not null then d.project_id = $1::jsonb ->> 'project' and d.action = 'deploy'
      and ($1::jsonb ->> 'provider' is null or d.provider = $1::jsonb ->> 'provider')
    else d.subject_id = ($1::jsonb ->> 'deployment')::uuid
      and d.action = case $1::jsonb ->> 'kind' when 'promote' then 'promote' else 'rollback' end end
  order by d.created_at desc limit 1`;

interface Last {
  id: string;
  status: string;
  provider_deployment_id: string | null;
}

async function lastOf(sql: SqlPort, action: DeploymentFix): Promise<Last | undefined> {
  return (await sql.query<Last>(LAST, [JSON.stringify(action)]))[0];
}

async function ask(context: FixContext, action: DeploymentFix): Promise<void> {
  const [row] = await sqlOf(context).query<{ asked: { refusal: string | null } }>(
    "select healing_private.deploy_by_fix($1::jsonb) as asked",
    [JSON.stringify(action)],
  );
  const refusal = row?.asked.refusal ?? null;
  if (refusal !== null) throw new HealingError("FIX_REFUSED", `The deployment was refused: ${refusal}`);
}

/** What the one before was: a fix is about the one after it. */
async function snapshot(context: FixContext, action: DeploymentFix): Promise<Json> {
  return { before: (await lastOf(sqlOf(context), action))?.id ?? null };
}

async function probe(context: FixContext, action: DeploymentFix): Promise<ProbeResult> {
  const last = await lastOf(sqlOf(context), action);
  const isOnItsWay = last !== undefined && !["failed", "cancelled", "blocked"].includes(last.status);
  return {
    ok: isOnItsWay,
    measured: last === undefined ? "no deployment was asked for" : `deployment ${last.id} is ${last.status}`,
  };
}

async function revert(context: FixContext, action: DeploymentFix, rollbackPoint: Json): Promise<void> {
  const last = await lastOf(sqlOf(context), action);
  const { before } = rollbackPoint as { before: string | null };
  if (last === undefined || last.id === before) return;
  const [row] = await sqlOf(context).query<{ refusal: string | null }>(
    "select healing_private.undo_deployment_by_fix($1) as refusal",
    [last.id],
  );
  const refusal = row?.refusal ?? null;
  if (refusal !== null) {
    throw new HealingError("FIX_FAILED", `The deployment cannot be taken back: ${refusal}`);
  }
}

async function judge(context: FixContext, query: string, values: unknown[]): Promise<Precondition> {
  const [row] = await sqlOf(context).query<{ refusal: string | null }>(query, values);
  const refusal = row === undefined ? "there is no such deployment" : row.refusal;
  return refusal === null ? GO : refused(refusal);
}

/** `redeploy`. */
export const redeploySteps: FixSteps<Redeploy> = {
  precondition: (context, { project, provider }) =>
    judge(context, "select healing_private.redeploy_hindrance($1, $2) as refusal", [project, provider]),
  snapshot,
  apply: ask,
  probe,
  revert,
};

const NOT_PROMOTED = `
  select case when d.status not in ('ready', 'live') then format('it is %s', d.status)
    when d.environment <> 'preview' then 'it is made for production already' end as refusal
  from public.deployment_logs as d where d.id = $1`;

/** `promote`. */
export const promoteSteps: FixSteps<Promote> = {
  precondition: (context, { deployment }) => judge(context, NOT_PROMOTED, [deployment]),
  snapshot,
  apply: ask,
  probe,
  revert,
};

const NOT_ROLLED_BACK = `
  select healing_private.rollback_refusal(d) as refusal from public.deployment_logs as d where d.id = $1`;

/** `rollback_deployment`. */
export const rollbackSteps: FixSteps<RollbackDeployment> = {
  precondition: (context, { deployment }) => judge(context, NOT_ROLLED_BACK, [deployment]),
  snapshot,
  apply: ask,
  probe,
  revert() {
    // Going forth to a release that was taken back as bad is a person's to decide.
    throw new HealingError(
      "FIX_FAILED",
      "A rollback is not undone by itself: deploy or promote what is to serve",
    );
  },
};
