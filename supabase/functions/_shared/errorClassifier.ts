/**
 * Says what an error is: its class, how bad it is, whether trying again can help, and what it is about.
 *
 * Rules are data: one table per source, tried in a fixed order, each rule with a stable key that the verdict names as
 * evidence. A code decides before a text, the most specific text before a status. Permanent errors whose status looks
 * transient (quota and size behind 429, a failing trigger behind 500, a schema mismatch behind 503) come before the
 * status rules, and where two classes are possible the more cautious one is given: not transient, not retryable.
 * Code and message are not enough to choose a fix; that takes the catalogue, the role and the table.
 *
 * @example
 * ```ts
 * import { classifyError } from "./errorClassifier.ts";
 *
 * const verdict = classifyError({ code: "42883", message: "function uuid_generate_v4() does not exist" });
 * verdict.errorType; // "missing_function"
 * verdict.subject; // { function: "uuid_generate_v4", arguments: "" }
 * verdict.transient; // false
 * ```
 *
 * @module
 */

import type { ErrorCategory, ErrorScope, ErrorSeverity } from "./core/sqlState.ts";
import { ERROR_TYPES, type ErrorType, factsOf } from "./errorClassifier/errorTypes.ts";
import { type ErrorSubject, judge, type Judgement } from "./errorClassifier/judge.ts";
import { readSignals } from "./errorClassifier/signals.ts";
import { isRecord } from "./core/unknownValues.ts";

export { ERROR_TYPES };
export type { ErrorCategory, ErrorScope, ErrorSeverity, ErrorSubject, ErrorType };

/** What is known of an error; a `SanitizedError` fits. The more fields, the surer the verdict. */
export interface ClassifierInput {
  /** Its class, such as `PostgrestError` or `RateLimitError`. */
  name?: string | undefined;
  message?: string | undefined;
  /** SQLSTATE, PGRST code, network code, provider's code. */
  code?: string | number | undefined;
  sqlState?: string | undefined;
  /** HTTP status. */
  status?: number | undefined;
  hint?: string | undefined;
  details?: unknown;
  /** The answer's body, as text or parsed. */
  body?: unknown;
  /** The header `sb-error-code` of the platform's gateway. */
  edgeErrorCode?: string | undefined;
  /** Who answered, where the caller knows: `openai`, `storage`, `auth`, `postgrest`, `edge`, `http` … */
  source?: string | undefined;
  cause?: ClassifierInput | undefined;
}

/** The verdict on an error. */
export interface Classification {
  /** A snake_case class, such as `missing_function`; the whole list is {@link ErrorType}. */
  errorType: ErrorType;
  category: ErrorCategory;
  severity: ErrorSeverity;
  /** The same call may succeed later without any change. */
  transient: boolean;
  /** A read or an idempotent call may be made again unchanged; says nothing about a write without a key. */
  retryable: boolean;
  /** What must change before the call can succeed. */
  scope: ErrorScope;
  /** The identifiers found in the message; text of the outside, never to be put into SQL as it is. */
  subject?: ErrorSubject;
  /** What led to the verdict: the rule's key first. */
  evidence: string[];
}

/** Classifies an error; never throws, and says `unknown` rather than guess. */
export function classifyError(error: ClassifierInput): Classification {
  const signals = readSignals(error);
  const judgement = judgedBefore(error) ?? judge(signals);
  const facts = factsOf(judgement.errorType);
  return {
    errorType: judgement.errorType,
    category: judgement.category ?? facts.category,
    severity: facts.severity,
    transient: judgement.transient ?? facts.transient,
    retryable: judgement.retryable ?? judgement.transient ?? facts.retryable,
    scope: judgement.scope ?? facts.scope,
    ...(judgement.subject === undefined ? {} : { subject: judgement.subject }),
    evidence: evidenceOf(judgement, signals),
  };
}

/** What wraps a failure in this library has looked at the failure itself, which its own words do not repeat. */
const WRAPPERS: ReadonlySet<unknown> = new Set(["AiFailure", "HealingError"]);

function judgedBefore({ name, details }: ClassifierInput): Judgement | undefined {
  const errorType = WRAPPERS.has(name) && isRecord(details) ? details.errorType : undefined;
  const known = ERROR_TYPES.find((one) => one === errorType);
  return known === undefined ? undefined : { key: "own.judged", errorType: known };
}

function evidenceOf(judgement: Judgement, signals: ReturnType<typeof readSignals>): string[] {
  const { sqlState, pgrstCode, status, codes } = signals;
  return [
    `rule ${judgement.key}`,
    ...(sqlState === undefined ? [] : [`SQLSTATE ${sqlState}`]),
    ...(pgrstCode === undefined ? [] : [pgrstCode]),
    ...(status === undefined ? [] : [`HTTP ${status}`]),
    ...codes.filter((code) => code !== sqlState && code !== pgrstCode).slice(0, 3).map((code) =>
      `code ${code}`
    ),
    ...(judgement.note === undefined ? [] : [judgement.note]),
  ];
}
