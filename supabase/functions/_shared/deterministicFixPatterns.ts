/**
 * Failures that are known from their own words, each with the fix for it: one rule a file, each with a stable key.
 *
 * There are rules for errors, which only propose: preconditions, the rolled-back dry run and the decision come after
 * them. And there are rules for rows that do not fit their table, which `healPayload` applies: first equal names, then
 * names that differ in nothing that matters, then the words of one kind of table, each behind vetoes and a look at the
 * value, one key to one column. What is not clearly right stays unmapped and is named; a false mapping is worse than a
 * failure. A value that a query filters by is never healed: it decides which rows are read or changed.
 *
 * @example
 * ```ts
 * import { healPayload } from "./deterministicFixPatterns.ts";
 *
 * const text = { type: "text", nullable: false, default: null };
 * const messages = { table: "messages", columns: [{ name: "role", ...text }, { name: "content", ...text }] };
 * const healed = healPayload(messages, { sender: "user", message: "Hello", mood: "good" });
 * console.assert(healed.decision === "partial" && healed.row.role === "user" && healed.row.content === "Hello");
 * console.assert(healed.unmapped.join() === "mood");
 * ```
 *
 * @module
 */

import type { ErrorFacts, Proposal } from "./core/fixes.ts";
import { brokenSignup } from "./deterministicFixPatterns/brokenSignup.ts";
import { castingPolicy } from "./deterministicFixPatterns/castingPolicy.ts";
import { LOST_GRANTS } from "./deterministicFixPatterns/lostGrant.ts";
import { missingConflictTarget } from "./deterministicFixPatterns/missingConflictTarget.ts";
import { missingBucket } from "./deterministicFixPatterns/missingBucket.ts";
import {
  missingExtensionFunction,
  PROVIDED_FUNCTIONS,
} from "./deterministicFixPatterns/missingExtensionFunction.ts";
import { missingExtensionType, PROVIDED_TYPES } from "./deterministicFixPatterns/missingExtensionType.ts";
import { MIGRATION_FAILURES } from "./deterministicFixPatterns/migrationFailures.ts";
import { missingSchema } from "./deterministicFixPatterns/missingSchema.ts";
import { pooledStatement } from "./deterministicFixPatterns/pooledStatement.ts";
import { recursivePolicy } from "./deterministicFixPatterns/recursivePolicy.ts";
import type { DeterministicRule } from "./deterministicFixPatterns/rule.ts";
import { shortSearchPath } from "./deterministicFixPatterns/shortSearchPath.ts";
import { slowPolicy } from "./deterministicFixPatterns/slowPolicy.ts";
import { staleSchemaCache } from "./deterministicFixPatterns/staleSchemaCache.ts";
import { sequenceBehind } from "./deterministicFixPatterns/sequenceBehind.ts";
import { sandboxCell } from "./deterministicFixPatterns/sandboxCell.ts";
import { stuckBreaker } from "./deterministicFixPatterns/stuckBreaker.ts";
import { transientFailure } from "./deterministicFixPatterns/transientFailure.ts";

export {
  CONFIRMATIONS_NEEDED,
  healPayload,
  mappingSignature,
} from "./deterministicFixPatterns/healPayload.ts";
export type {
  AppliedMapping,
  ConfirmedMapping,
  HealedPayload,
  HealingProblem,
  HealOptions,
  MappingOption,
} from "./deterministicFixPatterns/healPayload.ts";
export type { ColumnFacts, TableFacts } from "./core/columns.ts";
export { PAYLOAD_RULES, type PayloadRule } from "./deterministicFixPatterns/payload/catalogue.ts";
export {
  confidenceWithEvidence,
  PRIOR_WEIGHT,
  type StoredEvidence,
} from "./deterministicFixPatterns/payload/confidence.ts";
export type { DeterministicRule } from "./deterministicFixPatterns/rule.ts";

/** The names of functions and types that extensions are known to provide. */
export const PROVIDED_NAMES: readonly string[] = [...PROVIDED_FUNCTIONS, ...PROVIDED_TYPES];

/** All rules for errors, the most specific first. */
export const DETERMINISTIC_RULES: readonly DeterministicRule[] = [
  ...MIGRATION_FAILURES,
  missingExtensionFunction,
  missingExtensionType,
  missingSchema,
  recursivePolicy,
  slowPolicy,
  castingPolicy,
  ...LOST_GRANTS,
  missingBucket,
  missingConflictTarget,
  staleSchemaCache,
  shortSearchPath,
  brokenSignup,
  pooledStatement,
  sequenceBehind,
  sandboxCell,
  stuckBreaker,
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

/** Why nobody mends a known failure and who can do what, one sentence; null for what is not known. Loaded when it is asked for. */
export async function refusalOf(facts: ErrorFacts): Promise<string | null> {
  return (await import("./deterministicFixPatterns/refusals.ts")).refusalOf(facts);
}

/** Below the score at which a fix is applied: words alone may be anybody's, and a person decides about them. */
const CONFIDENCE_WITHOUT_CODE = 0.65;

function confidenceOf(rule: DeterministicRule, facts: ErrorFacts): number {
  return facts.code === "" ? Math.min(rule.confidence, CONFIDENCE_WITHOUT_CODE) : rule.confidence;
}
