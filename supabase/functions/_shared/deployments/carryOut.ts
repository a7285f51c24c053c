/**
 * Carries deployments out, step by step: each step is one claim, and ends with one move that only the database makes.
 *
 * Nothing is sent before its intent is recorded. Whoever finds a deployment that was about to be sent reads what became
 * of it and never sends it again, unless the provider has said for long enough that it does not have it.
 *
 * @module
 */

import { type Clock, systemClock } from "../core/clock.ts";
import { HealingError, isHealingError, messageOf } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { RpcPort } from "../core/ports.ts";
import type { Environment } from "../core/settings.ts";
import {
  beginDeployment,
  claimDeployments,
  type ClaimedDeployment,
  type DeploymentStatus,
  type DeploymentStep,
  updateDeploymentStatus,
} from "../deploymentDb.ts";
import { sanitizeText } from "../errorSanitizer.ts";
import type { CapturedError } from "../healingDb.ts";
import { type OpenJob, openJob } from "./openJob.ts";
import type { DeploymentFailure, Look } from "./provider.ts";

/** Makes an error of a failure, so that fixes apply to it; without it only the row tells. */
export type FailureReader = (
  failure: DeploymentFailure,
  deployment: ClaimedDeployment,
) => Promise<CapturedError>;

/** What deployments are carried out with. */
export interface DeploymentMeans {
  db: RpcPort;
  /** Names this worker in its claims. */
  worker: string;
  logger: Logger;
  readFailure?: FailureReader | undefined;
  clock?: Clock | undefined;
  /** Where tokens are looked for first; `Deno.env`. */
  env?: Environment | undefined;
  request?: typeof fetch | undefined;
  /** Longest wait for an answer of a provider; each has its own. */
  timeoutMs?: number | undefined;
}

/** What one go came to: how many deployments it moved to which state, and how many looks changed nothing. */
export type DeploymentCounters = Partial<Record<DeploymentStatus | "looks" | "lost", number>>;

/** How often one is sent: refused for now, or proved to be absent. */
const MOST_SENDS = 6;
const MOST_STEPS = 100;
/** How often it is tried to find out what one that waits needs. */
const MOST_PREPARATIONS = 40;
const LONGEST_WAIT_S = 3_600;

/** Carries out what is due until nothing is, or the time is up. */
export async function carryOutDeployments(
  means: DeploymentMeans,
  { hasTime = () => true, deploymentId }: { hasTime?: () => boolean; deploymentId?: string } = {},
): Promise<DeploymentCounters> {
  const counters: DeploymentCounters = {};
  for (let steps = 0; steps < MOST_STEPS && hasTime(); steps++) {
    const [deployment] = await claimDeployments(means.db, {
      worker: means.worker,
      ...(deploymentId === undefined ? {} : { deploymentId }),
    });
    if (deployment === undefined) break;
    const moved = await takeStep(deployment, means);
    counters[moved] = (counters[moved] ?? 0) + 1;
  }
  return counters;
}

/** One step; `lost` when it broke off, whatever the cause: the lease gives it back, and the next worker reads first. */
async function takeStep(
  deployment: ClaimedDeployment,
  means: DeploymentMeans,
): Promise<keyof DeploymentCounters> {
  try {
    const { status, step } = await nextStep(deployment, means);
    await updateDeploymentStatus(means.db, deployment, status, step);
    return status === deployment.status ? "looks" : status;
  } catch (thrown) {
    means.logger.warn("a deployment was left to the next worker", {
      deploymentId: deployment.id,
      reason: sanitizeText(messageOf(thrown), { maxLength: 500 }),
    });
    return "lost";
  }
}

interface Move {
  status: DeploymentStatus;
  step: DeploymentStep;
}

async function nextStep(deployment: ClaimedDeployment, means: DeploymentMeans): Promise<Move> {
  const { clock = systemClock, env = Deno.env, db, request, timeoutMs } = means;
  const opened = await openJob(deployment, { db, clock, env, request, timeoutMs });
  if ("look" in opened) {
    // A token that is gone says nothing about what was sent with it.
    return deployment.status === "pending"
      ? await moveBy(opened.look, deployment, means)
      : await moveBy({ kind: "cannotTell", reason: opened.look.reason }, deployment, means);
  }
  if (deployment.status === "pending") return await start(opened, means);
  if (deployment.status === "deploying" && deployment.progress.not_taken === true) {
    return await sendAgain(opened, means);
  }
  return await seek(opened, means);
}

/** Reads what there is, records the intent, and only then sends. */
async function start({ provider, job }: OpenJob, means: DeploymentMeans): Promise<Move> {
  const { deployment } = job;
  if (deployment.cancel_requested_by !== null) {
    return {
      status: "cancelled",
      step: { reason: `${deployment.cancel_requested_by}: ${deployment.cancel_reason}` },
    };
  }
  const prepared = await provider.prepare(job);
  if (prepared.kind !== "prepared") {
    if (prepared.kind === "failed") return await moveBy(prepared, deployment, means);
    if (deployment.look_count >= MOST_PREPARATIONS) {
      const reason = `nothing was sent: ${prepared.reason}`;
      return await moveBy({ kind: "failed", reason, failure: { message: reason } }, deployment, means);
    }
    return { status: "pending", step: { reason: prepared.reason, next_check_seconds: waitOf(prepared, 30) } };
  }
  const intent = { ...prepared.intent, config: deployment.target.config };
  try {
    Object.assign(deployment, await beginDeployment(means.db, deployment, intent, prepared.rollbackPoint));
  } catch (thrown) {
    if (!isHealingError(thrown) || thrown.code !== "CONFLICT") throw thrown;
    return { status: "pending", step: { reason: thrown.message, next_check_seconds: 30 } };
  }
  return await moveBy(await provider.send(job), deployment, means);
}

async function sendAgain({ provider, job }: OpenJob, means: DeploymentMeans): Promise<Move> {
  const { deployment } = job;
  if (deployment.cancel_requested_by !== null) {
    return {
      status: "cancelled",
      step: { reason: `${deployment.cancel_requested_by}: ${deployment.cancel_reason}` },
    };
  }
  if (deployment.send_count >= MOST_SENDS) {
    const reason = `sent ${deployment.send_count} times, and never taken: ${deployment.status_reason}`;
    return await moveBy({ kind: "failed", reason, failure: { message: reason } }, deployment, means);
  }
  Object.assign(deployment, await beginDeployment(means.db, deployment, deployment.intent ?? {}, null));
  return await moveBy(await provider.send(job), deployment, means);
}

/** Reads what became of it; a person's wish to stop it is passed on first. */
async function seek({ provider, job }: OpenJob, means: DeploymentMeans): Promise<Move> {
  const { deployment } = job;
  if (deployment.cancel_requested_by !== null) await provider.cancel?.(job);
  const look = await provider.look(job);
  if (look.kind !== "absent" || !isLongAbsent(deployment)) return await moveBy(look, deployment, means);
  if (deployment.cancel_requested_by !== null) {
    return {
      status: "cancelled",
      step: { reason: `it never arrived, and ${deployment.cancel_requested_by} wants it stopped` },
    };
  }
  try {
    return await sendAgain({ provider, job }, means);
  } catch (thrown) {
    // The database says that it is not certain enough yet.
    if (isHealingError(thrown) && thrown.code === "CONFLICT") return await moveBy(look, deployment, means);
    throw thrown;
  }
}

function isLongAbsent({ status, absent_count }: ClaimedDeployment): boolean {
  return status === "unknown" && absent_count >= 3;
}

/** What a look means for a deployment that has been sent. */
async function moveBy(look: Look, deployment: ClaimedDeployment, means: DeploymentMeans): Promise<Move> {
  const step: DeploymentStep = {
    reason: look.reason,
    ...(look.id === undefined ? {} : { provider_deployment_id: look.id }),
    ...(look.url === undefined ? {} : { url: look.url }),
    ...(look.state === undefined ? {} : { provider_state: look.state }),
    ...(look.progress === undefined ? {} : { progress: look.progress }),
  };
  switch (look.kind) {
    case "building":
      return {
        status: "building",
        step: { ...step, next_check_seconds: look.nextCheckSeconds ?? pace(deployment) },
      };
    case "ready":
      return { status: "ready", step: look.proof === undefined ? step : { ...step, proof: look.proof } };
    case "failed":
      return { status: "failed", step: { ...step, ...await failureStep(look.failure, deployment, means) } };
    case "cancelled":
    case "blocked":
      return { status: look.kind, step };
    case "absent":
      return { status: "unknown", step: { ...step, absent: true, next_check_seconds: 60 } };
    case "notTaken":
      return notTaken(look, step, deployment);
    case "cannotTell":
      // What is being built is so until something else is known.
      return {
        status: deployment.status === "building" ? "building" : "unknown",
        step: { ...step, next_check_seconds: waitOf(look, 15 + pace(deployment)) },
      };
  }
}

/** A provider that was asked while it could take nothing more. */
function notTaken(
  look: Look & { kind: "notTaken" },
  step: DeploymentStep,
  deployment: ClaimedDeployment,
): Move {
  const again = waitOf(look, Math.min(30 * 2 ** deployment.send_count, 900));
  return { status: "deploying", step: { ...step, progress: { not_taken: true }, next_check_seconds: again } };
}

/** At first every few seconds, later every two minutes. */
function pace({ look_count }: ClaimedDeployment): number {
  return Math.min(5 + look_count * 5, 120);
}

function waitOf(look: Look, otherwiseSeconds: number): number {
  const wish = "retryAfterSeconds" in look ? look.retryAfterSeconds : undefined;
  return Math.min(Math.max(wish ?? otherwiseSeconds, 1), LONGEST_WAIT_S);
}

/** The failure as the row shows it, and as an error that fixes apply to. */
async function failureStep(
  failure: DeploymentFailure,
  deployment: ClaimedDeployment,
  { readFailure }: DeploymentMeans,
): Promise<DeploymentStep> {
  const { message, code = null, status = null, functionName = null } = failure;
  const error = { message, code, status, function_name: functionName };
  return readFailure === undefined ? { error } : { error, errors: [await readFailure(failure, deployment)] };
}

/** Throws unless a deployment was asked for and not refused. */
export function assertAsked(asked: { deployment: unknown; refusal: string | null }): void {
  if (asked.deployment === null) {
    throw new HealingError("CONFLICT", `The deployment was refused: ${asked.refusal}`, {
      hint: "Read mode_deployment in public.healing_settings",
    });
  }
}
