/** What the engine would do at this moment, without doing it. @module */

import { messageOf } from "../core/errors.ts";
import type { ErrorFacts } from "../core/fixes.ts";
import { kindOf, parseFixAction } from "../fixActions.ts";
import {
  type ClaimedError,
  claimFixesToJudge,
  type FixDraft,
  getDueErrors,
  previewFix,
  type RpcPort,
} from "../healingDb.ts";
import { patternOf } from "../patternLearning.ts";
import type { DirectConnection } from "../postgres.ts";
import { chooseFix, type ChosenFix, proposalsFor } from "./choose.ts";
import { factsOf } from "./facts.ts";
import { verdictOn } from "./judge.ts";
import type { HealingEngineOptions, HealLimits, HealPlan } from "./options.ts";
import { readSituation } from "./weigh.ts";

/** What a plan may use. */
export interface Planner {
  options: Pick<HealingEngineOptions, "db" | "invoke">;
  direct: () => Promise<DirectConnection | null>;
  hasTime: () => boolean;
}

/** Plans due errors and judgements; claims nothing. A model is not asked: its answer would cost money. */
export async function planWork(
  planner: Planner,
  { atMost = 50, projectId }: HealLimits,
): Promise<HealPlan[]> {
  const plans = await planJudgements(planner, projectId);
  for (const error of await getDueErrors(planner.options.db, { projectId, limit: atMost })) {
    if (!planner.hasTime()) break;
    plans.push(await planError(planner, error));
  }
  return plans;
}

/** Claimed in a transaction that is taken back, so that no other worker has to wait for it. */
async function planJudgements({ direct }: Planner, projectId: string | undefined): Promise<HealPlan[]> {
  const connection = await direct();
  if (connection === null) return [];
  return await connection.transaction(async (tx) => {
    const due = await claimFixesToJudge(tx.rpc, { projectId });
    return due.map((fix) => {
      const { verdict, reason } = verdictOn(fix);
      return { errorId: fix.error.id, fixId: fix.id, decision: verdict, reason };
    });
  }, { rollback: true });
}

async function planError(planner: Planner, error: ClaimedError): Promise<HealPlan> {
  const { db, invoke } = planner.options;
  try {
    if (error.live_fix !== null) return planLiveFix(error, error.live_fix.id);
    const facts = factsOf(error);
    const weighed = await readSituation(db, error);
    const access = { direct: planner.direct, canReplay: invoke !== undefined };
    const proposals = proposalsFor(error, facts, weighed.predictions);
    const { chosen, stopped, refused } = await chooseFix(proposals, { origin: "runtime" }, access, weighed);
    if (chosen !== null) return await planFix(db, error, facts, chosen);
    const reasons = stopped?.reason ?? refused.map(({ reason }) => reason).join("; ");
    return none(error, reasons || "no rule and no learned pattern knows this error");
  } catch (thrown) {
    return none(error, `it could not be planned: ${messageOf(thrown)}`);
  }
}

function none(error: ClaimedError, reason: string): HealPlan {
  return { errorId: error.id, decision: "none", reason };
}

function planLiveFix(error: ClaimedError, fixId: string): HealPlan {
  const kind = kindOf(parseFixAction(error.live_fix!.action));
  const reason = "it was proposed already, and goes on from there";
  return { errorId: error.id, fixId, decision: "auto", action: kind.kind, reason };
}

async function planFix(
  db: RpcPort,
  error: ClaimedError,
  facts: ErrorFacts,
  chosen: ChosenFix,
): Promise<HealPlan> {
  const { proposal, action, risk, wanted, because } = chosen;
  const kind = kindOf(action);
  const draft: FixDraft = {
    detected_error_id: error.id,
    claim_number: 0,
    action: { ...action },
    target: kind.target(action),
    tier: proposal.tier,
    confidence: proposal.confidence,
    risk,
    reason: proposal.reason,
    evidence: {},
    pattern: patternOf({ ...action }, facts, proposal.tier, error.category),
    ...(proposal.patternId === undefined ? {} : { pattern_id: proposal.patternId }),
    wanted,
    wanted_because: because,
    what_will_happen: kind.describe(action),
    ...(chosen.changes === null ? {} : { preview: chosen.changes }),
    alternatives: [],
  };
  const { decision, reason } = await previewFix(db, draft);
  return {
    errorId: error.id,
    decision,
    action: action.kind,
    whatWillHappen: draft.what_will_happen,
    reason,
  };
}
