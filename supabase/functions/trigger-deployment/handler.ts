/**
 * Deploys. A machine or an admin asks for a deployment and gets its row; an admin also promotes, rolls back, approves,
 * cancels, pauses and resumes, each with a reason. The schedule calls it every minute while something is under way, and
 * each run takes the next step of what is due: no call waits for a deployment.
 *
 * @module
 */

import { runInBackground } from "../_shared/core/background.ts";
import { type Clock, systemClock } from "../_shared/core/clock.ts";
import { HealingError, messageOf } from "../_shared/core/errors.ts";
import type { Logger } from "../_shared/core/logger.ts";
import type { Json, RpcPort } from "../_shared/core/ports.ts";
import type { Environment, PlatformSettings } from "../_shared/core/settings.ts";
import { sha256 } from "../_shared/core/sha256.ts";
import { z } from "../_shared/core/validation.ts";
import {
  type AskedDeployment,
  decideDeployment,
  pauseDeployments,
  promoteDeployment,
  requestDeployment,
  rollbackDeployment,
  triggerDeployment,
} from "../_shared/deploymentDb.ts";
import { readDeploymentFailure } from "../_shared/deploymentFailures.ts";
import {
  carryOutDeployments,
  type DeploymentCounters,
  type DeploymentMeans,
} from "../_shared/deployments.ts";
import type { EdgeCall } from "../_shared/edgeHandler.ts";
import { ownFunction, readBody } from "../_shared/ownFunction.ts";
import { answerScheduledRun, scheduledCall } from "../_shared/scheduledRun.ts";

/** What the function is wired to. */
export interface DeploymentDependencies {
  settings: PlatformSettings;
  db: RpcPort;
  /** The SQL functions with the rights of whoever sent the request. */
  callerDb: (request: Request) => RpcPort;
  instanceId: string;
  logger: Logger;
  clock?: Clock;
  env?: Environment;
  /** How providers, and the project's authentication, are asked; `fetch`. */
  request?: typeof fetch;
}

const FUNCTION_NAME = "trigger-deployment";
const RUN_BUDGET_MS = 90_000;
const FIRST_BUDGET_MS = 60_000;
const MAX_BODY_BYTES = 4_500_000;
/** The same request without a key is one for so long. */
const SAME_FOR_MS = 600_000;

const reason = z.string().trim().min(1).max(2_000);
const provider = z.enum(["vercel", "github", "supabase", "hook"]).optional();

const runCall = z.strictObject(scheduledCall);
const wish = z.strictObject({
  project_id: z.string().regex(/^[\w.-]{1,200}$/),
  reason,
  changes: z.record(z.string().max(100), z.json()).default({}),
  provider,
  environment: z.enum(["production", "preview"]).optional(),
  /** Asked for twice under one key, it is one. */
  key: z.string().min(1).max(200).optional(),
});
const decision = z.strictObject({
  action: z.enum(["promote", "rollback", "approve", "cancel", "pause", "resume"]),
  deployment_id: z.uuid().optional(),
  project_id: z.string().max(200).optional(),
  provider,
  reason,
});

type Wish = z.infer<typeof wish>;
type Decision = z.infer<typeof decision>;

const HINT = 'Send {"project_id", "reason", "changes"?, "provider"?, "environment"?, "key"?} to deploy, ' +
  '{"action": "promote" | "rollback" | "approve" | "cancel", "deployment_id", "reason"} or ' +
  '{"action": "pause" | "resume", "project_id", "reason"} to decide, or {"wait"?, "run_id"?, "trigger"?} for a run';

/** Makes the function's handler. */
export function createHandler(dependencies: DeploymentDependencies): (request: Request) => Promise<Response> {
  const guarded = { ...dependencies, maxBodyBytes: MAX_BODY_BYTES };
  return ownFunction(FUNCTION_NAME, guarded, (call) => answer(call, dependencies));
}

async function answer(call: EdgeCall, dependencies: DeploymentDependencies): Promise<Response> {
  const said = typeof call.body === "object" && call.body !== null ? call.body : {};
  if ("action" in said) return await decide(readBody(decision, said, HINT), call, dependencies);
  if ("project_id" in said) return await ask(readBody(wish, said, HINT), call, dependencies);
  return await startRun(call, dependencies);
}

async function ask(wanted: Wish, call: EdgeCall, dependencies: DeploymentDependencies): Promise<Response> {
  const { deployment, is_new, refusal } = await askFor(wanted, call, dependencies);
  if (deployment === null) return Response.json({ success: false, deployment, refusal }, { status: 409 });
  runInBackground(() => carryOut(dependencies, call.requestId, FIRST_BUDGET_MS, deployment.id));
  return Response.json({ success: true, deployment, is_new }, { status: 202 });
}

/** A person is known by their token, and what they ask for needs nobody else's word. */
async function askFor(
  { key, changes, ...wanted }: Wish,
  { caller, request }: EdgeCall,
  { db, callerDb, clock = systemClock }: DeploymentDependencies,
): Promise<AskedDeployment> {
  const given = { ...wanted, changes: changes as { [key: string]: Json } };
  const known = key ?? request.headers.get("idempotency-key") ?? await keyOf(given, clock);
  if (caller.kind === "admin") return await triggerDeployment(callerDb(request), { ...given, key: known });
  const kind = wanted.reason === "autonomous_fix_applied" ? "fix" : "other";
  return await requestDeployment(db, { ...given, key: known, kind });
}

/** What a caller that gives no key asks for twice within minutes is the same. */
async function keyOf(given: object, clock: Clock): Promise<string> {
  return `auto:${await sha256(JSON.stringify([given, Math.floor(clock.now() / SAME_FOR_MS)]))}`;
}

async function decide(
  { action, deployment_id: id, project_id: project, provider, reason }: Decision,
  { caller, request, requestId }: EdgeCall,
  dependencies: DeploymentDependencies,
): Promise<Response> {
  if (caller.kind !== "admin") {
    throw new HealingError("FORBIDDEN", `Only an admin can ${action}`, {
      hint: "Send an admin's token as bearer",
    });
  }
  const db = dependencies.callerDb(request);
  if (action === "pause" || action === "resume") {
    const options = { pause: action === "pause", provider: provider ?? null };
    return Response.json({
      success: true,
      targets: await pauseDeployments(db, need(project, "project_id"), reason, options),
    });
  }
  const done = await decideAbout(db, action, need(id, "deployment_id"), reason);
  runInBackground(() => carryOut(dependencies, requestId, FIRST_BUDGET_MS));
  return Response.json({ success: done.refusal === undefined || done.refusal === null, ...done });
}

async function decideAbout(
  db: RpcPort,
  action: "promote" | "rollback" | "approve" | "cancel",
  id: string,
  reason: string,
): Promise<{ deployment?: unknown; rollback?: unknown; refusal?: string | null }> {
  if (action === "promote") return { ...await promoteDeployment(db, id, reason) };
  if (action === "rollback") return { ...await rollbackDeployment(db, id, reason) };
  return { deployment: await decideDeployment(db, id, action, reason) };
}

function need(value: string | undefined, name: string): string {
  if (value !== undefined) return value;
  throw new HealingError("BAD_REQUEST", `The body does not fit: ${name} is missing`, { hint: HINT });
}

function startRun(call: EdgeCall, dependencies: DeploymentDependencies): Promise<Response> {
  const { db, instanceId, logger } = dependencies;
  return answerScheduledRun<{ [name: string]: number }>(
    call,
    readBody(runCall, call.body, HINT),
    { db, functionName: FUNCTION_NAME, instanceId, logger },
    {},
    async (runId, counters) => {
      Object.assign(counters, await carryOut(dependencies, runId, RUN_BUDGET_MS));
    },
  );
}

async function carryOut(
  { db, logger, clock = systemClock, env, request }: DeploymentDependencies,
  runId: string,
  budgetMs: number,
  deploymentId?: string,
): Promise<DeploymentCounters> {
  const until = clock.monotonic() + budgetMs;
  const means: DeploymentMeans = {
    db,
    logger,
    clock,
    env,
    request,
    worker: `${FUNCTION_NAME}:${runId}`,
    readFailure: readDeploymentFailure,
  };
  try {
    return await carryOutDeployments(means, {
      hasTime: () => clock.monotonic() < until,
      ...(deploymentId === undefined ? {} : { deploymentId }),
    });
  } catch (thrown) {
    logger.error("deployments could not be carried out", { runId, reason: messageOf(thrown).slice(0, 500) });
    throw thrown;
  }
}
