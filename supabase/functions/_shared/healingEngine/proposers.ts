/** Who is asked for a fix, in which order, and when the asking ends. @module */

import { isHealingError, messageOf } from "../core/errors.ts";
import type { ErrorFacts, Proposal, Tier } from "../core/fixes.ts";
import type { ClaimedError } from "../healingDb.ts";
import { keyOfAction } from "../fixActions.ts";
import type { Refused } from "./choose.ts";
import type { HealingEngineOptions, HealSituation, Proposer } from "./options.ts";

/** Who may be asked about one error, and what is known of it. */
export interface Inquiry {
  options: Pick<HealingEngineOptions, "proposers" | "logger">;
  error: ClaimedError;
  facts: ErrorFacts;
  attempt: HealSituation["attempt"];
  /** Healing is held: no model is paid for what would not be applied. */
  isHeld: boolean;
}

/** What was proposed, what of it may not go on, and why somebody who was asked has nothing to say. */
export interface Asked {
  proposals: Proposal[];
  refused: Refused[];
  silent: string[];
}

/** What the patterns and rules propose and the attempt allows; a model and the context are asked when there is nothing. */
export async function askProposers(inquiry: Inquiry, known: readonly Proposal[]): Promise<Asked> {
  const { options: { proposers = {} }, attempt, isHeld } = inquiry;
  const isAsked = (tier: Tier) => attempt === undefined || attempt.tiers.includes(tier);
  const asked: Asked = { proposals: known.filter(({ tier }) => isAsked(tier)), refused: [], silent: [] };
  for (const tier of ["ai", "context"] as const) {
    if (asked.proposals.length > 0) break;
    const proposer = proposers[tier];
    if (proposer === undefined || !isAsked(tier) || (tier === "ai" && isHeld)) continue;
    await ask(inquiry, tier, proposer, asked);
  }
  return asked;
}

/** What it proposes stands under its own tier, whatever it says of itself; what was refused for this error is left out. */
async function ask(
  inquiry: Inquiry,
  tier: "ai" | "context",
  proposer: Proposer,
  asked: Asked,
): Promise<void> {
  const { options: { logger }, error, facts } = inquiry;
  const before = new Set(error.refused_actions.map(keyOfAction));
  try {
    for (const { action, confidence, reason } of await proposer(error, facts)) {
      if (before.has(keyOfAction(action))) continue;
      const proposal: Proposal = { action, tier, confidence, reason };
      if (tier === "ai") await bound(proposal, facts, asked);
      else asked.proposals.push(proposal);
    }
  } catch (thrown) {
    const reason = messageOf(thrown);
    // That nobody was asked is no trouble, and would be said of nearly every error.
    if (!isHealingError(thrown) || thrown.code !== "FIX_REFUSED") {
      logger?.warn("a proposer failed", { tier, errorId: error.id, reason });
    }
    asked.silent.push(reason);
  }
}

/** What a model proposes goes on as far as the error's own words carry it: to act, to a person, or not at all. */
async function bound(proposal: Proposal, facts: ErrorFacts, { proposals, refused }: Asked): Promise<void> {
  const { boundModelProposal } = await import("../errorAnalysis.ts");
  const { bounded, confidence } = await boundModelProposal(proposal, facts);
  if (bounded.standing === "refused") {
    refused.push({ action: proposal.action, reason: bounded.because, because: "no" });
    return;
  }
  const reason = bounded.standing === "asks" ? `${proposal.reason} (${bounded.because})` : proposal.reason;
  proposals.push({ ...proposal, action: { ...bounded.action }, confidence, reason });
}
