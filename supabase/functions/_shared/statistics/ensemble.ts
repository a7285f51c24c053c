/**
 * Several voters, one answer: whether a proposed fix is right.
 *
 * The weighted vote adds up what each voter's record makes it worth, and divides by how much the voters repeat one
 * another: five voters that are right in 70 % of cases, but together, claim 95.8 % when they are right in 78.6 %.
 * A tie, or too few votes, decides nothing by itself.
 *
 * @module
 */

import { refuse, requireNumber, requireShare } from "./require.ts";

/** One voter's answer about one proposal. */
export interface Vote {
  /** Who voted; each voter votes once. */
  voter: string;
  /** How often this voter has been right: its posterior mean, 0..1. Counted as at least .05 and at most .95. */
  accuracy: number;
  /** True for the proposal, false against it, null for an abstention. */
  answer: boolean | null;
}

/** What the votes come to. */
export interface EnsembleResult {
  /** `tie` when the sides balance, `undecided` when too few voted or they do not agree as the method asks. */
  verdict: "for" | "against" | "tie" | "undecided";
  votesFor: number;
  votesAgainst: number;
  abstained: number;
  reason: string;
}

/** As {@link EnsembleResult}, with what the voters' records make of it. */
export interface WeightedResult extends EnsembleResult {
  /** That the proposal is right, 0..1. */
  probability: number;
  /** The weighted sum: the logarithm of the odds. */
  logOdds: number;
  /** What the sum was divided by because the voters repeat one another; >= 1. */
  divisor: number;
}

/** What the weighted vote assumes. */
export interface WeightedOptions {
  /** That the proposal is right before anyone votes; 0.5. */
  prior?: number;
  /** Mean pairwise correlation of the voters' being right, -1..1; see `meanPairwiseCorrelation`. 0. */
  correlation?: number;
}

const MIN_ACCURACY = 0.05;
const MAX_ACCURACY = 0.95;
/** Sums that differ by rounding alone are equal. */
const TIE = 1e-12;

/** Weighs each vote by its voter's record. */
export function combineWeighted(votes: readonly Vote[], options: WeightedOptions = {}): WeightedResult {
  const { prior = 0.5, correlation = 0 } = options;
  const task = "weigh votes";
  requireNumber(task, "prior", prior, { min: 0, max: 1, open: true });
  requireNumber(task, "correlation", correlation, { min: -1, max: 1 });
  const count = countVotes(task, votes);
  const cast = count.votesFor + count.votesAgainst;
  // Voters that contradict one another by habit are no reason to believe more: never below 1.
  const divisor = Math.max(1, 1 + (cast - 1) * correlation);
  const logOdds = logit(prior) + votes.reduce((sum, vote) => sum + weightOf(vote), 0) / divisor;
  const probability = 1 / (1 + Math.exp(-logOdds));
  const verdict = cast === 0 ? "undecided" : sideOf(logOdds, TIE);
  const reason = `${describe(count)}: ${(100 * probability).toFixed(1)} % probable that it is right`;
  return { ...count, verdict, reason, probability, logOdds, divisor };
}

/** Strictly more than half of the votes cast decide. */
export function combineMajority(votes: readonly Vote[]): EnsembleResult {
  const count = countVotes("count votes", votes);
  const cast = count.votesFor + count.votesAgainst;
  const verdict = cast === 0 ? "undecided" : sideOf(count.votesFor - count.votesAgainst, 0);
  return { ...count, verdict, reason: describe(count) };
}

/** All votes cast agree, and at least two were cast; otherwise undecided. */
export function combineUnanimous(votes: readonly Vote[]): EnsembleResult {
  const count = countVotes("count votes", votes);
  const { votesFor, votesAgainst } = count;
  const agree = votesFor + votesAgainst >= 2 && (votesFor === 0 || votesAgainst === 0);
  return {
    ...count,
    verdict: agree ? sideOf(votesFor - votesAgainst, 0) : "undecided",
    reason: describe(count),
  };
}

type Count = Omit<EnsembleResult, "verdict" | "reason">;

function countVotes(task: string, votes: readonly Vote[]): Count {
  const count = { votesFor: 0, votesAgainst: 0, abstained: 0 };
  const seen = new Set<string>();
  for (const { voter, accuracy, answer } of votes) {
    if (seen.has(voter)) refuse(task, "voter", "a voter that has not voted yet", voter);
    seen.add(voter);
    requireShare(task, "accuracy", accuracy);
    if (answer === null) count.abstained++;
    else if (answer) count.votesFor++;
    else count.votesAgainst++;
  }
  return count;
}

function weightOf({ accuracy, answer }: Vote): number {
  if (answer === null) return 0;
  const weight = logit(Math.min(MAX_ACCURACY, Math.max(MIN_ACCURACY, accuracy)));
  return answer ? weight : -weight;
}

function logit(p: number): number {
  return Math.log(p / (1 - p));
}

function sideOf(balance: number, tie: number): "for" | "against" | "tie" {
  if (Math.abs(balance) <= tie) return "tie";
  return balance > 0 ? "for" : "against";
}

function describe({ votesFor, votesAgainst, abstained }: Count): string {
  return `${votesFor} for, ${votesAgainst} against, ${abstained} abstained`;
}
