/**
 * Turns fixes that worked into patterns, and patterns into proposals.
 *
 * A pattern is general when everything in its fix was said by the error itself: `schema $1 does not exist` →
 * `create_schema $1`. When the fix holds anything that the error did not say, the pattern keeps the error's own
 * identifiers and recognises just that failure: one missing function must not teach the extension of another.
 *
 * @module
 */

import type { ActionDraft, ErrorFacts, PatternDraft, Proposal, Tier } from "./core/fixes.ts";
import type { Json } from "./core/ports.ts";

/** From this score a pattern is used before the rules are asked. */
const USE_CONFIDENCE = 0.7;

/** A stored pattern, as far as a proposal needs it. */
export interface LearnedPattern {
  id: string;
  pattern_name: string;
  error_signature: string;
  fix_strategy: ActionDraft;
  /** 0..1. */
  confidence_score: number;
  auto_fixable: boolean;
}

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

/** What the known patterns propose, the best first; none below the score at which a pattern is worth asking. */
export function proposeFromPatterns(
  patterns: readonly LearnedPattern[],
  facts: ErrorFacts,
): Proposal[] {
  return [...patterns]
    .filter((pattern) => pattern.confidence_score >= USE_CONFIDENCE)
    .sort((a, b) => b.confidence_score - a.confidence_score || a.id.localeCompare(b.id))
    .map((pattern) => ({
      action: fill(pattern.fix_strategy, facts.slots),
      tier: "learned" as const,
      confidence: pattern.confidence_score,
      reason: `pattern "${pattern.pattern_name}" knows this error`,
      patternId: pattern.id,
    }));
}

function generalise(
  action: ActionDraft,
  slots: readonly string[],
): ActionDraft {
  return mapParameters(action, (value) => {
    const position = typeof value === "string" ? slots.indexOf(value) : -1;
    return position < 0 ? value : `$${position + 1}`;
  });
}

function fill(strategy: ActionDraft, slots: readonly string[]): ActionDraft {
  return mapParameters(
    strategy,
    (value) => isSlot(value) ? slots[Number(value.slice(1)) - 1] ?? value : value,
  );
}

function isSlot(value: Json): value is string {
  return typeof value === "string" && /^\$[1-9]\d?$/.test(value);
}

function mapParameters(
  action: ActionDraft,
  change: (value: Json) => Json,
): ActionDraft {
  const entries = Object.entries(action).map((
    [key, value],
  ) => [key, key === "kind" ? value : change(value)]);
  return Object.fromEntries(entries) as ActionDraft;
}

function target(action: ActionDraft): string {
  return Object.values(action).filter((value) => typeof value === "string")
    .join(" ");
}
