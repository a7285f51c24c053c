/**
 * How a pattern earns the right to act alone, and loses it.
 *
 * Each outcome first multiplies what is known by 2^(-1/30), so that thirty outcomes halve it. Trust asks for a good
 * mean and for near certainty that the fix works in more than half of the cases: the mean alone trusts two lucky
 * successes. It is kept until the evidence is clearly worse than what earned it, and lost at once after three
 * failures in a row, which the average would hide for a long time. The database counts in the same way
 * (`healing_private.apply_outcome`); a test feeds both the same evidence.
 *
 * @module
 */

import { posteriorMean, probabilityBelow } from "./posterior.ts";
import { refuse, requireCount, requireWeight } from "./require.ts";

/** The thresholds of trust. */
export const PATTERN_RULES = Object.freeze({
  /** What an outcome leaves of earlier evidence: half of it after thirty. */
  forgetting: 2 ** (-1 / 30),
  /** From this score on a pattern may act alone, if the bound holds as well. */
  autoScore: 0.75,
  /** The most P(theta < 0.5) with which a pattern may begin to act alone. */
  autoBound: 0.01,
  /** From this score on it is suggested; below it a trusted pattern is demoted. */
  suggestScore: 0.7,
  /** Above this P(theta < 0.5) a trusted pattern is demoted. */
  demoteBound: 0.05,
  /** So many failures in a row take the trust away and half of the evidence with it. */
  failuresInARow: 3,
});

/** The evidence for a pattern, plain JSON. */
export interface PatternEvidence {
  /** Discounted, >= 0. */
  successes: number;
  /** Discounted, >= 0. */
  failures: number;
  /** Failures since the last success. */
  consecutiveFailures: number;
  /** Whether it acts alone now, has not yet, or did and no longer may. */
  standing: "earning" | "trusted" | "demoted";
}

/** What a pattern may do, why, and on what figures. */
export interface PatternJudgement {
  /** `demoted` as long as what took the trust away still holds. */
  decision: "auto" | "suggest" | "options" | "demoted";
  reason: string;
  /** The posterior mean, 0..1. */
  score: number;
  /** P(theta < 0.5): how probable it is that the fix fails more often than it works. */
  probabilityBelowHalf: number;
  /** Discounted outcomes, at most 43.8. */
  effectiveN: number;
}

/** The evidence of a pattern that nobody has tried: score 0.5. */
export function newPatternEvidence(): PatternEvidence {
  return { successes: 0, failures: 0, consecutiveFailures: 0, standing: "earning" };
}

/** The evidence after one more outcome; the given evidence stays as it is. */
export function recordOutcome(evidence: PatternEvidence, succeeded: boolean): PatternEvidence {
  const task = "record an outcome";
  requireEvidence(task, evidence);
  if (typeof succeeded !== "boolean") refuse(task, "succeeded", "true or false", succeeded);
  const consecutiveFailures = succeeded ? 0 : evidence.consecutiveFailures + 1;
  // Exactly three: a longer row is the same news, already halved for.
  const kept = consecutiveFailures === PATTERN_RULES.failuresInARow ? 0.5 : 1;
  const counted: PatternEvidence = {
    successes: (evidence.successes * PATTERN_RULES.forgetting + (succeeded ? 1 : 0)) * kept,
    failures: (evidence.failures * PATTERN_RULES.forgetting + (succeeded ? 0 : 1)) * kept,
    consecutiveFailures,
    standing: evidence.standing,
  };
  return { ...counted, standing: standingAfter(counted) };
}

/** Judges a pattern by its evidence. */
export function judgePattern(evidence: PatternEvidence): PatternJudgement {
  requireEvidence("judge a pattern", evidence);
  const { successes, failures } = evidence;
  const score = posteriorMean(successes, failures);
  const probabilityBelowHalf = probabilityBelow(0.5, successes, failures);
  const verdict = weigh(evidence, score, probabilityBelowHalf);
  return { ...verdict, score, probabilityBelowHalf, effectiveN: successes + failures };
}

type Verdict = Pick<PatternJudgement, "decision" | "reason">;

function standingAfter(counted: PatternEvidence): PatternEvidence["standing"] {
  const { decision } = judgePattern(counted);
  if (decision === "auto") return "trusted";
  return counted.standing === "earning" ? "earning" : "demoted";
}

function weigh(evidence: PatternEvidence, score: number, below: number): Verdict {
  const { autoScore, autoBound, failuresInARow } = PATTERN_RULES;
  const isInARow = evidence.consecutiveFailures >= failuresInARow;
  if (!isInARow && score >= autoScore && below <= autoBound) {
    return {
      decision: "auto",
      reason: `score ${brief(score)} and P(theta < 0.5) ${brief(below)} earn trust`,
    };
  }
  const fault = isInARow ? `${evidence.consecutiveFailures} failures in a row` : findFault(score, below);
  if (fault === undefined && evidence.standing === "trusted") {
    return { decision: "auto", reason: `trusted, and score ${brief(score)} is not bad enough to lose it` };
  }
  if (fault !== undefined && evidence.standing !== "earning") return { decision: "demoted", reason: fault };
  return withoutTrust(score, below, isInARow);
}

/** What in the figures would cost a trusted pattern its trust. */
function findFault(score: number, below: number): string | undefined {
  const { suggestScore, demoteBound } = PATTERN_RULES;
  if (score < suggestScore) return `score ${brief(score)} is below ${suggestScore}`;
  if (below > demoteBound) return `P(theta < 0.5) ${brief(below)} is above ${demoteBound}`;
  return undefined;
}

function withoutTrust(score: number, below: number, isInARow: boolean): Verdict {
  const { autoBound, autoScore, suggestScore } = PATTERN_RULES;
  if (isInARow || score < suggestScore) {
    return { decision: "options", reason: `score ${brief(score)} is below ${suggestScore}` };
  }
  const lacking = score < autoScore
    ? `score ${brief(score)} is below ${autoScore}`
    : `P(theta < 0.5) ${brief(below)} is above ${autoBound}`;
  return { decision: "suggest", reason: `not yet trusted: ${lacking}` };
}

function requireEvidence(task: string, evidence: PatternEvidence): void {
  requireWeight(task, "successes", evidence.successes);
  requireWeight(task, "failures", evidence.failures);
  requireCount(task, "consecutiveFailures", evidence.consecutiveFailures);
  if (!["earning", "trusted", "demoted"].includes(evidence.standing)) {
    refuse(task, "standing", "earning, trusted or demoted", evidence.standing);
  }
}

function brief(value: number): string {
  return Number(value.toPrecision(4)).toString();
}
