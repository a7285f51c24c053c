/**
 * The worlds in which releases are watched, and one watch over one of them.
 *
 * @module
 */

import {
  chiSquareTest,
  type ErrorCounts,
  judgeCanary,
  type MetricBaseline,
  type MinuteCounts,
} from "../../../supabase/functions/_shared/statistics.ts";
import { type Chance, seededChance } from "../../lib/simulation.ts";

/** A world in which a release is watched; rates are shares of requests at a minute. */
export interface World {
  name: string;
  canary: RateAt;
  /** Undefined: without a control. */
  control?: RateAt;
  /** Requests a look of the canary, and of the control. */
  perLook: number;
  controlPerLook?: number;
  /** Undefined: without a baseline. */
  before?: RateAt;
  baselineBuckets?: number;
  baselineBucketN?: number;
  looks?: number;
  /** The release may begin at any hour of the day. */
  beginsAnytime?: boolean;
  share?: number;
  /** Shares of the traffic, one after the other for equally many looks; the requests of a look are shared out so. */
  steps?: readonly number[];
  /** How the world of a run differs from that of another. */
  shock?: (chance: Chance, minute: number) => number;
}

/** The share of requests that fail in a minute. */
export type RateAt = (minute: number, chance: Chance, shock: number) => number;

/** What became of one release. */
export interface Run {
  /** Requests of the canary at which it was taken back; Infinity when it was not. */
  takenBackAt: number;
  promoted: boolean;
  paused: Set<string>;
  naive: boolean;
  /** Evidence at each look that it is worse than before; 0 without a baseline. */
  evidence: number[];
}

/** The same rate at all times. */
export function steady(rate: number): RateAt {
  return () => rate;
}

/** The same mean, in bursts: one minute of ten fails ten times as often, the others never. */
export function bursts(rate: number): RateAt {
  return (_, chance) => chance() < 0.1 ? 10 * rate : 0;
}

/** Twelve hours of twenty-four above the mean, twelve below. */
function daily(rate: number): RateAt {
  return (minute) => rate * (1 + 0.5 * Math.sin(2 * Math.PI * minute / 1_440));
}

/** A baseline of 20,000 requests. */
export const LONG = { baselineBuckets: 200, baselineBucketN: 100 };

/** Releases that are no worse than what was before. */
export const HEALTHY: World[] = [
  ...[0.002, 0.02, 0.1].map((rate) => ({
    name: `healthy, ${100 * rate} %, long baseline`,
    canary: steady(rate),
    before: steady(rate),
    perLook: 100,
    ...LONG,
  })),
  ...[0.002, 0.02, 0.1].map((rate) => ({
    name: `healthy, ${100 * rate} %, equal control`,
    canary: steady(rate),
    control: steady(rate),
    perLook: 100,
    controlPerLook: 100,
  })),
  {
    name: "healthy, 2 %, a tenth, both",
    canary: steady(0.02),
    control: steady(0.02),
    before: steady(0.02),
    perLook: 10,
    controlPerLook: 90,
    ...LONG,
    share: 0.1,
  },
  {
    name: "healthy, 2 %, in five steps, both",
    canary: steady(0.02),
    control: steady(0.02),
    before: steady(0.02),
    perLook: 200,
    steps: [0.1, 0.25, 0.5, 0.75, 1],
    ...LONG,
  },
  {
    name: "healthy, 1 in 5,000, long baseline",
    canary: steady(0.0002),
    before: steady(0.0002),
    perLook: 100,
    ...LONG,
  },
  {
    name: "healthy, 0 in 20,000 before",
    canary: steady(0.00002),
    before: steady(0),
    perLook: 100,
    ...LONG,
  },
  {
    name: "healthy, 2 %, shared bursts, control",
    canary: (_minute, _chance, shock) => 0.02 * shock,
    control: (_minute, _chance, shock) => 0.02 * shock,
    perLook: 50,
    controlPerLook: 50,
    shock: (chance) => chance() < 0.1 ? 10 : 0,
  },
  {
    name: "healthy, 2 %, uneven minutes",
    canary: (_, chance) => 0.02 * (chance() < 0.5 ? 0.5 : 1.5),
    before: (_, chance) => 0.02 * (chance() < 0.5 ? 0.5 : 1.5),
    perLook: 100,
    ...LONG,
  },
  {
    name: "healthy, 2 %, swings with the hour",
    canary: daily(0.02),
    beginsAnytime: true,
    before: daily(0.02),
    perLook: 20,
    baselineBuckets: 576,
    baselineBucketN: 1_000,
  },
];

/** Watches releases of a world, each in a run of its own. */
export function playAll(world: World & { looks: number }, runs: number, seed: number): Run[] {
  const chance = seededChance(seed);
  return Array.from({ length: runs }, () => play(world, chance));
}

function play(world: World & { looks: number }, chance: Chance): Run {
  const run: Run = { takenBackAt: Infinity, promoted: false, paused: new Set(), naive: false, evidence: [] };
  const minutes: MinuteCounts[] = [];
  const baseline = world.before === undefined ? null : baselineOf(world, world.before, chance);
  const start = Math.floor(chance() * 1_440);
  for (let look = 0; look < world.looks; look++) {
    minutes.push(minuteOf(world, look, start, chance));
    lookAt(run, minutes, baseline, world);
    if (run.takenBackAt < Infinity) break;
  }
  return run;
}

function minuteOf(
  world: World & { looks: number },
  look: number,
  start: number,
  chance: Chance,
): MinuteCounts {
  const shock = world.shock?.(chance, look) ?? 1;
  const share = stepAt(world, look).share;
  const [n, m] = world.steps === undefined
    ? [world.perLook, world.controlPerLook ?? 0]
    : [Math.round(world.perLook * share), Math.round(world.perLook * (1 - share))];
  const at = (rate: RateAt | undefined, requests: number) =>
    rate === undefined
      ? { errors: 0, n: 0 }
      : draw(requests, rate(look + (world.beginsAnytime ? start : 0), chance, shock), chance);
  return { canary: at(world.canary, n), control: at(world.control, m) };
}

/** The share at a look, and how many looks its step has had. */
function stepAt(
  { steps, share = 0.5, looks }: World & { looks: number },
  look: number,
): { share: number; had: number } {
  if (steps === undefined) return { share, had: look + 1 };
  const length = looks / steps.length;
  const step = Math.min(steps.length - 1, Math.floor(look / length));
  return { share: steps[step]!, had: look + 1 - Math.ceil(step * length) };
}

function lookAt(
  run: Run,
  minutes: MinuteCounts[],
  baseline: MetricBaseline | null,
  world: World & { looks: number },
): void {
  const metric = { name: "errors", onRegression: "revert" as const, minutes, baseline };
  const { share, had } = stepAt(world, minutes.length - 1);
  const steps = world.steps?.length ?? 1;
  const verdict = judgeCanary({ metrics: [metric], share, stepMinutes: had, steps });
  const canary = sumOf(minutes.map(({ canary }) => canary));
  run.evidence.push(verdict.figures[0]?.againstBaseline ?? 0);
  if (verdict.kind === "rollback") run.takenBackAt = canary.n;
  if (verdict.kind === "promote") run.promoted = true;
  if (verdict.kind === "pause") run.paused.add(verdict.rule);
  if (baseline === null) return;
  const before = sumOf(baseline.buckets);
  const arms = [canary, before].map(({ errors, n }) => ({ successes: errors, n }));
  const isWorse = canary.errors * before.n > before.errors * canary.n;
  if (isWorse && chiSquareTest(arms[0]!, arms[1]!).pValue < 0.02) run.naive = true;
}

function baselineOf(world: World, rate: RateAt, chance: Chance): MetricBaseline {
  const bucketMinutes = 5;
  const buckets = Array.from(
    { length: world.baselineBuckets ?? 0 },
    (_, bucket) => draw(world.baselineBucketN ?? 0, rate(bucket * bucketMinutes, chance, 1), chance),
  );
  return { buckets, bucketMinutes };
}

function draw(n: number, rate: number, chance: Chance): ErrorCounts {
  if (rate <= 0) return { errors: 0, n };
  // Jumping from error to error: a draw for each request would cost a hundred times as much at small rates.
  let errors = 0;
  for (let place = 0; place < n; errors++) {
    place += 1 + Math.floor(Math.log(1 - chance()) / Math.log1p(-Math.min(rate, 1 - 1e-12)));
    if (place > n) break;
  }
  return { errors, n };
}

function sumOf(counts: readonly ErrorCounts[]): ErrorCounts {
  return counts.reduce((one, other) => ({ errors: one.errors + other.errors, n: one.n + other.n }));
}
