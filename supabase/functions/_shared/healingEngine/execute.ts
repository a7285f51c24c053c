/** Makes a fix that was decided about, and gives its error back where it cannot be made. @module */

import { systemClock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import { type FixAction, type FixContext, kindOf } from "../fixActions.ts";
import { askAgain, withdrawFix } from "../engineDb.ts";
import {
  beginFix,
  type ClaimedError,
  failFix,
  type FixStart,
  recordFixApplied,
  type Release,
  releaseError,
  type StoredFix,
} from "../healingDb.ts";
import type { DirectConnection } from "../postgres.ts";
import { differenceBetween, type FixChanges } from "../rollbackPoints.ts";
import type { HealingEngineOptions, HealOutcome, HealSituation } from "./options.ts";
import { replayOperations } from "./replay.ts";
import { applySqlFix, dryRun } from "./trials.ts";

/** What the steps of one error share. */
export interface HealJob {
  options: HealingEngineOptions;
  error: ClaimedError;
  situation: HealSituation;
  direct: () => Promise<DirectConnection | null>;
  startedAt: number;
}

/** A fix whose row exists and that is about to start. */
export interface ReadyFix {
  id: string;
  action: FixAction;
  tier: StoredFix["tier"];
  /** What its rehearsal showed. */
  changes: FixChanges | null;
}

/** Until what was held back is looked at again. */
export const LOOK_AGAIN_SECONDS = 600;
/** After a busy lock or a lost connection; it counts as an attempt, so that what never gets its turn reaches a person. */
export const BUSY_SECONDS = 60;

/** A person has said yes to certain changes: anything else comes back as a question. Null when the fix is not needed any more. */
export async function executeApproved(job: HealJob, fix: ReadyFix): Promise<HealOutcome | null> {
  const { options: { db }, error, situation: { script } } = job;
  const connection = await job.direct();
  if (connection === null) return await execute(job, fix);
  const trial = await dryRun(connection, fix.action, script);
  if (trial.kind === "later") return await release(job, "open", trial.measured, BUSY_SECONDS);
  if (trial.kind === "fails") return await fail(job, fix.id, trial.measured);
  if (trial.kind === "alreadyDone") {
    await withdrawFix(db, fix.id, error, trial.measured);
    return null;
  }
  const difference = fix.changes === null
    ? "nobody has seen yet what it would change"
    : differenceBetween(fix.changes, trial.changes);
  if (difference === null) return await execute(job, { ...fix, changes: trial.changes });
  const { approval_id } = await askAgain(db, fix.id, error, trial.changes, difference);
  return waiting(fix.id, approval_id, difference);
}

/** Applies a fix, and makes again what waits for it. */
export async function execute(job: HealJob, fix: ReadyFix): Promise<HealOutcome> {
  if (kindOf(fix.action).needs !== "sql") return await executeReplay(job, fix);
  const outcome = await executeSql(job, fix);
  if (outcome.kind === "applied") await replayOperations(job.options, job.error.id);
  return outcome;
}

function elapsed(job: HealJob): number {
  return (job.options.clock ?? systemClock).monotonic() - job.startedAt;
}

async function executeSql(job: HealJob, fix: ReadyFix): Promise<HealOutcome> {
  const { script } = job.situation;
  const connection = await job.direct();
  if (connection === null) {
    return await fail(job, fix.id, "a database fix needs a direct connection, and none is configured");
  }
  const result = await applySqlFix(connection, {
    id: fix.id,
    action: fix.action,
    claim: job.error,
    changes: fix.changes,
    script,
    elapsedMs: () => elapsed(job),
  });
  if (result.kind === "held") return await hold(job, fix, result.start);
  if (result.kind === "later") return await release(job, "open", result.reason, BUSY_SECONDS);
  if (result.kind === "failed") return await fail(job, fix.id, result.reason);
  return {
    ...applied(fix, result.measured, elapsed(job)),
    ...(result.script === undefined ? {} : { script: result.script }),
  };
}

async function executeReplay(job: HealJob, fix: ReadyFix): Promise<HealOutcome> {
  const { options, error } = job;
  // Intent first: a crash after this line leaves a row that the next run reads before it acts.
  const start = await beginFix(options.db, fix.id, error);
  if (!start.moved) return await hold(job, fix, start);
  const context: FixContext = { replay: () => replayOperations(options, error.id, { claim: error }) };
  const kind = kindOf(fix.action);
  const precondition = await kind.precondition(context, fix.action);
  if (precondition.kind !== "go") return await fail(job, fix.id, precondition.reason);
  const rollbackPoint = await kind.snapshot(context, fix.action);
  await kind.apply(context, fix.action);
  const probe = await kind.probe(context, fix.action);
  if (!probe.ok) return await fail(job, fix.id, probe.measured);
  await recordFixApplied(options.db, fix.id, error, {
    rollback_point: rollbackPoint,
    probe: { ok: true, measured: probe.measured },
    description: kind.describe(fix.action),
    duration_ms: elapsed(job),
    proof: { succeeded: true, measured: probe.measured },
  });
  return applied(fix, probe.measured, elapsed(job));
}

function applied(fix: ReadyFix, proof: string, durationMs: number): HealOutcome & { kind: "applied" } {
  const description = kindOf(fix.action).describe(fix.action);
  const sql = kindOf(fix.action).toSql?.(fix.action);
  return {
    kind: "applied",
    fixId: fix.id,
    ...(sql === undefined ? {} : { sql }),
    action: fix.action.kind,
    tier: fix.tier,
    description,
    proof,
    durationMs,
  };
}

/** A person is asked. */
export function waiting(fixId: string, approvalId: string | undefined, reason: string): HealOutcome {
  return { kind: "waiting", fixId, approvalId, reason };
}

/** A switch, a mode or a budget holds the fix back: a person was asked, or it is tried again later. */
async function hold(job: HealJob, fix: ReadyFix, start: FixStart): Promise<HealOutcome> {
  if (start.approval_id !== undefined) return waiting(fix.id, start.approval_id, start.reason);
  return await postpone(job, start.reason, start.retry_seconds ?? LOOK_AGAIN_SECONDS);
}

/** Held back by a switch or a budget: no attempt was made. */
export async function postpone(job: HealJob, reason: string, retrySeconds: number): Promise<HealOutcome> {
  await releaseError(job.options.db, job.error, { status: "open", reason, retrySeconds, counts: false });
  return { kind: "none", reason };
}

/** Gives the error back. */
export async function release(
  job: HealJob,
  status: Release["status"],
  reason: string,
  retrySeconds = 0,
): Promise<HealOutcome> {
  await releaseError(job.options.db, job.error, { status, reason, retrySeconds });
  return { kind: "none", reason };
}

/** Ends the fix as failed. */
export async function fail(job: HealJob, fixId: string, reason: string): Promise<HealOutcome> {
  try {
    await failFix(job.options.db, fixId, job.error, reason);
  } catch (error) {
    // The lease may have run out meanwhile; then the fix is the next worker's, and this one has nothing to say.
    job.options.logger?.warn("a failed fix could not be recorded", { fixId, reason: messageOf(error) });
  }
  return { kind: "failed", reason };
}
