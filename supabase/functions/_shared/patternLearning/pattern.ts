/** Which of the stored patterns count, and what their strategies become for one error. @module */

import type { ActionDraft } from "../core/fixes.ts";
import type { Json } from "../core/ports.ts";
import { keyOfAction } from "../fixActions.ts";

/** From this score a pattern is used before the rules are asked. */
export const USE_CONFIDENCE = 0.7;
/** What a person's word for a pattern counts: as much as a rule. */
const VOUCHED_CONFIDENCE = 0.9;
/** Down to this score, at which a pattern starts, it is listed when nothing else is known. */
export const LIST_CONFIDENCE = 0.5;

/** A stored pattern, as far as a proposal needs it. */
export interface LearnedPattern {
  id: string;
  pattern_name: string;
  error_signature: string;
  fix_strategy: ActionDraft;
  /** 0..1. */
  confidence_score: number;
  auto_fixable: boolean;
  category?: string;
  /** Empty, or absent, for a pattern that all projects share. */
  project_id?: string;
  success_count?: number;
  failure_count?: number;
  /** Discounted. */
  weighted_successes?: number;
  weighted_failures?: number;
  trust_decision?: "promoted" | "demoted" | null;
}

/** The patterns that count: where a project has an own one that can decide, it stands for the shared one. */
export function speaking<Pattern extends LearnedPattern>(patterns: readonly Pattern[]): Pattern[] {
  const byKnowledge = Map.groupBy(
    patterns,
    ({ error_signature, fix_strategy }) => JSON.stringify([error_signature, keyOfAction(fix_strategy)]),
  );
  return [...byKnowledge.values()].flatMap((twins) => {
    const shared = twins.filter(isShared);
    const own = twins.filter((pattern) => !isShared(pattern));
    return shared.length === 0 || own.some(canDecide) ? own : shared;
  });
}

/** How sure a pattern is: its score, or a person's word where that holds. */
export function confidenceOf(pattern: LearnedPattern): number {
  const vouched = pattern.trust_decision === "promoted" && pattern.auto_fixable;
  return vouched ? Math.max(pattern.confidence_score, VOUCHED_CONFIDENCE) : pattern.confidence_score;
}

/** The strategy with the identifiers of this error in its slots; a slot that the error does not have stays. */
export function fillSlots(strategy: ActionDraft, slots: readonly string[]): ActionDraft {
  return mapParameters(
    strategy,
    (value) => isSlot(value) ? slots[Number(value.slice(1)) - 1] ?? value : value,
  );
}

/** True for `$1` to `$99`. */
export function isSlot(value: Json): value is string {
  return typeof value === "string" && /^\$[1-9]\d?$/.test(value);
}

/** The action with every parameter but its kind changed. */
export function mapParameters(action: ActionDraft, change: (value: Json) => Json): ActionDraft {
  const entries = Object.entries(action).map(([key, value]) => [key, key === "kind" ? value : change(value)]);
  return Object.fromEntries(entries) as ActionDraft;
}

function isShared({ project_id }: LearnedPattern): boolean {
  return project_id === undefined || project_id === "";
}

/** As the database says it: from the first failure, the sixth success or a person's decision on. */
function canDecide({ success_count = 0, failure_count = 0, trust_decision = null }: LearnedPattern): boolean {
  return failure_count > 0 || success_count >= 6 || trust_decision !== null;
}
