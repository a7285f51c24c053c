/**
 * The arithmetic behind every automatic judgement: is a rate good enough, do two rates differ, may one stop looking.
 *
 * Everything here is a pure function of its arguments, exact to 1e-9 or better, and refuses input that makes no sense
 * with a RangeError that says the wanted and the current value. Experiments are judged by an e-process because it may
 * be looked at at every tick; patterns by a bound on their posterior because a mean alone trusts two lucky successes.
 *
 * @example
 * ```ts
 * import { addOutcomes, createEProcess, decideExperiment } from "./statistics.ts";
 *
 * let state = createEProcess();
 * for (let tick = 0; tick < 8; tick++) {
 *   state = addOutcomes(state, { a: { successes: 19, n: 20 }, b: { successes: 16, n: 20 } });
 * }
 * const decision = decideExperiment(state, { maxN: 400 });
 * if (decision.kind !== "winner" || decision.winner !== "a") throw new Error(decision.reason);
 * ```
 *
 * @module
 */

export type { ArmCounts } from "./statistics/require.ts";
export { logGamma } from "./statistics/gamma.ts";
export { incompleteBeta } from "./statistics/incompleteBeta.ts";
export { normalCdf, normalQuantile } from "./statistics/normal.ts";
export { type RateInterval, wilsonInterval } from "./statistics/wilson.ts";
export { type SampleFigures, type WelchResult, welchTest } from "./statistics/welch.ts";
export { type ChiSquareResult, chiSquareTest, fisherExactTest } from "./statistics/contingency.ts";
export {
  type ExpectedLoss,
  expectedLoss,
  posteriorMean,
  probabilityBBeatsA,
  probabilityBelow,
} from "./statistics/posterior.ts";
export {
  addOutcomes,
  type ArmPair,
  createEProcess,
  type EProcessState,
  type EValues,
  eValuesOf,
} from "./statistics/eProcess.ts";
export { sampleRatioEvidence } from "./statistics/sampleRatio.ts";
export { maxExperimentSize, requiredSampleSize, type SampleSizeOptions } from "./statistics/sampleSize.ts";
export {
  decideExperiment,
  EXPERIMENT_RULES,
  type ExperimentDecision,
  type ExperimentFigures,
  type ExperimentPlan,
} from "./statistics/experiment.ts";
export {
  judgePattern,
  newPatternEvidence,
  PATTERN_RULES,
  type PatternEvidence,
  type PatternJudgement,
  recordOutcome,
} from "./statistics/pattern.ts";
export {
  combineMajority,
  combineUnanimous,
  combineWeighted,
  type EnsembleResult,
  type Vote,
  type WeightedOptions,
  type WeightedResult,
} from "./statistics/ensemble.ts";
export {
  type BetaPrior,
  fitBetaBinomial,
  predictRate,
  type RatePrediction,
} from "./statistics/betaBinomial.ts";
export { meanPairwiseCorrelation } from "./statistics/correlation.ts";
export { rankCandidates, type RankedCandidate } from "./statistics/ranking.ts";
export { routeBySplit } from "./statistics/routing.ts";
export {
  type ErrorCounts,
  evidenceAgainstBaseline,
  evidenceAgainstControl,
  type MinuteCounts,
} from "./statistics/errorEvidence.ts";
export { type Spread, spreadBetween, spreadOf } from "./statistics/spread.ts";
export type { MetricBaseline, MetricFigures, WatchedMetric } from "./statistics/canaryFigures.ts";
export {
  CANARY_RULES,
  type CanaryInput,
  type CanaryPlan,
  type CanaryVerdict,
  judgeCanary,
  type PauseRule,
} from "./statistics/canary.ts";
