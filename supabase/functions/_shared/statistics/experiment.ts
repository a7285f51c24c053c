/**
 * What an experiment between two fixes has shown so far, judged at each tick in a fixed order.
 *
 * Variant a is the incumbent. The order is part of the method: a broken split makes every other figure worthless, so
 * it is asked first; harm ends an experiment before its size does; and to give up comes last.
 *
 * @module
 */

import { type EProcessState, eValuesOf, recordedOf } from "./eProcess.ts";
import { expectedLoss } from "./posterior.ts";
import { requireCount, requireNumber } from "./require.ts";
import { sampleRatioEvidence } from "./sampleRatio.ts";

/** The thresholds, measured together: equal arms deploy b in about 1 %. */
export const EXPERIMENT_RULES = Object.freeze({
  /** From this evidence on the split is not the planned one. */
  sampleRatio: 1000,
  /** From this e-value on the arms differ, with an error of 5 %. */
  winner: 20,
  /** Outcomes of closed blocks that each arm needs for a winner. */
  winnerN: 30,
  /** From this one-sided e-value on the incumbent is better, with an error of 10 %. */
  guardrail: 10,
  /** Below this expected loss nothing is to be gained by going on. */
  futileLoss: 0.01,
  /** Outcomes of closed blocks that each arm needs for giving up. */
  futileN: 100,
});

/** What the judge is told besides the outcomes. */
export interface ExperimentPlan {
  /** Outcomes of both arms together after which it ends; see `maxExperimentSize`. */
  maxN: number;
  /** How units are shared out: a fixed 50/50, whose breaks can be told, or anything else. */
  split?: "even" | "other";
  /** Units sent to each arm, matured or not; by default the recorded outcomes. */
  assigned?: { a: number; b: number };
}

/** What a decision rests on. */
export interface ExperimentFigures {
  /** Outcomes in closed blocks, on which the e-values rest. */
  nA: number;
  nB: number;
  /** Success rates over these; null without an outcome. */
  rateA: number | null;
  rateB: number | null;
  /** Evidence that the arms differ. */
  eValue: number;
  /** Evidence that a is better. */
  eValueA: number;
  /** Evidence that b is better. */
  eValueB: number;
  /** Evidence against a 50/50 split; null where none was planned. */
  sampleRatio: number | null;
  /** Expected loss of keeping a; null until both arms have enough outcomes to ask. */
  lossOfKeepingA: number | null;
  /** Every recorded outcome, also of the open block. */
  recorded: number;
  maxN: number;
}

/** What to do with an experiment, why, and on what figures. */
export type ExperimentDecision =
  & (
    | { kind: "hold"; rule: "sampleRatio" }
    | { kind: "winner"; rule: "winner"; winner: "a" | "b" }
    | {
      kind: "stopB";
      rule: "guardrail";
    }
    | { kind: "inconclusive"; rule: "maxN" }
    | { kind: "keepA"; rule: "futility" }
    | {
      kind: "continue";
      rule: "none";
    }
  )
  & { reason: string; figures: ExperimentFigures };

/** Judges an experiment; the first rule that holds decides. */
export function decideExperiment(state: EProcessState, plan: ExperimentPlan): ExperimentDecision {
  const figures = readFigures(state, plan);
  return judgeSplit(figures) ?? judgeWinner(figures) ?? judgeHarm(figures) ?? judgeSize(figures) ??
    judgeFutility(state, figures);
}

function readFigures(state: EProcessState, plan: ExperimentPlan): ExperimentFigures {
  const task = "decide an experiment";
  requireNumber(task, "maxN", plan.maxN, { min: 1, whole: true });
  const recorded = recordedOf(state);
  const assigned = plan.assigned ?? { a: recorded.a.n, b: recorded.b.n };
  requireCount(task, "assigned.a", assigned.a);
  requireCount(task, "assigned.b", assigned.b);
  const { both, a, b } = eValuesOf(state);
  return {
    nA: state.a.n,
    nB: state.b.n,
    rateA: rateOf(state.a),
    rateB: rateOf(state.b),
    eValue: both,
    eValueA: a,
    eValueB: b,
    sampleRatio: plan.split === "other" ? null : sampleRatioEvidence(assigned.a, assigned.b),
    lossOfKeepingA: null,
    recorded: recorded.a.n + recorded.b.n,
    maxN: plan.maxN,
  };
}

function rateOf({ successes, n }: { successes: number; n: number }): number | null {
  return n === 0 ? null : successes / n;
}

function judgeSplit(figures: ExperimentFigures): ExperimentDecision | undefined {
  const { sampleRatio } = figures;
  if (sampleRatio === null || sampleRatio < EXPERIMENT_RULES.sampleRatio) return undefined;
  const reason = `the units are not shared out evenly: evidence ${brief(sampleRatio)}, ` +
    `and ${EXPERIMENT_RULES.sampleRatio} is the bound; find out why before trusting any figure`;
  return { kind: "hold", rule: "sampleRatio", reason, figures };
}

function judgeWinner(figures: ExperimentFigures): ExperimentDecision | undefined {
  const { nA, nB, eValue, eValueA, eValueB } = figures;
  if (Math.min(nA, nB) < EXPERIMENT_RULES.winnerN || eValue < EXPERIMENT_RULES.winner) return undefined;
  const winner = eValueB > eValueA ? "b" : "a";
  const reason = `${winner} is better: e-value ${brief(eValue)} reached ${EXPERIMENT_RULES.winner} ` +
    `with ${nA} and ${nB} outcomes`;
  return { kind: "winner", rule: "winner", winner, reason, figures };
}

function judgeHarm(figures: ExperimentFigures): ExperimentDecision | undefined {
  if (figures.eValueA < EXPERIMENT_RULES.guardrail) return undefined;
  const reason = `b does harm: the e-value that a is better, ${brief(figures.eValueA)}, ` +
    `reached ${EXPERIMENT_RULES.guardrail}`;
  return { kind: "stopB", rule: "guardrail", reason, figures };
}

function judgeSize(figures: ExperimentFigures): ExperimentDecision | undefined {
  if (figures.recorded < figures.maxN) return undefined;
  const reason =
    `no difference was shown by ${figures.recorded} outcomes, and ${figures.maxN} are the most: ` +
    `the incumbent stays`;
  return { kind: "inconclusive", rule: "maxN", reason, figures };
}

function judgeFutility(state: EProcessState, early: ExperimentFigures): ExperimentDecision {
  const { futileLoss, futileN } = EXPERIMENT_RULES;
  const mayAsk = Math.min(early.nA, early.nB) >= futileN;
  const lossOfKeepingA = mayAsk ? expectedLoss(state.a, state.b).keepA : null;
  const figures = { ...early, lossOfKeepingA };
  if (lossOfKeepingA !== null && lossOfKeepingA < futileLoss) {
    const reason = `to keep a costs ${brief(lossOfKeepingA)} of success rate at most in expectation, ` +
      `less than ${futileLoss}`;
    return { kind: "keepA", rule: "futility", reason, figures };
  }
  const reason = `no rule holds yet: e-value ${
    brief(early.eValue)
  } with ${early.nA} and ${early.nB} outcomes`;
  return { kind: "continue", rule: "none", reason, figures };
}

function brief(value: number): string {
  return Number(value.toPrecision(4)).toString();
}
