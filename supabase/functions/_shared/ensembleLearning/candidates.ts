/** Proposals of several voters as candidates, each fix once, with the votes on it. @module */

import type { ActionDraft, Risk } from "../core/fixes.ts";
import { messageOf } from "../core/errors.ts";
import { sha256 } from "../core/sha256.ts";
import type { EnsembleData, EnsembleFix } from "../ensembleLearning.ts";
import { type FixAction, keyOfAction, kindOf, parseFixAction } from "../fixActions.ts";
import type { Vote } from "../statistics.ts";

/** A fix that somebody proposes, whoever else proposes it too. */
export interface Candidate {
  key: string;
  action: ActionDraft;
  risk: Risk;
  patternScore: number;
  isIncumbent: boolean;
  answers: ReadonlyMap<string, boolean | null>;
}

/** A proposal that is no fix of a known kind. */
export interface RefusedFix {
  voter: string;
  reason: string;
}

/** What is voted on, and by whom. */
export interface Ballot {
  candidates: Candidate[];
  refused: RefusedFix[];
  voters: string[];
}

/** Reads the proposals; a hostile or broken one is refused and cannot keep the others from being voted on. */
export async function readCandidates(fixes: readonly EnsembleFix[], data: EnsembleData): Promise<Ballot> {
  const refused: RefusedFix[] = [];
  const proposals: { fix: EnsembleFix; action: FixAction; key: string }[] = [];
  for (const fix of fixes) {
    try {
      const action = parseFixAction(fix.action);
      proposals.push({ fix, action, key: await shortKey(action) });
    } catch (error) {
      refused.push({ voter: fix.voter, reason: messageOf(error) });
    }
  }
  const stated = await statedAnswers(data.votes ?? []);
  const keys = [...new Set(proposals.map(({ key }) => key))];
  const candidates = keys.map((key): Candidate => {
    const same = proposals.filter((proposal) => proposal.key === key);
    const { action } = same[0]!;
    const answers = new Map<string, boolean | null>();
    for (const { fix } of proposals) answers.set(fix.voter, false);
    for (const { fix } of same) answers.set(fix.voter, true);
    for (const [voter, answer] of stated.get(key) ?? []) answers.set(voter, answer);
    return {
      key,
      action: { ...action },
      risk: kindOf(action).risk(action, data.origin ?? "runtime"),
      patternScore: Math.max(...same.map(({ fix }) => fix.patternScore ?? 0.5)),
      isIncumbent: same.some(({ fix }) => fix.isIncumbent === true),
      answers,
    };
  });
  const voters = [...fixes, ...data.votes ?? []].map(({ voter }) => voter);
  return { candidates, refused, voters: [...new Set(voters)].sort() };
}

/** The votes of all voters on one candidate; whoever says nothing abstains. */
export function votesOn(
  { answers }: Candidate,
  voters: readonly string[],
  accuracyOf: (voter: string) => number,
): Vote[] {
  return voters.map((voter) => ({ voter, accuracy: accuracyOf(voter), answer: answers.get(voter) ?? null }));
}

async function statedAnswers(
  votes: NonNullable<EnsembleData["votes"]>,
): Promise<Map<string, Map<string, boolean | null>>> {
  const stated = new Map<string, Map<string, boolean | null>>();
  for (const { voter, action, answer } of votes) {
    const key = await shortKey(action);
    stated.set(key, (stated.get(key) ?? new Map()).set(voter, answer));
  }
  return stated;
}

/** A fix may carry whole files; its key is as long as any other. */
async function shortKey(action: object): Promise<string> {
  const hex = (await sha256(keyOfAction(action))).slice(0, 24);
  return `${"kind" in action ? action.kind : "fix"}:${hex}`;
}
