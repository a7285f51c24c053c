/**
 * Turns fixes that worked into patterns, and patterns into proposals.
 *
 * A pattern is general when everything in its fix was said by the error itself: `schema $1 does not exist` →
 * `create_schema $1`. When the fix holds anything that the error did not say, the pattern keeps the error's own
 * identifiers and recognises just that failure: one missing function must not teach the extension of another.
 *
 * Every outcome in a project counts for the shared pattern and for the project's own. The own one stands for the
 * shared one from its first failure, its sixth success or a person's decision on.
 *
 * @example
 * ```ts
 * import { applyCodeEdit } from "./patternLearning.ts";
 *
 * const fixed = applyCodeEdit({ kind: "rename_identifier", from: "sender", to: "role" }, "save(sender);");
 * if (fixed !== "save(role);") throw new Error(`${fixed}`);
 * ```
 *
 * @module
 */

import type { ActionDraft, ErrorFacts, PatternDraft, Proposal, Tier } from "./core/fixes.ts";
import {
  confidenceOf,
  fillSlots,
  isSlot,
  type LearnedPattern,
  LIST_CONFIDENCE,
  mapParameters,
  speaking,
  USE_CONFIDENCE,
} from "./patternLearning/pattern.ts";
import type { PatternPrediction } from "./patternLearning/prediction.ts";

export { applyCodeEdit } from "./patternLearning/codeEdits.ts";
export {
  attemptPatternFix,
  type CodeEditor,
  type CodeError,
  type CodeValidator,
  type PatternFix,
  type PatternFixOptions,
  updatePatternStats,
} from "./patternLearning/codeFix.ts";
export type { LearnedPattern } from "./patternLearning/pattern.ts";
export {
  type FamilyMember,
  type PatternPrediction,
  predictEffectiveness,
} from "./patternLearning/prediction.ts";

/** The pattern that a fix would be evidence for. */
export function patternOf(
  action: ActionDraft,
  facts: ErrorFacts,
  tier: Tier,
  category: string,
): PatternDraft {
  const strategy = generalise(action, facts.slots);
  const isGeneral = Object.entries(strategy).every(([key, value]) => key === "kind" || isSlot(value));
  return {
    pattern_name: isGeneral ? `${facts.errorType}: ${action.kind}` : `${facts.errorType}: ${target(action)}`,
    error_signature: isGeneral ? facts.signature : facts.template,
    fix_strategy: isGeneral ? strategy : action,
    category,
    origin: tier === "context" ? "learned" : tier,
  };
}

/** What a proposal from patterns may weigh. */
export interface PatternProposalOptions {
  /** By pattern: what its family lets expect; it ranks, and never raises. */
  predictions?: ReadonlyMap<string, PatternPrediction>;
}

/** What the known patterns propose, the best first; none below the score at which a pattern is worth asking. */
export function proposeFromPatterns(
  patterns: readonly LearnedPattern[],
  facts: ErrorFacts,
  options: PatternProposalOptions = {},
): Proposal[] {
  return propose(patterns, facts, options, (score) => score >= USE_CONFIDENCE);
}

/** What patterns propose that have yet to show what they can: for a person to choose from when nothing else is known. */
export function proposeUnproven(
  patterns: readonly LearnedPattern[],
  facts: ErrorFacts,
  options: PatternProposalOptions = {},
): Proposal[] {
  return propose(patterns, facts, options, (score) => score < USE_CONFIDENCE && score >= LIST_CONFIDENCE);
}

function propose(
  patterns: readonly LearnedPattern[],
  facts: ErrorFacts,
  { predictions = new Map() }: PatternProposalOptions,
  isWanted: (score: number) => boolean,
): Proposal[] {
  const expected = (pattern: LearnedPattern) =>
    Math.min(confidenceOf(pattern), predictions.get(pattern.id)?.predicted ?? 1);
  return speaking(patterns)
    .filter((pattern) => isWanted(confidenceOf(pattern)))
    .sort((a, b) => expected(b) - expected(a) || a.id.localeCompare(b.id))
    .map((pattern) => ({
      action: fillSlots(pattern.fix_strategy, facts.slots),
      tier: "learned" as const,
      confidence: confidenceOf(pattern),
      reason: `pattern "${pattern.pattern_name}" knows this error`,
      patternId: pattern.id,
    }));
}

function generalise(action: ActionDraft, slots: readonly string[]): ActionDraft {
  return mapParameters(action, (value) => {
    const position = typeof value === "string" ? slots.indexOf(value) : -1;
    return position < 0 ? value : `$${position + 1}`;
  });
}

function target(action: ActionDraft): string {
  return Object.values(action).filter((value) => typeof value === "string")
    .join(" ");
}
