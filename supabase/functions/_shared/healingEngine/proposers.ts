/** Who is asked for a fix, in which order, and when the asking ends. @module */

import { messageOf } from "../core/errors.ts";
import type { ErrorFacts, Proposal, Tier } from "../core/fixes.ts";
import type { ClaimedError } from "../healingDb.ts";
import { keyOfAction } from "../fixActions.ts";
import type { HealingEngineOptions, HealSituation } from "./options.ts";

/** Who may be asked about one error, and what is known of it. */
export interface Inquiry {
  options: Pick<HealingEngineOptions, "proposers" | "logger">;
  error: ClaimedError;
  facts: ErrorFacts;
  attempt: HealSituation["attempt"];
}

/** What the patterns and rules propose and the attempt allows; a model and the context are asked when there is nothing. */
export async function askProposers(inquiry: Inquiry, known: readonly Proposal[]): Promise<Proposal[]> {
  const { options: { proposers = {} }, attempt } = inquiry;
  const isAsked = (tier: Tier) => attempt === undefined || attempt.tiers.includes(tier);
  const proposals = known.filter(({ tier }) => isAsked(tier));
  for (const tier of ["ai", "context"] as const) {
    if (proposals.length > 0) break;
    if (isAsked(tier)) proposals.push(...await ask(inquiry, tier, proposers[tier]));
  }
  return proposals;
}

/** What it proposes stands under its own tier, whatever it says of itself; what was refused for this error is left out. */
async function ask(
  { options: { logger }, error, facts }: Inquiry,
  tier: "ai" | "context",
  proposer: ((error: ClaimedError, facts: ErrorFacts) => Promise<Proposal[]>) | undefined,
): Promise<Proposal[]> {
  const refused = new Set(error.refused_actions.map(keyOfAction));
  try {
    const proposed = await proposer?.(error, facts) ?? [];
    return proposed.filter(({ action }) => !refused.has(keyOfAction(action))).map((proposal) => ({
      ...proposal,
      tier,
    }));
  } catch (thrown) {
    logger?.warn("a proposer failed", { tier, errorId: error.id, reason: messageOf(thrown) });
    return [];
  }
}
