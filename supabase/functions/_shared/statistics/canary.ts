/**
 * Is a release worse than what was there before: judged at every tick, in a fixed order.
 *
 * Harm comes first, as it must never wait for anything else. What is missing or cannot be read pauses: it never takes a
 * release further, and never takes it back. To go on a release has to show that it is not much worse; that nothing bad
 * was seen is not enough.
 *
 * @module
 */

import { type MetricFigures, readMetric, type WatchedMetric } from "./canaryFigures.ts";
import type { MinuteCounts } from "./errorEvidence.ts";
import { requireNumber, requireShare } from "./require.ts";

/** The thresholds, measured together by `deno task bench canary`. */
export const CANARY_RULES = Object.freeze({
  /** From this evidence on a release is worse, and from twice as much where control and baseline both may say so. */
  worse: 100,
  /** From this evidence on a metric that only pauses is worse. */
  slower: 100,
  /** From this evidence on the control has worsened as well, so that it is not the release. */
  everywhere: 20,
  /** Fewer errors are never taken for a regression. */
  minErrors: 5,
  /** Fewer requests of the canary are never taken for a regression. */
  minToRevert: 50,
  /** So many times the spread of before, where it is as unlikely as that, is unstable. */
  unstableRatio: 3,
  unstableChance: 1e-4,
  /** Requests to be expected while none comes, from which on data are missing. */
  missing: 20,
});

/** What a step of a rollout needs. */
export interface CanaryPlan {
  /** Requests of the canary within a step before it may go on; 500. */
  minRequests?: number;
  /** Minutes that a step lasts at least; 10. */
  minMinutes?: number;
  /** Minutes after which a step that could not be decided is for a person; 1,440. */
  maxMinutes?: number;
  /** Requests that a baseline needs to be one; 1,000. */
  minBaseline?: number;
  /** How much worse a release may be at most to go on: so many times, or by so much of all requests. 2 and 0.01. */
  tolerance?: { ratio: number; share: number };
}

/** What the judge is told. */
export interface CanaryInput {
  /** Null when they could not be read. The first one that reverts tells how many requests there were. */
  metrics: readonly WatchedMetric[] | null;
  /** The canary's share of the traffic now, 0..1. */
  share: number;
  /** Closed minutes of the present step. */
  stepMinutes: number;
  /** Steps of the rollout in all; 1. */
  steps?: number;
  plan?: CanaryPlan;
}

/** Why a release is held up. */
export type PauseRule =
  | "unreadable"
  | "missingData"
  | "noBaseline"
  | "everywhere"
  | "slower"
  | "unstable"
  | "undecided";

/** What to do with a release, why, and on what figures. */
export type CanaryVerdict =
  & (
    | { kind: "promote"; rule: "notWorse" }
    | { kind: "wait"; rule: "tooEarly" | "notSure"; missing: { requests: number; minutes: number } }
    | { kind: "pause"; rule: PauseRule }
    | { kind: "rollback"; rule: "worseThanControl" | "worseThanBaseline"; metric: string }
  )
  & { reason: string; figures: MetricFigures[] };

interface Case {
  figures: MetricFigures[];
  input: CanaryInput & { metrics: readonly WatchedMetric[] };
  plan: Required<CanaryPlan>;
}

/** Judges a canary; the first rule that holds decides. */
export function judgeCanary(input: CanaryInput): CanaryVerdict {
  const plan = planOf(input.plan);
  requireShare("judge a canary", "share", input.share);
  requireNumber("judge a canary", "stepMinutes", input.stepMinutes, { min: 0, whole: true });
  requireNumber("judge a canary", "steps", input.steps ?? 1, { min: 1, whole: true });
  const read = readAll(input, plan);
  if ("kind" in read) return read;
  return judgeHarm(read) ?? judgeData(read) ?? judgeSlowness(read) ?? judgeSpread(read) ?? judgeStep(read);
}

function planOf(plan: CanaryPlan = {}): Required<CanaryPlan> {
  const { minRequests = 500, minMinutes = 10, maxMinutes = 1_440, minBaseline = 1_000 } = plan;
  const { tolerance = { ratio: 2, share: 0.01 } } = plan;
  const task = "judge a canary";
  requireNumber(task, "minRequests", minRequests, { min: 1, whole: true });
  requireNumber(task, "minMinutes", minMinutes, { min: 1, whole: true });
  requireNumber(task, "maxMinutes", maxMinutes, { min: minMinutes, whole: true });
  requireNumber(task, "minBaseline", minBaseline, { min: 1, whole: true });
  requireNumber(task, "tolerance.ratio", tolerance.ratio, { min: 1 });
  requireShare(task, "tolerance.share", tolerance.share);
  return { minRequests, minMinutes, maxMinutes, minBaseline, tolerance };
}

/** Counts that make no sense come from outside: they are missing data, and no reason to fall over. */
function readAll(input: CanaryInput, plan: Required<CanaryPlan>): Case | CanaryVerdict {
  const { metrics, stepMinutes, steps = 1 } = input;
  if (metrics === null || metrics.length === 0) return unreadable("the figures could not be read");
  try {
    return {
      figures: metrics.map((metric) => readMetric(metric, plan, { stepMinutes, steps })),
      input: { ...input, metrics },
      plan,
    };
  } catch (thrown) {
    if (!(thrown instanceof RangeError || thrown instanceof TypeError)) throw thrown;
    return unreadable(`the figures make no sense: ${thrown.message}`);
  }
}

function unreadable(reason: string): CanaryVerdict {
  return { kind: "pause", rule: "unreadable", reason, figures: [] };
}

function judgeHarm({ figures, input }: Case): CanaryVerdict | undefined {
  const reverting = figures.filter((_, index) => input.metrics[index]!.onRegression === "revert");
  for (const one of reverting.filter(isEnough)) {
    const verdict = againstControl(one, figures) ?? againstBaseline(one, figures);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

/** Two tests have two chances to be wrong. */
function boundOf({ againstControl, againstBaseline }: MetricFigures): number {
  return CANARY_RULES.worse * (againstControl !== null && againstBaseline !== null ? 2 : 1);
}

function againstControl(one: MetricFigures, figures: MetricFigures[]): CanaryVerdict | undefined {
  const [evidence, bound] = [one.againstControl, boundOf(one)];
  if (evidence === null || evidence < bound) return undefined;
  const reason = `${one.metric}: ${percent(one.rate)} of ${one.n} against ${percent(one.controlRate)} of ` +
    `${one.controlN} at the same time; evidence ${brief(evidence)}, and ${bound} is the bound`;
  return { kind: "rollback", rule: "worseThanControl", metric: one.metric, reason, figures };
}

function againstBaseline(one: MetricFigures, figures: MetricFigures[]): CanaryVerdict | undefined {
  const [evidence, bound] = [one.againstBaseline, boundOf(one)];
  if (evidence === null || evidence < bound) return undefined;
  const reason = `${one.metric}: ${percent(one.rate)} of ${one.n} against ${percent(one.baselineRate)} of ` +
    `${one.baselineN} before; evidence ${brief(evidence)}, and ${bound} is the bound`;
  // What nothing speaks for at the same time is not of this release, however different it was before.
  const isAlone = (one.controlAgainstBaseline ?? 0) < CANARY_RULES.everywhere &&
    (one.againstControl ?? 1) >= 1;
  if (isAlone) return { kind: "rollback", rule: "worseThanBaseline", metric: one.metric, reason, figures };
  const but = `but the old release fails in ${percent(one.controlRate)} now as well: it is not this release`;
  return { kind: "pause", rule: "everywhere", reason: `${reason}; ${but}`, figures };
}

function isEnough({ n, errors }: MetricFigures): boolean {
  return n >= CANARY_RULES.minToRevert && errors >= CANARY_RULES.minErrors;
}

function judgeData({ figures, input }: Case): CanaryVerdict | undefined {
  const { minutes } = input.metrics[0]!;
  const last = minutes.findLastIndex(({ canary }) => canary.n > 0);
  const silent = minutes.slice(last + 1);
  const expected = expectedIn(silent, minutes.slice(0, last + 1), input);
  if (expected < CANARY_RULES.missing) return undefined;
  const reason = `no request of the new release was counted in ${silent.length} minutes, where ` +
    `${brief(expected)} were to be expected`;
  return { kind: "pause", rule: "missingData", reason, figures };
}

/** Requests that should have come in silent minutes: by the control, by its own traffic before, by that of before it. */
function expectedIn(
  silent: readonly MinuteCounts[],
  seen: readonly MinuteCounts[],
  { metrics, share }: Case["input"],
): number {
  const control = silent.reduce((sum, { control }) => sum + control.n, 0);
  if (control > 0 && share < 1) return control * share / (1 - share);
  if (seen.length > 0) {
    return silent.length * seen.reduce((sum, { canary }) => sum + canary.n, 0) / seen.length;
  }
  const { baseline } = metrics[0]!;
  // Behind a share only a part of the requests asks for it: how large a part is not known before the first one has.
  if (baseline === null || share < 1) return 0;
  const before = baseline.buckets.reduce((sum, { n }) => sum + n, 0);
  return silent.length * before / Math.max(1, baseline.buckets.length * baseline.bucketMinutes);
}

function judgeSlowness({ figures, input }: Case): CanaryVerdict | undefined {
  const pausing = figures.filter((_, index) => input.metrics[index]!.onRegression === "pause");
  for (const one of pausing.filter(isEnough)) {
    const evidence = Math.max(
      one.againstControl ?? 0,
      one.againstControl === null ? one.againstBaseline ?? 0 : 0,
    );
    if (evidence < CANARY_RULES.slower) continue;
    const [rate, whom] = one.againstControl === null
      ? [one.baselineRate, "before"]
      : [one.controlRate, "at the same time"];
    const reason =
      `${one.metric}: ${percent(one.rate)} of ${one.n} against ${percent(rate)} ${whom}; evidence ` +
      `${
        brief(evidence)
      }, and ${CANARY_RULES.slower} is the bound; it pauses and is never taken back for that`;
    return { kind: "pause", rule: "slower", reason, figures };
  }
  return undefined;
}

function judgeSpread({ figures, input }: Case): CanaryVerdict | undefined {
  const wild = figures.find(({ spreadRatio, spreadChance }, index) =>
    input.metrics[index]!.onRegression === "revert" &&
    spreadRatio !== null && spreadRatio >= CANARY_RULES.unstableRatio &&
    spreadChance !== null && spreadChance < CANARY_RULES.unstableChance
  );
  if (wild === undefined) return undefined;
  const reason =
    `${wild.metric} comes in bursts: it varies ${brief(wild.spreadRatio!)} times as much as before ` +
    `(by chance: ${brief(wild.spreadChance!)}), at a rate of ${percent(wild.rate)}`;
  return { kind: "pause", rule: "unstable", reason, figures };
}

function judgeStep(input: Case): CanaryVerdict {
  const { figures, plan, input: { metrics, stepMinutes } } = input;
  const step = stepMinutes === 0 ? [] : metrics[0]!.minutes.slice(-stepMinutes);
  const requests = step.reduce((sum, { canary }) => sum + canary.n, 0);
  const missing = {
    requests: Math.max(0, plan.minRequests - requests),
    minutes: Math.max(0, plan.minMinutes - stepMinutes),
  };
  const blocker = missing.requests + missing.minutes > 0
    ? `the step needs ${missing.requests} more requests and ${missing.minutes} more minutes`
    : whyNotSure(input);
  if (blocker === undefined) {
    return { kind: "promote", rule: "notWorse", reason: whyNotWorse(figures), figures };
  }
  if (stepMinutes >= plan.maxMinutes) {
    const rule = figures[0]!.tolerated === null ? "noBaseline" : "undecided";
    return { kind: "pause", rule, reason: `after ${stepMinutes} minutes: ${blocker}`, figures };
  }
  const rule = missing.requests + missing.minutes > 0 ? "tooEarly" : "notSure";
  return { kind: "wait", rule, missing, reason: blocker, figures };
}

function whyNotSure({ figures, input: { metrics } }: Case): string | undefined {
  for (const [index, { metric, tolerated, upperBound, rate }] of figures.entries()) {
    if (metrics[index]!.onRegression !== "revert") continue;
    if (tolerated === null) {
      return `${metric}: there is nothing to compare with, neither a control nor a baseline`;
    }
    if (upperBound <= tolerated) continue;
    return `${metric}: ${percent(rate)} may be as much as ${percent(upperBound)}, and ${
      percent(tolerated)
    } is tolerated`;
  }
  return undefined;
}

function whyNotWorse(figures: readonly MetricFigures[]): string {
  const { metric, rate, n, upperBound, tolerated } = figures[0]!;
  return `${metric}: ${percent(rate)} of ${n}, at most ${percent(upperBound)}, and ${
    percent(tolerated)
  } is tolerated`;
}

function percent(rate: number | null): string {
  return rate === null ? "nothing" : `${brief(100 * rate)} %`;
}

function brief(value: number): string {
  // Rounded up, the largest number is none any more.
  if (value >= 1e15) return "over 1e15";
  return Number(value.toPrecision(4)).toString();
}
