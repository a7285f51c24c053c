/** One claimed error through the pipeline: propose, decide, apply, prove. @module */

import type { Decision } from "../contextAnalysis.ts";
import { systemClock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import type { ErrorFacts, Proposal } from "../core/fixes.ts";
import { refusalOf } from "../deterministicFixPatterns.ts";
import { type FixAction, type FixContext, kindOf, parseFixAction } from "../fixActions.ts";
import {
  beginFix,
  type ClaimedError,
  failFix,
  type FixDraft,
  type FixStart,
  proposeFix,
  recordFixApplied,
  type Release,
  releaseError,
  type StoredFix,
} from "../healingDb.ts";
import { patternOf } from "../patternLearning.ts";
import type { DirectConnection } from "../postgres.ts";
import {
  type Choice,
  chooseFix,
  type ChosenFix,
  proposalsFor,
  type TrialAccess,
  type Weighed,
} from "./choose.ts";
import { noteRefusedVariant, orderByExperiment } from "./experiment.ts";
import { categoryOf, factsOf } from "./facts.ts";
import type { HealingEngineOptions, HealOutcome, HealSituation } from "./options.ts";
import { askProposers } from "./proposers.ts";
import { replayOperations } from "./replay.ts";
import { reasonsFor, sqlRefusalOf, UNKNOWN } from "./sqlRefusals.ts";
import { applySqlFix } from "./trials.ts";
import { alternativesTo, decideWithoutFix, evidenceOf, readSituation } from "./weigh.ts";

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

const LOOK_AGAIN_SECONDS = 600;
/** After a decision that an error is not worth the while now; what comes often becomes worth it. */
const IGNORED_SECONDS = 21_600;
/** After a busy lock or a lost connection; it counts as an attempt, so that what never gets its turn reaches a person. */
const BUSY_SECONDS = 60;

/** Heals one claimed error, or says why not; the claim is always given back or used up. */
export async function healClaimedError(job: HealJob): Promise<HealOutcome> {
  if (job.error.live_fix !== null) return await goOn(job, job.error.live_fix);
  const facts = factsOf(job.error);
  const weighed = await readSituation(job.options.db, job.error);
  const proposals = await orderByExperiment(
    job.options,
    job.error,
    facts,
    await askProposers(
      { options: job.options, error: job.error, facts, attempt: job.situation.attempt },
      proposalsFor(job.error, facts, weighed.predictions),
    ),
  );
  const access = { direct: job.direct, canReplay: job.options.invoke !== undefined };
  const choice = await chooseFix(proposals, job.situation, access, weighed);
  await noteRefusedVariant(job.options, job.error, { proposals, refused: choice.refused, access });
  if (choice.chosen !== null) return await propose(job, facts, choice.chosen, { proposals, choice });
  if (choice.stopped !== null) return await stop(job, choice.stopped);
  const { refused } = choice;
  const done = refused.find(({ because }) => because === "alreadyDone");
  if (done !== undefined) return await finishMended(job, facts, done.reason, { access, weighed });
  const later = refused.find(({ because }) => because === "later");
  if (later !== undefined) return await release(job, "open", later.reason, BUSY_SECONDS);
  return await giveUp(job, facts, { choice, weighed });
}

/** A fix that waits for its start: approved by a person, or left behind by a worker that died. */
async function goOn(job: HealJob, fix: StoredFix): Promise<HealOutcome> {
  let action: FixAction;
  try {
    action = parseFixAction(fix.action);
  } catch (error) {
    return await fail(job, fix.id, messageOf(error));
  }
  return await execute(job, { id: fix.id, action, tier: fix.tier });
}

async function propose(
  job: HealJob,
  facts: ErrorFacts,
  chosen: ChosenFix,
  other: { proposals: readonly Proposal[]; choice: Choice },
): Promise<HealOutcome> {
  const proposed = await proposeFix(job.options.db, draftOf(job, facts, chosen, other));
  if (proposed.decision === "auto") {
    return await execute(job, { id: proposed.fix_id!, action: chosen.action, tier: chosen.proposal.tier });
  }
  if (proposed.decision === "suggest") {
    const { fix_id: fixId, approval_id: approvalId, reason } = proposed;
    return { kind: "waiting", fixId: fixId!, approvalId, reason };
  }
  return await release(job, "escalated", `no fix, because ${proposed.reason}`);
}

/** Another error with the same cause brought the fix: what waits is made again, and that is the proof. */
async function finishMended(
  job: HealJob,
  facts: ErrorFacts,
  reason: string,
  { access, weighed }: { access: TrialAccess; weighed: Weighed },
): Promise<HealOutcome> {
  if (job.situation.script !== undefined) return await release(job, "open", reason, BUSY_SECONDS);
  if (facts.queuedOperations === 0) return await release(job, "healed", `already mended: ${reason}`);
  const proposal: Proposal = { action: { kind: "retry" }, tier: "deterministic", confidence: 0.95, reason };
  const choice = await chooseFix([proposal], job.situation, access, weighed);
  if (choice.stopped !== null) return await stop(job, choice.stopped);
  return choice.chosen === null
    ? await giveUp(job, facts, { choice, weighed })
    : await propose(job, facts, choice.chosen, { proposals: [proposal], choice });
}

/** Nothing is applied in this situation: a burst holds all healing, the fault is none of ours, or it is not worth it. */
async function stop(job: HealJob, { decision, reason, evidence }: Decision): Promise<HealOutcome> {
  if (decision === "ignore") return await postpone(job, `ignored for now: ${reason}`, IGNORED_SECONDS);
  return evidence.gates[0]?.gate === "security"
    ? await postpone(job, reason, LOOK_AGAIN_SECONDS)
    : await release(job, "escalated", `no fix, because ${reason}`);
}

async function giveUp(
  job: HealJob,
  facts: ErrorFacts,
  { choice: { refused }, weighed }: { choice: Choice; weighed: Weighed },
): Promise<HealOutcome> {
  const why = `no fix, because ${reasonsFor(facts, refused)}`;
  if (job.situation.attempt?.isLast === false) return await postpone(job, why, 0);
  if (refused.length > 0) return await release(job, "escalated", why);
  const decided = decideWithoutFix(weighed, refused);
  if (decided.decision === "ignore" && job.situation.script === undefined) return await stop(job, decided);
  if (decided.decision === "clarify") {
    const said = sqlRefusalOf(facts) ?? `${decided.reason}. ${decided.question}`;
    return await release(job, "escalated", `no fix, because ${said}`);
  }
  if (!facts.transient) {
    const known = sqlRefusalOf(facts) ?? refusalOf(facts) ?? UNKNOWN;
    return await release(job, "escalated", `no fix, because ${known}`);
  }
  // What passes by itself is looked at again, and ends when it has not come back since.
  const { attempt_count: attempts, seconds_since_seen: quiet } = job.error;
  if (attempts > 1 && quiet > LOOK_AGAIN_SECONDS) return await release(job, "healed", "it passed by itself");
  const reason = "no fix, because the failure passes by itself and nothing waits to be made again";
  return await release(job, "open", reason, LOOK_AGAIN_SECONDS);
}

function draftOf(
  job: HealJob,
  facts: ErrorFacts,
  chosen: ChosenFix,
  { proposals, choice: { refused } }: { proposals: readonly Proposal[]; choice: Choice },
): FixDraft {
  const { proposal, action, risk, wanted, because } = chosen;
  const kind = kindOf(action);
  return {
    detected_error_id: job.error.id,
    claim_number: job.error.claim_number,
    action: { ...action },
    target: kind.target(action),
    tier: proposal.tier,
    confidence: proposal.confidence,
    risk,
    reason: proposal.reason,
    evidence: evidenceOf(chosen, refused),
    pattern: patternOf({ ...action }, facts, proposal.tier, categoryOf(job.error, job.situation)),
    ...(proposal.patternId === undefined ? {} : { pattern_id: proposal.patternId }),
    wanted,
    wanted_because: because,
    what_will_happen: kind.describe(action),
    alternatives: alternativesTo(proposal, proposals, refused, {
      facts,
      category: job.error.category,
      origin: job.situation.origin,
    }),
  };
}

async function execute(job: HealJob, fix: ReadyFix): Promise<HealOutcome> {
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

/** A switch, a mode or a budget holds the fix back: a person was asked, or it is tried again later. */
async function hold(job: HealJob, fix: ReadyFix, start: FixStart): Promise<HealOutcome> {
  const { approval_id: approvalId, reason } = start;
  if (approvalId !== undefined) return { kind: "waiting", fixId: fix.id, approvalId, reason };
  return await postpone(job, reason, start.retry_seconds ?? LOOK_AGAIN_SECONDS);
}

/** Held back by a switch or a budget: no attempt was made. */
async function postpone(job: HealJob, reason: string, retrySeconds: number): Promise<HealOutcome> {
  await releaseError(job.options.db, job.error, { status: "open", reason, retrySeconds, counts: false });
  return { kind: "none", reason };
}

async function release(
  job: HealJob,
  status: Release["status"],
  reason: string,
  retrySeconds = 0,
): Promise<HealOutcome> {
  await releaseError(job.options.db, job.error, { status, reason, retrySeconds });
  return { kind: "none", reason };
}

async function fail(job: HealJob, fixId: string, reason: string): Promise<HealOutcome> {
  try {
    await failFix(job.options.db, fixId, job.error, reason);
  } catch (error) {
    // The lease may have run out meanwhile; then the fix is the next worker's, and this one has nothing to say.
    job.options.logger?.warn("a failed fix could not be recorded", { fixId, reason: messageOf(error) });
  }
  return { kind: "failed", reason };
}
