/** What is known of voters: how often each was right, and how much they repeat one another. @module */

import { getVoterRecords, type VoterRecords } from "../engineDb.ts";
import { type RpcPort } from "../healingDb.ts";
import { meanPairwiseCorrelation, posteriorMean } from "../statistics.ts";

/** The measured worth of voters. */
export interface VoterKnowledge {
  /** The posterior mean of being right, 0..1; 0.5 for a voter that was never judged. */
  accuracyOf(voter: string): number;
  /** The mean correlation of these voters' being right, -1..1. */
  correlationOf(voters: readonly string[]): number;
}

/** Cases that two voters need in common before their correlation is believed. */
const MIN_CASES = 10;

/** Reads the records of voters. */
export async function readVoters(db: RpcPort, voters: readonly string[]): Promise<VoterKnowledge> {
  const { voters: records, cases } = await getVoterRecords(db, voters);
  return {
    accuracyOf(voter) {
      const record = Object.hasOwn(records, voter) ? records[voter] : undefined;
      return posteriorMean(record?.right ?? 0, record?.wrong ?? 0);
    },
    correlationOf: (some) => meanCorrelation(some, cases),
  };
}

function meanCorrelation(voters: readonly string[], cases: VoterRecords["cases"]): number {
  const pairs = voters.flatMap((one, index) => voters.slice(index + 1).map((other) => [one, other] as const));
  const sum = pairs.reduce((total, [one, other]) => total + correlationOfPair(one, other, cases), 0);
  return pairs.length === 0 ? 0 : sum / pairs.length;
}

/** Two voters that were hardly seen together are taken for one; one that is always right repeats nobody. */
function correlationOfPair(one: string, other: string, cases: VoterRecords["cases"]): number {
  const common = cases.filter((answers) => Object.hasOwn(answers, one) && Object.hasOwn(answers, other));
  if (common.length < MIN_CASES) return 1;
  return meanPairwiseCorrelation([one, other].map((voter) => common.map((answers) => answers[voter]!))) ?? 0;
}
