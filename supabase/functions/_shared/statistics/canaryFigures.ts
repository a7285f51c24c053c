/** What is measured of one metric of a canary, and what evidence it is. @module */

import {
  type ErrorCounts,
  evidenceAgainstBaseline,
  evidenceAgainstControl,
  type MinuteCounts,
  requireCounts,
} from "./errorEvidence.ts";
import { finiteExp } from "./eProcess.ts";
import { incompleteBeta } from "./incompleteBeta.ts";
import { requireNumber } from "./require.ts";
import {
  blocksOf,
  FEWEST_BLOCKS,
  significantFactor,
  type Spread,
  spreadBetween,
  spreadOf,
  totalOf,
} from "./spread.ts";
import { wilsonInterval } from "./wilson.ts";

/** What a metric was before the release: buckets of equal length, the oldest first. */
export interface MetricBaseline {
  buckets: readonly ErrorCounts[];
  bucketMinutes: number;
}

/** One thing that is watched: requests, and those that count against the release. */
export interface WatchedMetric {
  name: string;
  /** `pause`: it holds a release up and never takes it back. */
  onRegression: "revert" | "pause";
  /** Closed minutes since the canary began, the oldest first, also those without a request. */
  minutes: readonly MinuteCounts[];
  /** Null where nothing is known of the time before. */
  baseline: MetricBaseline | null;
}

/** What is known of a metric; rates are null without requests. */
export interface MetricFigures {
  metric: string;
  n: number;
  errors: number;
  rate: number | null;
  controlN: number;
  controlRate: number | null;
  baselineN: number;
  baselineRate: number | null;
  /** Evidence that the canary is worse than its control; null without one. */
  againstControl: number | null;
  /** Evidence that the canary is worse than before; null without enough of a baseline. */
  againstBaseline: number | null;
  /** Evidence that the control is worse than before: then it is not the release. */
  controlAgainstBaseline: number | null;
  /** By what the counts were divided, as errors come in bursts; 1 for independent requests. */
  dispersion: number;
  /** The spread of the canary over that of the baseline, and how likely it is by chance; null where it cannot be told. */
  spreadRatio: number | null;
  spreadChance: number | null;
  /** What the canary's rate exceeds with a chance of 5 %, by Wilson's interval. */
  upperBound: number;
  /** The rate up to which a release may be taken on. */
  tolerated: number | null;
}

/** Where a rollout is. */
export interface StepOfRollout {
  /** Closed minutes of the present step. */
  stepMinutes: number;
  /** Steps in all. */
  steps: number;
}

/** What figures are read by. */
export interface FigureRules {
  /** Requests that a baseline, or a control, needs. */
  minBaseline: number;
  tolerance: { ratio: number; share: number };
}

/** Of an interval whose upper end is exceeded with a chance of 5 %. */
const BOTH_SIDES = 0.9;
const OUTBURSTS = 2;
/** A baseline is looked at once, and its buckets are many. */
const ONE_LOOK = 0.01;

/** Reads a metric; throws a RangeError for counts that are none. */
export function readMetric(metric: WatchedMetric, rules: FigureRules, step: StepOfRollout): MetricFigures {
  requireMetric(metric);
  const canary = totalOf(metric.minutes.map(({ canary }) => canary));
  const control = totalOf(metric.minutes.map(({ control }) => control));
  const before = readBaseline(metric, rules);
  const spread = readSpread(metric, before);
  const dispersion = Math.max(
    spread.own,
    before === null ? 1 : factorFor(canary, before, metric.minutes.length),
  );
  // A control that ended with an earlier step says nothing of this one, and excuses nothing.
  const now = step.steps === 1
    ? metric.minutes
    : metric.minutes.slice(Math.max(0, metric.minutes.length - step.stepMinutes));
  const isNow = step.stepMinutes === 0 || now.some(({ control }) => control.n > 0);
  const hasControl = isNow && control.n >= Math.min(rules.minBaseline, canary.n) && control.n > 0;
  const reference = hasControl ? control : before?.total ?? null;
  return {
    metric: metric.name,
    ...{ n: canary.n, errors: canary.errors, rate: rateOf(canary) },
    ...{ controlN: control.n, controlRate: rateOf(control) },
    ...{ baselineN: before?.total.n ?? 0, baselineRate: before === null ? null : rateOf(before.total) },
    ...weigh(metric, { before, hasControl, dispersion, control }, step),
    dispersion,
    ...{ spreadRatio: spread.ratio, spreadChance: spread.chance },
    upperBound: upperBoundOf(shrink(canary, dispersion)),
    tolerated: reference === null ? null : toleratedOf(reference, rules),
  };
}

function weigh(
  { minutes }: WatchedMetric,
  known: { before: Before | null; hasControl: boolean; dispersion: number; control: ErrorCounts },
  { stepMinutes, steps }: StepOfRollout,
): Pick<MetricFigures, "againstControl" | "againstBaseline" | "controlAgainstBaseline"> {
  const { before, hasControl, dispersion, control } = known;
  const apart = significantFactor(spreadBetween(minutes));
  const whole = withoutOutbursts(minutes);
  const step = steps === 1 || stepMinutes >= minutes.length
    ? whole
    : withoutOutbursts(minutes.slice(minutes.length - stepMinutes));
  // Half is bet from the beginning on and half in equal parts from the beginning of each step on: a release that has
  // been good for long, and is bad since its last step, would otherwise have to lose all that it has won.
  const bet = (evidence: (part: readonly MinuteCounts[]) => number) =>
    finiteExp(evidence(whole)) / 2 + finiteExp(evidence(step)) / (2 * steps);
  return {
    againstControl: hasControl ? bet((part) => evidenceAgainstControl(part, apart)) : null,
    againstBaseline: before === null
      ? null
      : bet((part) => worsened(totalOf(part.map(({ canary }) => canary)), before, dispersion)),
    controlAgainstBaseline: before === null || !hasControl
      ? null
      : finiteExp(worsened(control, before, factorFor(control, before, minutes.length))),
  };
}

/** While too little is known to tell bursts from a regression, the two worst minutes do not count. */
function withoutOutbursts(minutes: readonly MinuteCounts[]): readonly MinuteCounts[] {
  const { blocks } = spreadOf(minutes.map(({ canary }) => canary));
  if (blocks >= FEWEST_BLOCKS) return minutes;
  const order = minutes.map((_, minute) => minute)
    .sort((one, other) => minutes[other]!.canary.errors - minutes[one]!.canary.errors || one - other);
  const worst = order.slice(0, OUTBURSTS);
  return minutes.filter((_, minute) => !worst.includes(minute));
}

interface Before {
  total: ErrorCounts;
  /** By what the baseline's own total is to be divided. */
  factor: number;
  scales: Scale[];
  spread: Spread;
}

/** How much alike requests of the same stretch of time are. */
interface Scale {
  minutes: number;
  /** 0..1. */
  correlation: number;
}

/** Stretches from one bucket to as long as the canary has been watched: what changes with the hour is part of the spread. */
function readBaseline(metric: WatchedMetric, { minBaseline }: FigureRules): Before | null {
  const { baseline, minutes } = metric;
  if (baseline === null) return null;
  const { buckets, bucketMinutes } = baseline;
  const total = totalOf(buckets);
  if (total.n < minBaseline) return null;
  const longest = Math.min(buckets.length / FEWEST_BLOCKS, 2 * minutes.length / bucketMinutes);
  const scales: Scale[] = [];
  const spread = spreadOf(buckets);
  let factor = 1;
  for (let length = 1; length <= Math.max(1, longest); length *= 2) {
    const blocks = length === 1 ? buckets : blocksOf(buckets, length);
    const own = length === 1 ? significantFactor(spread, ONE_LOOK) : significantFactor(spreadOf(blocks));
    const size = total.n / Math.max(1, blocks.length);
    if (size > 1 && own > 1) {
      scales.push({ minutes: length * bucketMinutes, correlation: Math.min(1, (own - 1) / (size - 1)) });
    }
    factor = Math.max(factor, own);
  }
  return { total, factor, scales, spread };
}

/** What the spread of the baseline makes of an arm with fewer requests: the part that comes from within a stretch. */
function factorFor({ n }: ErrorCounts, { scales }: Before, watchedMinutes: number): number {
  const factors = scales.map(({ minutes, correlation }) => {
    const within = n * Math.min(1, minutes / Math.max(1, watchedMinutes));
    return 1 + Math.max(0, within - 1) * correlation;
  });
  return Math.max(1, ...factors);
}

function worsened(arm: ErrorCounts, { total, factor }: Before, dispersion: number): number {
  return evidenceAgainstBaseline(shrink(arm, dispersion), shrink(total, factor));
}

/** Fisher's ratio of two spreads, that of before or of the control; the canary's own counts where it is no accident. */
function readSpread({ minutes }: WatchedMetric, before: Before | null) {
  const now = spreadOf(minutes.map(({ canary }) => canary));
  const own = significantFactor(now);
  if (now.blocks < FEWEST_BLOCKS) return { own, ratio: null, chance: null };
  const known = [spreadOf(minutes.map(({ control }) => control)), ...before === null ? [] : [before.spread]]
    .filter(({ blocks }) => blocks >= FEWEST_BLOCKS)
    .toSorted((one, other) => other.factor - one.factor)[0];
  const ratio = now.factor / Math.max(1, known?.factor ?? 1);
  const [upper, lower] = [now.blocks - 1, known === undefined ? 1e6 : known.blocks - 1];
  const chance = incompleteBeta(lower / (lower + upper * ratio), lower / 2, upper / 2);
  return { own, ratio, chance };
}

function shrink({ errors, n }: ErrorCounts, factor: number): ErrorCounts {
  return { errors: errors / factor, n: n / factor };
}

function rateOf({ errors, n }: ErrorCounts): number | null {
  return n === 0 ? null : errors / n;
}

function toleratedOf(reference: ErrorCounts, { tolerance }: FigureRules): number {
  const rate = rateOf(reference) ?? 0;
  return Math.min(1, Math.max(rate * tolerance.ratio, rate + tolerance.share));
}

function upperBoundOf({ errors, n }: ErrorCounts): number {
  return wilsonInterval(errors, n, BOTH_SIDES).high;
}

function requireMetric({ name, minutes, baseline }: WatchedMetric): void {
  const task = `judge "${name}"`;
  minutes.forEach(({ canary, control }, minute) => {
    requireCounts(task, `minutes[${minute}].canary`, canary);
    requireCounts(task, `minutes[${minute}].control`, control);
  });
  if (baseline === null) return;
  requireNumber(task, "bucketMinutes", baseline.bucketMinutes, { min: 1 });
  baseline.buckets.forEach((bucket, index) => requireCounts(task, `buckets[${index}]`, bucket));
}
