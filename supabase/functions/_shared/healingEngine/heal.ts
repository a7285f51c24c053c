/** One claimed error through the pipeline: propose, decide, apply, prove. @module */

import { systemClock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import type { ErrorFacts, Proposal } from "../core/fixes.ts";
import type { Json } from "../core/ports.ts";
import { type FixAction, type FixContext, kindOf, parseFixAction } from "../fixActions.ts";
import {
  beginFix,
  type ClaimedError,
  failFix,
  proposeFix,
  recordFixApplied,
  recordFixProof,
  releaseError,
  type StoredFix,
} from "../healingDb.ts";
import { patternOf } from "../patternLearning.ts";
import type { DirectConnection } from "../postgres.ts";
import { chooseFix, type ChosenFix, proposalsFor } from "./choose.ts";
import { factsOf } from "./facts.ts";
import type { HealingEngineOptions, HealOutcome, HealSituation } from "./options.ts";
import { replayOperations } from "./replay.ts";
import { applySqlFix } from "./trials.ts";

/** What the steps of one error share. */
export interface HealJob {
  options: HealingEngineOptions;
  error: ClaimedError;
  situation: HealSituation;
  direct: () => Promise<DirectConnection | null>;
  startedAt: number;
}

/** A fix whose row exists and that is about to start. */
interface ReadyFix {
  id: string;
  action: FixAction;
  tier: StoredFix["tier"];
}

const RETRY_LATER_SECONDS = 600;

/** Heals one claimed error, or says why not; the claim is always given back or used up. */
export async function healClaimedError(job: HealJob): Promise<HealOutcome> {
  const { error, options } = job;
  if (error.live_fix !== null) {
    const { id, action, tier } = error.live_fix;
    return await execute(job, { id, action: parseFixAction(action), tier });
  }
  const facts = factsOf(error, job.situation.origin);
  const proposals = proposalsFor(error, facts);
  const { chosen, refused } = await chooseFix(proposals, job.situation, {
    direct: job.direct,
    canReplay: options.invoke !== undefined,
  });
  if (chosen === null) return await giveUp(job, facts, refused);

  const proposed = await proposeFix(options.db, draftOf(job, facts, chosen, proposals, refused));
  if (proposed.decision === "auto") {
    return await execute(job, { id: proposed.fix_id!, action: chosen.action, tier: chosen.proposal.tier });
  }
  if (proposed.decision === "suggest") {
    return {
      kind: "waiting",
      fixId: proposed.fix_id!,
      approvalId: proposed.approval_id,
      reason: proposed.reason,
    };
  }
  await releaseError(options.db, error, {
    status: "escalated",
    reason: `no fix, because ${proposed.reason}`,
  });
  return { kind: "none", reason: proposed.reason };
}

async function giveUp(job: HealJob, facts: ErrorFacts, refused: { reason: string }[]): Promise<HealOutcome> {
  const reason = refused.length > 0
    ? `no fix, because ${refused.map((one) => one.reason).join("; ")}`
    : facts.transient
    ? "no fix, because the failure passes by itself and nothing waits to be made again"
    : "no fix, because no rule and no learned pattern knows this error";
  // What passes by itself is looked at again; what nobody knows will not become known by waiting.
  const status = facts.transient ? "open" : "escalated";
  await releaseError(job.options.db, job.error, { status, reason, retrySeconds: RETRY_LATER_SECONDS });
  return { kind: "none", reason };
}

function draftOf(
  job: HealJob,
  facts: ErrorFacts,
  { proposal, action, risk, wanted, dryRun }: ChosenFix,
  proposals: readonly Proposal[],
  refused: { action: Json; reason: string }[],
): Parameters<typeof proposeFix>[1] {
  const kind = kindOf(action);
  return {
    detected_error_id: job.error.id,
    claim_number: job.error.claim_number,
    action: { ...action },
    action_group: kind.group,
    target: kind.target(action),
    tier: proposal.tier,
    confidence: proposal.confidence,
    risk,
    reason: proposal.reason,
    evidence: { dryRun: dryRun === null ? null : { ok: dryRun.ok, measured: dryRun.measured }, refused },
    pattern: patternOf({ ...action }, facts, proposal.tier, job.error.category),
    ...(proposal.patternId === undefined ? {} : { pattern_id: proposal.patternId }),
    wanted,
    what_will_happen: kind.describe(action),
    alternatives: proposals.filter((other) => other !== proposal).map((other) => other.action),
  };
}

async function execute(job: HealJob, fix: ReadyFix): Promise<HealOutcome> {
  const outcome = kindOf(fix.action).needs === "sql"
    ? await executeSql(job, fix)
    : await executeReplay(job, fix);
  if (outcome.kind === "applied" && outcome.action !== "retry") {
    await replayOperations(job.options, job.error.id);
  }
  return outcome;
}

async function executeSql(job: HealJob, fix: ReadyFix): Promise<HealOutcome> {
  const { options, error, situation } = job;
  const now = () => (options.clock ?? systemClock).monotonic();
  const connection = await job.direct();
  if (connection === null) {
    return await fail(job, fix, "a database fix needs a direct connection, and none is configured");
  }
  const oneOff = situation.script !== undefined;
  const result = await applySqlFix(connection, { ...fix, claim: error }, {
    script: situation.script,
    oneOff,
    startedAt: job.startedAt,
    now,
  });
  if (result.kind === "refused") return await postpone(job, result.reason);
  if (result.kind === "failed") return await fail(job, fix, result.reason);
  return {
    ...applied(fix, result.measured, now() - job.startedAt),
    ...(oneOff ? { scriptSucceeded: result.scriptError === undefined, scriptError: result.scriptError } : {}),
  };
}

async function executeReplay(job: HealJob, fix: ReadyFix): Promise<HealOutcome> {
  const { options, error } = job;
  // Intent first: a crash after this line leaves a row that the next run reads before it acts.
  const begun = await beginFix(options.db, fix.id, error);
  if (!begun.moved) return await postpone(job, begun.reason);
  const context: FixContext = { replay: () => replayOperations(options, error.id) };
  const kind = kindOf(fix.action);
  const refusal = await kind.precondition(context, fix.action);
  if (refusal !== null) return await fail(job, fix, refusal);
  const rollbackPoint = await kind.snapshot(context, fix.action);
  await kind.apply(context, fix.action);
  const probe = await kind.probe(context, fix.action);
  if (!probe.ok) return await fail(job, fix, probe.measured);
  const durationMs = (options.clock ?? systemClock).monotonic() - job.startedAt;
  await recordFixApplied(options.db, fix.id, error, {
    rollback_point: rollbackPoint,
    probe: { ok: true, measured: probe.measured },
    description: kind.describe(fix.action),
    duration_ms: durationMs,
  });
  await recordFixProof(options.db, fix.id, { succeeded: true, measured: probe.measured });
  return applied(fix, probe.measured, durationMs);
}

function applied(fix: ReadyFix, proof: string, durationMs: number): HealOutcome & { kind: "applied" } {
  const description = kindOf(fix.action).describe(fix.action);
  return {
    kind: "applied",
    fixId: fix.id,
    action: fix.action.kind,
    tier: fix.tier,
    description,
    proof,
    durationMs,
  };
}

async function postpone(job: HealJob, reason: string): Promise<HealOutcome> {
  await releaseError(job.options.db, job.error, {
    status: "open",
    reason,
    retrySeconds: RETRY_LATER_SECONDS,
  });
  return { kind: "none", reason };
}

async function fail(job: HealJob, fix: ReadyFix, reason: string): Promise<HealOutcome> {
  try {
    await failFix(job.options.db, fix.id, job.error, reason);
  } catch (error) {
    // The lease may have run out meanwhile; then the fix is the next worker's, and this one has nothing to say.
    job.options.logger?.warn("a failed fix could not be recorded", {
      fixId: fix.id,
      reason: messageOf(error),
    });
  }
  return { kind: "failed", reason };
}
