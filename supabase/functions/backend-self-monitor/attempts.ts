/**
 * Four attempts on one error, in their order, until one of them heals it: known patterns, a model, the context, and
 * taking back what was changed last. Each goes through the engine's one pipeline, with its rollback point and probe.
 *
 * @module
 */

import { messageOf } from "../_shared/core/errors.ts";
import type { Tier } from "../_shared/core/fixes.ts";
import type { Logger } from "../_shared/core/logger.ts";
import { getChangesAround, makeErrorDue, reportFailedAttempts } from "../_shared/engineDb.ts";
import { type RpcPort } from "../_shared/healingDb.ts";
import type { HealingEngine, HealOutcome, Proposer } from "../_shared/healingEngine.ts";

/** The attempts, in their order. */
export type AttemptName = "pattern" | "ai" | "context" | "rollback";

/** What one attempt came to. */
export interface AttemptReport {
  attempt: AttemptName;
  outcome: "healed" | "waiting" | "failed" | "none" | "busy" | "not_installed";
  reason: string;
  fixId?: string;
}

/** What became of one error. */
export interface StrategyReport {
  errorId: string;
  healed: boolean;
  /** A person has to decide about the fix that was found. */
  waiting: boolean;
  /** Another worker has the error, or it has ended already. */
  busy: boolean;
  attempts: AttemptReport[];
}

/** What attempts use. */
export interface AttemptTools {
  db: RpcPort;
  engine: HealingEngine;
  /** Why no model can be asked; undefined when one can. */
  whyNoModel: string | undefined;
  logger: Logger;
}

const TIERS: Record<AttemptName, readonly Tier[]> = {
  pattern: ["learned", "deterministic"],
  ai: ["ai"],
  context: ["context"],
  // What was taken back may have hidden that a known fix works.
  rollback: ["learned", "deterministic", "ai", "context"],
};

/** Makes the four attempts; people are told when all of them fail. */
export async function executeFixStrategy(errorId: string, tools: AttemptTools): Promise<StrategyReport> {
  const attempts: AttemptReport[] = [];
  for (const step of [tryPatternMatchingFix, tryModelFix, tryContextFix, rollBackAndHeal]) {
    const report = await step(errorId, tools);
    attempts.push(report);
    if (["healed", "waiting", "busy"].includes(report.outcome)) break;
  }
  const { outcome } = attempts.at(-1)!;
  const isOver = outcome === "healed" || outcome === "waiting" || outcome === "busy";
  if (!isOver) await reportFailedAttempts(tools.db, errorId, attempts.map((attempt) => ({ ...attempt })));
  return {
    errorId,
    healed: outcome === "healed",
    waiting: outcome === "waiting",
    busy: outcome === "busy",
    attempts,
  };
}

/** First attempt: what is known, by a learned pattern or a rule. */
export function tryPatternMatchingFix(errorId: string, tools: AttemptTools): Promise<AttemptReport> {
  return applyFix(errorId, "pattern", tools);
}

function tryModelFix(errorId: string, tools: AttemptTools): Promise<AttemptReport> {
  if (tools.whyNoModel === undefined) return applyFix(errorId, "ai", tools);
  return Promise.resolve({ attempt: "ai", outcome: "not_installed", reason: tools.whyNoModel });
}

function tryContextFix(errorId: string, tools: AttemptTools): Promise<AttemptReport> {
  return applyFix(errorId, "context", tools);
}

/** Last attempt: takes back the watched fix after which the error came, if there is one, and tries everything again. */
async function rollBackAndHeal(errorId: string, tools: AttemptTools): Promise<AttemptReport> {
  let tookBack = "nothing was changed in this function before it came";
  try {
    const { suspect } = await getChangesAround(tools.db, errorId);
    if (suspect !== null) {
      const judged = await tools.engine.takeBack(suspect.fix_id, `error ${errorId} came after it`);
      tookBack = `${suspect.what}: ${judged?.status ?? "another worker judges it"}`;
    }
  } catch (thrown) {
    tookBack = `it could not be taken back: ${messageOf(thrown)}`;
  }
  const report = await applyFix(errorId, "rollback", tools);
  return { ...report, reason: `${tookBack}; ${report.reason}` };
}

/** One attempt: the engine claims the error, asks the attempt's proposers, and applies what stands. */
export async function applyFix(
  errorId: string,
  attempt: AttemptName,
  { db, engine, logger }: AttemptTools,
): Promise<AttemptReport> {
  try {
    await makeErrorDue(db, errorId);
    const isLast = attempt === "rollback";
    const outcome = await engine.analyzeAndHealError(errorId, {
      origin: "runtime",
      attempt: { tiers: TIERS[attempt], isLast },
    });
    return { attempt, ...reportOf(outcome) };
  } catch (thrown) {
    logger.warn("an attempt failed", { errorId, attempt, reason: messageOf(thrown) });
    return { attempt, outcome: "failed", reason: messageOf(thrown) };
  }
}

function reportOf(outcome: HealOutcome | null): Omit<AttemptReport, "attempt"> {
  if (outcome === null) {
    return { outcome: "busy", reason: "another worker has it, it has ended, or healing is switched off" };
  }
  if (outcome.kind === "applied") {
    return { outcome: "healed", reason: outcome.proof, fixId: outcome.fixId };
  }
  if (outcome.kind === "waiting") {
    return { outcome: "waiting", reason: outcome.reason, fixId: outcome.fixId };
  }
  return { outcome: outcome.kind, reason: outcome.reason };
}

/** Proposes to make waiting operations again when something was mended since they failed. */
export function createContextProposer(db: RpcPort): Proposer {
  return async (error) => {
    if (error.queued_operations === 0) return [];
    const { mended_since } = await getChangesAround(db, error.id);
    return mended_since === null ? [] : [{
      action: { kind: "retry" },
      tier: "context",
      confidence: 0.75,
      reason: `since it failed, this was done: ${mended_since.what}`,
    }];
  };
}
