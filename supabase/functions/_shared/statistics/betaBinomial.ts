/**
 * What a family of similar things says of one that is little known: an empirical-Bayes prior.
 *
 * The rates of the family are taken for draws from one beta distribution, whose parameters are those under which the
 * counts of the family are most probable (beta-binomial maximum likelihood). With whole counts its gamma functions
 * are finite sums, so mean and strength are found by bisection of exact derivatives: no start value, no step size.
 *
 * @module
 */

import { incompleteBeta } from "./incompleteBeta.ts";
import { type ArmCounts, requireArm, requireCount, requireNumber, requireWeight } from "./require.ts";

/** A prior Beta(alpha, beta), and how many members of the family it was fitted to. */
export interface BetaPrior {
  alpha: number;
  beta: number;
  members: number;
}

/** What to expect of something with that prior and evidence of its own. */
export interface RatePrediction {
  /** The posterior mean, 0..1. */
  predicted: number;
  /** P(theta < 0.5) under the posterior. */
  probabilityBelowHalf: number;
}

/** The sums have as many terms as the largest member has outcomes. */
const MAX_OUTCOMES = 100_000;
/** Strengths alpha + beta between which the best one is looked for; the last says that all rates are the same. */
const STRENGTH = { min: 1 / 16, max: 4_096 };
const GRID = 32;
const HALVINGS = 60;
const MEAN = { min: 1e-9, max: 1 - 1e-9 };

/** How many members have more than k successes, failures and outcomes, for each k. */
interface Tails {
  successes: number[];
  failures: number[];
  outcomes: number[];
}

/** The prior under which the counts of a family are most probable; null for fewer than two members with an outcome. */
export function fitBetaBinomial(family: readonly ArmCounts[]): BetaPrior | null {
  const task = "fit a beta-binomial";
  family.forEach((member, index) => {
    requireArm(task, `family[${index}]`, member);
    requireCount(task, `family[${index}].n`, member.n, MAX_OUTCOMES);
  });
  const members = family.filter(({ n }) => n > 0);
  if (members.length < 2) return null;
  const tails: Tails = {
    successes: tailOf(members.map(({ successes }) => successes)),
    failures: tailOf(members.map(({ successes, n }) => n - successes)),
    outcomes: tailOf(members.map(({ n }) => n)),
  };
  const strength = bestStrength(tails);
  const mean = bestMean(tails, strength);
  return { alpha: mean * strength, beta: (1 - mean) * strength, members: members.length };
}

/** Evidence joined with a prior, which counts for at most `maxStrength` outcomes; successes and failures may be discounted. */
export function predictRate(
  evidence: { successes: number; failures: number },
  prior: BetaPrior,
  { maxStrength = 10 }: { maxStrength?: number } = {},
): RatePrediction {
  const task = "predict a rate";
  requireWeight(task, "successes", evidence.successes);
  requireWeight(task, "failures", evidence.failures);
  requireNumber(task, "alpha", prior.alpha, { min: 0, open: true });
  requireNumber(task, "beta", prior.beta, { min: 0, open: true });
  requireNumber(task, "maxStrength", maxStrength, { min: 0, open: true });
  const share = Math.min(1, maxStrength / (prior.alpha + prior.beta));
  // A hundred-millionth of an outcome keeps the distribution proper where a family knows no failure.
  const alpha = Math.max(prior.alpha * share, 1e-8) + evidence.successes;
  const beta = Math.max(prior.beta * share, 1e-8) + evidence.failures;
  return { predicted: alpha / (alpha + beta), probabilityBelowHalf: incompleteBeta(0.5, alpha, beta) };
}

function tailOf(counts: readonly number[]): number[] {
  const tail = new Array<number>(Math.max(...counts)).fill(0);
  for (const count of counts) if (count > 0) tail[count - 1]!++;
  for (let k = tail.length - 2; k >= 0; k--) tail[k]! += tail[k + 1]!;
  return tail;
}

/** The likelihood may have two peaks, so a grid finds the higher one before the slope is bisected. */
function bestStrength(tails: Tails): number {
  const step = Math.log(STRENGTH.max / STRENGTH.min) / GRID;
  const at = (place: number) => STRENGTH.min * Math.exp(place * step);
  const heights = Array.from(
    { length: GRID + 1 },
    (_, place) => logLikelihood(tails, bestMean(tails, at(place)), at(place)),
  );
  const best = heights.indexOf(Math.max(...heights));
  const [low, high] = [Math.max(0, best - 1), Math.min(GRID, best + 1)];
  const root = bisect(low, high, (place) => slopeInStrength(tails, bestMean(tails, at(place)), at(place)));
  return at(root);
}

/** The slope in the mean falls all the way, so there is one best mean. */
function bestMean(tails: Tails, strength: number): number {
  return bisect(MEAN.min, MEAN.max, (mean) => {
    const gain = sumOver(tails.successes, (k) => 1 / (mean * strength + k));
    return gain - sumOver(tails.failures, (k) => 1 / ((1 - mean) * strength + k));
  });
}

function slopeInStrength(tails: Tails, mean: number, strength: number): number {
  return sumOver(tails.successes, (k) => mean / (mean * strength + k)) +
    sumOver(tails.failures, (k) => (1 - mean) / ((1 - mean) * strength + k)) -
    sumOver(tails.outcomes, (k) => 1 / (strength + k));
}

function logLikelihood(tails: Tails, mean: number, strength: number): number {
  return sumOver(tails.successes, (k) => Math.log(mean * strength + k)) +
    sumOver(tails.failures, (k) => Math.log((1 - mean) * strength + k)) -
    sumOver(tails.outcomes, (k) => Math.log(strength + k));
}

function sumOver(tail: readonly number[], term: (k: number) => number): number {
  let sum = 0;
  for (let k = 0; k < tail.length; k++) sum += tail[k]! * term(k);
  return sum;
}

/** Where a falling slope crosses zero; an end when it does not. */
function bisect(low: number, high: number, slope: (at: number) => number): number {
  let [from, to] = [low, high];
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (from + to) / 2;
    if (slope(middle) > 0) from = middle;
    else to = middle;
  }
  return (from + to) / 2;
}
