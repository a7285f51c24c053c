/**
 * Is an error rate higher than another: two tests that may be looked at after every minute.
 *
 * Both bet on the errors of a canary with odds that are fixed beforehand, a mixture over how much worse it might be;
 * winnings of x come by chance with probability 1/x at most, at whatever times one looks. Both are functions of the
 * counts alone: there is no state that two engines could spoil.
 *
 * Against a long baseline the fair odds are those of the beta-binomial distribution that the baseline predicts
 * (Jeffreys' prior), so its own uncertainty is part of them, and the guarantee is one on the average of baselines.
 * Against a concurrent control each minute is a table of its own: among its errors those of the canary are a draw
 * without replacement, on which a bet at the odds of one with replacement never gains (Hoeffding 1963, theorem 4). What
 * befalls both arms in a minute therefore says nothing.
 *
 * @module
 */

import { stirlingRest } from "./gamma.ts";
import { incompleteBeta } from "./incompleteBeta.ts";
import { MAX_COUNT, requireNumber, requireWeight } from "./require.ts";

/** Requests, and how many of them failed. Counts divided by their over-dispersion need not be whole. */
export interface ErrorCounts {
  errors: number;
  n: number;
}

/** What both arms did in one closed minute. */
export interface MinuteCounts {
  canary: ErrorCounts;
  control: ErrorCounts;
}

/**
 * How many times as high the odds of an error may be, and how much is bet on it. There is nothing below one and a half:
 * a rise by less than about a fifth is never evidence, however many requests show it.
 */
const LEAST = 1.5;
const BETS = [
  { ratio: LEAST, weight: 0.3 },
  { ratio: 2, weight: 0.35 },
  { ratio: 3, weight: 0.2 },
  { ratio: 10, weight: 0.08 },
  { ratio: 100, weight: 0.04 },
] as const;
/** The rest: that nothing is as it was. Where errors were rare, a hundred times as many may still be far from all. */
const REST = 0.03;
/** What the rest means where both arms are seen at once. */
const WITHOUT_MEASURE = { ratio: 1_000, weight: REST } as const;
const JEFFREYS = 0.5;

/** The logarithm of the winnings of the bet that the canary fails more often than the baseline lets expect. */
export function evidenceAgainstBaseline(canary: ErrorCounts, baseline: ErrorCounts): number {
  const task = "weigh a canary against a baseline";
  requireCounts(task, "canary", canary);
  requireCounts(task, "baseline", baseline);
  const a = baseline.errors + JEFFREYS;
  const b = baseline.n - baseline.errors + JEFFREYS;
  const good = canary.n - canary.errors;
  const fair = logBeta(a + canary.errors, b + good) - logBeta(a, b);
  const bets = BETS.map(({ ratio, weight }) => {
    const whole = ratio * a + b;
    return Math.log(weight) + canary.errors * Math.log(ratio * a / whole) + good * Math.log(b / whole);
  });
  return sumOfLogs([
    ...bets,
    Math.log(REST) + betOnAnyRateAbove(LEAST * a / (LEAST * a + b), canary.errors, good),
  ]) - fair;
}

/** Every rate from the least one on is as likely as every other: the tail of a beta distribution over its own share. */
function betOnAnyRateAbove(rate: number, errors: number, good: number): number {
  const above = incompleteBeta(1 - rate, good + 1, errors + 1);
  return logBeta(errors + 1, good + 1) + Math.log(above) - Math.log1p(-rate);
}

/**
 * The logarithm of the winnings of the bet that the canary fails more often than the control in the same minutes.
 * `dispersion` (>= 1) divides what each minute says, where errors come in bursts.
 */
export function evidenceAgainstControl(minutes: readonly MinuteCounts[], dispersion = 1): number {
  const task = "weigh a canary against its control";
  requireNumber(task, "dispersion", dispersion, { min: 1 });
  const bets = [...BETS, WITHOUT_MEASURE];
  const logs = bets.map(({ weight }) => Math.log(weight));
  minutes.forEach(({ canary, control }, minute) => {
    requireCounts(task, `minutes[${minute}].canary`, canary);
    requireCounts(task, `minutes[${minute}].control`, control);
    const errors = canary.errors + control.errors;
    // A minute without an error, or with one arm only, says nothing.
    if (errors === 0 || canary.n === 0 || control.n === 0) return;
    const share = canary.n / (canary.n + control.n);
    for (const [bet, { ratio }] of bets.entries()) {
      const won = canary.errors * Math.log(ratio) - errors * Math.log(1 + share * (ratio - 1));
      logs[bet]! += won / dispersion;
    }
  });
  return sumOfLogs(logs);
}

/** Throws a RangeError unless 0 <= errors <= n. */
export function requireCounts(task: string, name: string, { errors, n }: ErrorCounts): void {
  requireWeight(task, `${name}.n`, n);
  requireNumber(task, `${name}.errors`, errors, { min: 0, max: Math.min(n, MAX_COUNT) });
}

function sumOfLogs(logs: readonly number[]): number {
  const most = Math.max(...logs);
  return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0));
}

/** ln B(a, b), by what is left after Stirling's formula: log-gammas of large numbers would lose digits. */
function logBeta(a: number, b: number): number {
  const n = a + b;
  return a * Math.log(a / n) - b * Math.log1p(a / b) + 0.5 * Math.log(2 * Math.PI * (n / a) / b) +
    stirlingRest(a) + stirlingRest(b) - stirlingRest(n);
}
