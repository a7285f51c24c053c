/**
 * Several voters, several fixes, one answer: which fix is right, and whether that is sure enough to act on.
 *
 * A voter is whoever proposes a fix: a rule, a pattern, a model. It votes for its own proposal and against the others.
 * What its vote is worth was measured: every vote is stored, and becomes right or wrong when the fix has been tried
 * ({@link recordEnsembleTruth}). A voter that was never judged is worth nothing yet, and voters whose votes were never
 * seen together count as one. A tie decides nothing by itself; the ranking then says in which order a person is asked.
 *
 * @example
 * ```ts
 * import { ensembleDecision } from "./ensembleLearning.ts";
 *
 * const known = { right: 80, wrong: 10 };
 * const answers: Record<string, unknown> = {
 *   get_voter_records: { voters: { rules: known, history: known }, cases: [] },
 *   record_ensemble_decision: { id: "d" },
 * };
 * const db = { call: (name: string) => Promise.resolve(answers[name] as never) };
 * const fix = { kind: "create_schema", schema: "shop" };
 * const fixes = [{ voter: "rules", action: fix }, { voter: "history", action: fix }];
 * const decision = await ensembleDecision(db, fixes, { unit: "error-1" }, { strategy: "weighted", minConfidence: 0.7 });
 * if (decision.kind !== "decided") throw new Error(decision.reason);
 * ```
 *
 * @module
 */

import type { ActionDraft, Origin, Risk } from "./core/fixes.ts";
import { type Candidate, readCandidates, type RefusedFix, votesOn } from "./ensembleLearning/candidates.ts";
import { readVoters, type VoterKnowledge } from "./ensembleLearning/voters.ts";
import type { FixAction } from "./fixActions.ts";
import { recordEnsembleDecision, recordStoredTruth } from "./engineDb.ts";
import { type RpcPort } from "./healingDb.ts";
import {
  combineMajority,
  combineUnanimous,
  combineWeighted,
  type EnsembleResult,
  rankCandidates,
  type RankedCandidate,
  type Vote,
} from "./statistics.ts";

export type { RefusedFix } from "./ensembleLearning/candidates.ts";

/** One fix and whoever proposes it. */
export interface EnsembleFix {
  /** Who proposes it, 1..200 characters. */
  voter: string;
  action: FixAction | ActionDraft;
  /** The score of its pattern, 0..1; 0.5. */
  patternScore?: number;
  /** True for what is in force now. */
  isIncumbent?: boolean;
}

/** What the decision is about. */
export interface EnsembleData {
  /** The unit of work, such as the error's id: its decision is kept once. */
  unit: string;
  /** Where the error came from, which shapes the risk of a fix; `runtime`. */
  origin?: Origin;
  /** Votes of those who propose nothing, or see it otherwise than by their own proposal; null abstains. */
  votes?: readonly { voter: string; action: FixAction | ActionDraft; answer: boolean | null }[];
}

/** How votes become an answer. */
export interface EnsembleOptions {
  /** `weighted`: by each voter's record. `majority`: more than half. `unanimous`: all, and at least two. `weighted`. */
  strategy?: "weighted" | "majority" | "unanimous";
  /** Below this nothing is decided: the weighted probability, or the share of votes cast, 0..1; 0.7. */
  minConfidence?: number;
}

/** A fix with what the votes make of it. */
export interface RankedFix extends RankedCandidate {
  /** As `id`: what {@link recordEnsembleTruth} asks for. */
  key: string;
  action: ActionDraft;
  risk: Risk;
  verdict: EnsembleResult["verdict"];
  /** 0..1, by the strategy's own measure. */
  confidence: number;
  votesFor: number;
  votesAgainst: number;
  abstained: number;
}

/** What came of the vote. */
export type EnsembleDecision =
  & ({ kind: "decided"; chosen: RankedFix } | { kind: "undecided" })
  & {
    /** The stored decision. */
    id: string;
    reason: string;
    /** Best first: by weighted sum, pattern score, lower risk, incumbent, id. */
    ranking: RankedFix[];
    /** Proposals that are no fix of a known kind; their voters abstain. */
    refused: RefusedFix[];
  };

/** Lets voters decide between fixes, and stores every vote so that its worth can be measured later. */
export async function ensembleDecision(
  client: RpcPort,
  fixes: readonly EnsembleFix[],
  data: EnsembleData,
  options: EnsembleOptions = {},
): Promise<EnsembleDecision> {
  const { strategy = "weighted", minConfidence = 0.7 } = options;
  requireOptions(strategy, minConfidence);
  const { candidates, refused, voters } = await readCandidates(fixes, data);
  const known = await readVoters(client, voters);
  const judged = candidates.map((candidate) => judge(candidate, voters, known, strategy));
  const ranking = rankCandidates(judged.map(({ ranked }) => ranked));
  const outcome = decide(ranking, minConfidence);
  const { id } = await recordEnsembleDecision(client, {
    unit: data.unit,
    strategy,
    min_confidence: minConfidence,
    candidates: ranking.map((fix) => ({ ...fix })),
    verdict: outcome.kind,
    chosen_key: outcome.kind === "decided" ? outcome.chosen.key : null,
    confidence: ranking[0]?.confidence ?? 0,
    reason: outcome.reason,
    votes: judged.flatMap(({ ranked, votes }) =>
      votes.map((vote) => ({ candidate_key: ranked.key, ...vote }))
    ),
  });
  return { ...outcome, id, ranking, refused };
}

/** Says whether a fix that was voted on has worked; the voters' records rest on it. The other truth rejects with `CONFLICT`. */
export function recordEnsembleTruth(
  client: RpcPort,
  decisionId: string,
  key: string,
  worked: boolean,
): Promise<{ recorded: boolean }> {
  return recordStoredTruth(client, { decisionId, candidateKey: key, worked });
}

function judge(
  candidate: Candidate,
  voters: readonly string[],
  known: VoterKnowledge,
  strategy: NonNullable<EnsembleOptions["strategy"]>,
): { ranked: RankedFix; votes: Vote[] } {
  const votes = votesOn(candidate, voters, known.accuracyOf);
  const cast = votes.filter(({ answer }) => answer !== null).map(({ voter }) => voter);
  const weighted = combineWeighted(votes, { correlation: known.correlationOf(cast) });
  const counted = strategy === "majority" ? combineMajority(votes) : combineUnanimous(votes);
  const { verdict, votesFor, votesAgainst, abstained } = strategy === "weighted" ? weighted : counted;
  const share = cast.length === 0 ? 0 : votesFor / cast.length;
  const { key, action, risk, patternScore, isIncumbent } = candidate;
  const ranked = {
    ...{ id: key, key, action, risk, patternScore, isIncumbent, verdict, votesFor, votesAgainst, abstained },
    logOdds: weighted.logOdds,
    confidence: strategy === "weighted" ? weighted.probability : share,
  };
  return { ranked, votes };
}

/** Sums that differ by rounding alone are equal. */
const TIE = 1e-12;

function decide(
  ranking: readonly RankedFix[],
  minConfidence: number,
): ({ kind: "decided"; chosen: RankedFix } | { kind: "undecided" }) & { reason: string } {
  const [best, second] = ranking.filter(({ verdict }) => verdict === "for");
  if (best === undefined) {
    const tied = ranking.some(({ verdict }) => verdict === "tie");
    return { kind: "undecided", reason: tied ? "the votes balance" : "no fix has the votes that it needs" };
  }
  if (second !== undefined && Math.abs(best.logOdds - second.logOdds) <= TIE) {
    return { kind: "undecided", reason: "two fixes have equal votes" };
  }
  const votes = `${best.votesFor} for, ${best.votesAgainst} against, ${best.abstained} abstained`;
  const confidence = `confidence ${best.confidence.toFixed(3)}`;
  return best.confidence >= minConfidence
    ? { kind: "decided", chosen: best, reason: `${votes}: ${confidence}` }
    : { kind: "undecided", reason: `${votes}: ${confidence} is below ${minConfidence}` };
}

function requireOptions(strategy: string, minConfidence: number): void {
  if (!["weighted", "majority", "unanimous"].includes(strategy)) {
    throw new RangeError(
      `Cannot decide by vote as "strategy" must be weighted, majority or unanimous: current value is ${strategy}`,
    );
  }
  if (!(minConfidence >= 0 && minConfidence <= 1)) {
    throw new RangeError(
      `Cannot decide by vote as "minConfidence" must be >= 0 and <= 1: current value is ${minConfidence}`,
    );
  }
}
