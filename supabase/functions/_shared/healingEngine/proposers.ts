/** Who is asked for a fix, in which order, and when the asking ends. @module */

import { isHealingError, messageOf } from "../core/errors.ts";
import type { ErrorFacts, Proposal, Tier } from "../core/fixes.ts";
import type { ClaimedError } from "../healingDb.ts";
import { keyOfAction } from "../fixActions.ts";
import type { Choice, Refused } from "./choose.ts";
import type { HealingEngineOptions, HealSituation } from "./options.ts";

/** Who may be asked about one error, and what is known of it. */
export interface Inquiry {
  options: Pick<HealingEngineOptions, "proposers" | "logger">;
  error: ClaimedError;
  facts: ErrorFacts;
  attempt: HealSituation["attempt"];
  /** Healing is held: no model is paid for what would not be applied. */
  isHeld: boolean;
}

/** What was proposed and what stands of it, and why somebody who was asked has nothing to say. */
export interface Sought {
  proposals: Proposal[];
  choice: Choice;
  silent: string[];
}

/** Tries proposals in their order; `refused` are those that did not stand before. */
export type Choose = (proposals: Proposal[], refused: readonly Refused[]) => Promise<Choice>;

/** Tries what is known first; a model and the context are asked, one after the other, when nothing of it stands. */
export async function seekFix(inquiry: Inquiry, known: Proposal[], choose: Choose): Promise<Sought> {
  const { options: { proposers = {} }, attempt, isHeld } = inquiry;
  const isAsked = (tier: Tier) => attempt === undefined || attempt.tiers.includes(tier);
  const tried = known.map(({ action }) => action.kind);
  const proposals = known.filter(({ tier }) => isAsked(tier));
  const sought: Sought = { proposals, choice: await choose(proposals, []), silent: [] };
  for (const tier of ["ai", "context"] as const) {
    const proposer = proposers[tier];
    if (isSettled(sought.choice)) break;
    if (proposer === undefined || !isAsked(tier) || (tier === "ai" && isHeld)) continue;
    const { proposed, refused } = await ask(inquiry, tier, (...about) => proposer(...about, tried), sought);
    sought.choice = await choose(proposed, [...sought.choice.refused, ...refused]);
    sought.proposals = [...sought.proposals, ...proposed];
  }
  return sought;
}

/** A fix stands, or nobody's would: it is mended already, it cannot be tried now, or nothing may be applied. */
function isSettled({ chosen, stopped, refused }: Choice): boolean {
  return chosen !== null || stopped !== null || refused.some(({ because }) => because !== "no");
}

interface Heard {
  proposed: Proposal[];
  refused: Refused[];
}

/** What it proposes stands under its own tier, whatever it says of itself; what was refused for this error is left out. */
async function ask(
  { options: { logger }, error, facts }: Inquiry,
  tier: "ai" | "context",
  proposer: (error: ClaimedError, facts: ErrorFacts) => Promise<Proposal[]>,
  { silent }: Sought,
): Promise<Heard> {
  const heard: Heard = { proposed: [], refused: [] };
  const before = new Set(error.refused_actions.map(keyOfAction));
  try {
    for (const { action, confidence, reason } of await proposer(error, facts)) {
      if (before.has(keyOfAction(action))) continue;
      const proposal: Proposal = { action, tier, confidence, reason };
      if (tier === "ai") await bound(proposal, facts, heard);
      else heard.proposed.push(proposal);
    }
  } catch (thrown) {
    const reason = messageOf(thrown);
    // That nobody was asked is no trouble, and would be said of nearly every error.
    if (!isHealingError(thrown) || thrown.code !== "FIX_REFUSED") {
      logger?.warn("a proposer failed", { tier, errorId: error.id, reason });
    }
    silent.push(reason);
  }
  return heard;
}

/** What a model proposes goes on as far as the error's own words carry it: to act, to a person, or not at all. */
async function bound(proposal: Proposal, facts: ErrorFacts, { proposed, refused }: Heard): Promise<void> {
  const { boundModelProposal } = await import("../errorAnalysis.ts");
  const { bounded, confidence } = await boundModelProposal(proposal, facts);
  if (bounded.standing === "refused") {
    refused.push({ action: proposal.action, reason: bounded.because, because: "no" });
    return;
  }
  const reason = bounded.standing === "asks" ? `${proposal.reason} (${bounded.because})` : proposal.reason;
  proposed.push({ ...proposal, action: { ...bounded.action }, confidence, reason });
}
