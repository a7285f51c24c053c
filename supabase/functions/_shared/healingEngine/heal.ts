/** One claimed error through the pipeline: propose, decide, apply, prove. @module */

import type { Decision } from "../contextAnalysis.ts";
import { messageOf } from "../core/errors.ts";
import type { ErrorFacts, Proposal } from "../core/fixes.ts";
import { refusalOf } from "../deterministicFixPatterns.ts";
import { type FixAction, kindOf, parseFixAction } from "../fixActions.ts";
import { type FixDraft, proposeFix, type StoredFix } from "../healingDb.ts";
import { patternOf } from "../patternLearning.ts";
import { readChanges } from "../rollbackPoints.ts";
import { previewAlternatives } from "./alternatives.ts";
import {
  type Choice,
  chooseFix,
  type ChosenFix,
  proposalsFor,
  type TrialAccess,
  type Weighed,
} from "./choose.ts";
import {
  BUSY_SECONDS,
  execute,
  executeApproved,
  fail,
  type HealJob,
  LOOK_AGAIN_SECONDS,
  postpone,
  release,
  waiting,
} from "./execute.ts";
import { noteRefusedVariant, orderByExperiment } from "./experiment.ts";
import { categoryOf, factsOf, questionOf } from "./facts.ts";
import type { HealOutcome } from "./options.ts";
import { seekFix } from "./proposers.ts";
import { reasonsFor, sqlRefusalOf, UNKNOWN } from "./sqlRefusals.ts";
import { alternativesTo, decideWithoutFix, evidenceOf, readSituation } from "./weigh.ts";

/** After a decision that an error is not worth the while now; what comes often becomes worth it. */
const IGNORED_SECONDS = 21_600;

/** Heals one claimed error, or says why not; the claim is always given back or used up. */
export async function healClaimedError(job: HealJob): Promise<HealOutcome> {
  if (job.error.live_fix !== null) return await goOn(job, job.error.live_fix);
  const facts = factsOf(job.error);
  const weighed = await readSituation(job.options.db, job.error);
  const { options, error, situation } = job;
  const access = { direct: job.direct, canReplay: options.invoke !== undefined };
  const { proposals, choice, silent } = await seekFix(
    { options, error, facts, attempt: situation.attempt, isHeld: weighed.context.security.hold !== false },
    await orderByExperiment(options, error, facts, proposalsFor(error, facts, weighed.predictions)),
    (list, before) => chooseFix(list, situation, access, weighed, before),
  );
  await noteRefusedVariant(options, error, { proposals, refused: choice.refused, access });
  if (choice.chosen !== null) return await propose(job, facts, choice.chosen, { proposals, choice });
  if (choice.stopped !== null) return await stop(job, choice.stopped);
  const { refused } = choice;
  const done = refused.find(({ because }) => because === "alreadyDone");
  if (done !== undefined) return await finishMended(job, facts, done.reason, { access, weighed });
  const later = refused.find(({ because }) => because === "later");
  if (later !== undefined) return await release(job, "open", later.reason, BUSY_SECONDS);
  return await giveUp(job, facts, { choice, weighed, silent });
}

/** A fix that waits for its start: approved by a person, or left behind by a worker that died. */
async function goOn(job: HealJob, fix: StoredFix): Promise<HealOutcome> {
  let action: FixAction;
  try {
    action = parseFixAction(fix.action);
  } catch (error) {
    return await fail(job, fix.id, messageOf(error));
  }
  const approved = fix.approved_by !== null && fix.status === "proposed" && kindOf(action).needs === "sql";
  const ready = { id: fix.id, action, tier: fix.tier, changes: readChanges(fix.preview) };
  if (!approved) return await execute(job, ready);
  return await executeApproved(job, ready) ??
    await healClaimedError({ ...job, error: { ...job.error, live_fix: null } });
}

async function propose(
  job: HealJob,
  facts: ErrorFacts,
  chosen: ChosenFix,
  other: { proposals: readonly Proposal[]; choice: Choice },
): Promise<HealOutcome> {
  const draft = draftOf(job, facts, chosen, other);
  // A person who may take another one has to see what that would do.
  if (chosen.wanted !== "auto") draft.alternatives = await previewAlternatives(draft.alternatives, job);
  const proposed = await proposeFix(job.options.db, draft);
  if (proposed.decision === "auto") {
    const { action, proposal: { tier }, changes } = chosen;
    return await execute(job, { id: proposed.fix_id!, action, tier, changes });
  }
  if (proposed.decision === "suggest") {
    return waiting(proposed.fix_id!, proposed.approval_id, proposed.reason);
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
  { choice: { refused }, weighed, silent = [] }: { choice: Choice; weighed: Weighed; silent?: string[] },
): Promise<HealOutcome> {
  const why = `no fix, because ${reasonsFor(facts, refused, silent)}`;
  if (job.situation.attempt?.isLast === false) return await postpone(job, why, 0);
  if (refused.length > 0) return await release(job, "escalated", why);
  const decided = decideWithoutFix(weighed, refused);
  if (decided.decision === "ignore" && job.situation.script === undefined) return await stop(job, decided);
  if (decided.decision === "clarify") {
    const said = sqlRefusalOf(facts) ?? questionOf(decided, job.error.context);
    return await release(job, "escalated", `no fix, because ${said}`);
  }
  if (!facts.transient) {
    const known = sqlRefusalOf(facts) ?? await refusalOf(facts) ?? [UNKNOWN, ...silent].join("; ");
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
    ...(chosen.changes === null ? {} : { preview: chosen.changes }),
    alternatives: alternativesTo(proposal, proposals, refused, {
      facts,
      category: job.error.category,
      origin: job.situation.origin,
    }),
  };
}
