/** The form of a classification rule and how one is tried. @module */

import type { ErrorCategory, ErrorScope } from "../core/sqlState.ts";
import type { ErrorType } from "./errorTypes.ts";
import { mayMatch, type Needs, needsOf } from "./landmarks.ts";
import type { Signals } from "./signals.ts";

/** One rule; all conditions that it names must hold. */
export interface ClassifierRule {
  /** Stable; appears as evidence and in tests. */
  key: string;
  errorType: ErrorType;
  /** Any of these SQLSTATEs. */
  sqlStates?: readonly string[];
  /** Any of these codes, names of errors in bodies, or types of providers. */
  codes?: readonly string[];
  /** Any of these HTTP statuses. */
  statuses?: readonly number[];
  /** Any of these classes of errors. */
  names?: readonly string[];
  /** Bounded and without nested repetition; its named groups become the subject. */
  pattern?: RegExp;
  /** A condition that the fields above cannot say. */
  when?: (signals: Signals) => boolean;
  /** Where the type's own facts do not fit this source. */
  category?: ErrorCategory;
  scope?: ErrorScope;
  transient?: boolean;
  retryable?: boolean;
  /** Advice for whoever chooses the fix. */
  note?: string;
}

/** The match of a rule: its named groups, empty when it has no pattern; undefined when it does not fit. */
export function tryRule(
  rule: ClassifierRule,
  signals: Signals,
): Record<string, string | undefined> | undefined {
  if (rule.sqlStates !== undefined && !rule.sqlStates.includes(signals.sqlState ?? "")) return undefined;
  if (rule.codes !== undefined && !hasOneOf(signals.codes, rule.codes)) return undefined;
  if (rule.statuses !== undefined && !rule.statuses.includes(signals.status ?? 0)) return undefined;
  if (rule.names !== undefined && !rule.names.includes(signals.name)) return undefined;
  if (rule.when !== undefined && !rule.when(signals)) return undefined;
  return rule.pattern === undefined ? {} : groupsIn(rule.pattern, signals);
}

function hasOneOf(codes: readonly string[], wanted: readonly string[]): boolean {
  return codes.length > 0 && wanted.some((code) => codes.includes(code));
}

const needsByPattern = new Map<RegExp, Needs>();

/** The named groups of the first match, empty when the pattern has none; undefined when nothing matches. */
export function groupsIn(
  pattern: RegExp,
  { text, landmarks }: Signals,
): Record<string, string | undefined> | undefined {
  let needs = needsByPattern.get(pattern);
  if (needs === undefined) needsByPattern.set(pattern, needs = needsOf(pattern));
  if (!mayMatch(needs, landmarks)) return undefined;
  const match = pattern.exec(text);
  return match === null ? undefined : match.groups ?? {};
}
