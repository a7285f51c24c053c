/**
 * Failures that are known from their own words, each with the fix for it: one rule a file, each with a stable key.
 *
 * Rules only propose. Preconditions, the rolled-back dry run and the decision come after them.
 *
 * @module
 */

import type { ErrorFacts, Proposal } from "./core/fixes.ts";
import { MIGRATION_FAILURES } from "./deterministicFixPatterns/migrationFailures.ts";
import { missingExtensionFunction } from "./deterministicFixPatterns/missingExtensionFunction.ts";
import { missingExtensionType } from "./deterministicFixPatterns/missingExtensionType.ts";
import { missingSchema } from "./deterministicFixPatterns/missingSchema.ts";
import type { DeterministicRule } from "./deterministicFixPatterns/rule.ts";
import { sequenceBehind } from "./deterministicFixPatterns/sequenceBehind.ts";
import { transientFailure } from "./deterministicFixPatterns/transientFailure.ts";

export { healPayload } from "./deterministicFixPatterns/healPayload.ts";
export type {
  AppliedMapping,
  ColumnFacts,
  HealedPayload,
  TableFacts,
} from "./deterministicFixPatterns/healPayload.ts";
export type { DeterministicRule } from "./deterministicFixPatterns/rule.ts";

/** All rules for errors, the most specific first. */
export const DETERMINISTIC_RULES: readonly DeterministicRule[] = [
  ...MIGRATION_FAILURES,
  missingExtensionFunction,
  missingExtensionType,
  missingSchema,
  sequenceBehind,
  transientFailure,
];

/** What the rules propose for an error, in their order. */
export function proposeFromRules(facts: ErrorFacts): Proposal[] {
  return DETERMINISTIC_RULES.flatMap((rule) => {
    const action = rule.propose(facts);
    return action === null ? [] : [{
      action,
      tier: "deterministic" as const,
      confidence: confidenceOf(rule, facts),
      reason: `${rule.key}: ${rule.because}`,
    }];
  });
}

/** Below the score at which a fix is applied: words alone may be anybody's, and a person decides about them. */
const CONFIDENCE_WITHOUT_CODE = 0.65;

function confidenceOf(rule: DeterministicRule, facts: ErrorFacts): number {
  return facts.code === "" ? Math.min(rule.confidence, CONFIDENCE_WITHOUT_CODE) : rule.confidence;
}
