/** What the documents say helps against which class of failure, before anything has been learned. @module */

import type { ErrorType } from "../errorClassifier.ts";
import type { Failure } from "./failure.ts";
import type { HealableOperation, HealingStrategyName } from "./strategy.ts";

/** What the documents make of a failure. */
export type HealingAdvice =
  /** It passes: wait and try again. */
  | "backOff"
  /** The text cannot be read: mend it, or ask for another. */
  | "regenerate"
  /** It takes too long or is too large: do it in parts. */
  | "splitIntoChunks"
  /** The other side limits the rate: queue it and wait. */
  | "queueAndDelay"
  /** Nobody knows it: have it analysed. */
  | "analyse"
  /** None of these: a person, or the engine, has to mend its cause. */
  | "escalate";

/** The classes that the catalogue tells apart. */
export type RemedyClass =
  | "rateLimit"
  | "overload"
  | "timeout"
  | "size"
  | "syntax"
  | "connection"
  | "staleCache"
  | "transaction"
  | "endpoint"
  | "passing"
  | "unknown"
  | "lasting";

const CLASS_OF_TYPE: Readonly<Record<string, RemedyClass>> = {
  ...types("rateLimit", "rate_limited"),
  ...types("overload", "provider_overloaded connection_capacity"),
  ...types("timeout", "timeout"),
  ...types("size", "request_too_large context_length worker_limit"),
  ...types("syntax", "json_invalid json_truncated schema_mismatch source_syntax_error syntax_error"),
  ...types(
    "connection",
    "connection_failed connection_reset server_unavailable idle_timeout read_only network",
  ),
  ...types("staleCache", "schema_cache_stale schema_cache_unavailable stale_plan prepared_statement"),
  ...types("staleCache", "missing_column missing_relation missing_function missing_relationship"),
  ...types(
    "transaction",
    "transaction_aborted invalid_transaction_state serialization deadlock lock_timeout",
  ),
  ...types("endpoint", "provider_error service_unavailable server_error relay_error quota_exhausted"),
  ...types("endpoint", "model_not_found dns_failure network_unreachable"),
  ...types("unknown", "unknown"),
};

/** The share of cases in which a strategy is expected to help, by class; one that is missing is no remedy. */
const EXPECTED: Readonly<Record<RemedyClass, Readonly<Partial<Record<HealingStrategyName, number>>>>> = {
  rateLimit: { RATE_LIMIT_BACKOFF: 0.8 },
  overload: { RATE_LIMIT_BACKOFF: 0.6, SWITCH_API_ENDPOINT: 0.6 },
  timeout: { RETRY_WITH_BACKOFF: 0.5, SWITCH_API_ENDPOINT: 0.5, RESET_CONNECTION: 0.3 },
  size: { RETRY_WITH_BACKOFF: 0.6, SWITCH_API_ENDPOINT: 0.2 },
  syntax: { RETRY_WITH_BACKOFF: 0.6, CLEAR_CACHE_AND_RETRY: 0.3, SWITCH_API_ENDPOINT: 0.4 },
  connection: { RESET_CONNECTION: 0.8, RETRY_WITH_BACKOFF: 0.6, SWITCH_API_ENDPOINT: 0.5 },
  staleCache: { CLEAR_CACHE_AND_RETRY: 0.8, RESET_CONNECTION: 0.5, RETRY_WITH_BACKOFF: 0.4 },
  transaction: { RETRY_WITH_BACKOFF: 0.8 },
  endpoint: { RETRY_WITH_BACKOFF: 0.6, SWITCH_API_ENDPOINT: 0.6 },
  passing: { RETRY_WITH_BACKOFF: 0.7, SWITCH_API_ENDPOINT: 0.4 },
  unknown: {},
  lasting: {},
};

const ADVICE: Readonly<Record<RemedyClass, HealingAdvice>> = {
  rateLimit: "queueAndDelay",
  overload: "backOff",
  timeout: "splitIntoChunks",
  size: "splitIntoChunks",
  syntax: "regenerate",
  connection: "backOff",
  staleCache: "escalate",
  transaction: "backOff",
  endpoint: "backOff",
  passing: "backOff",
  unknown: "analyse",
  lasting: "escalate",
};

/** The class of a failure. */
export function remedyClassOf({ errorType, transient, lasting }: Failure): RemedyClass {
  // Another model of another provider may still answer where one's quota is used up; a refusal stands.
  if (lasting !== undefined && lasting !== "quota_exhausted") return "lasting";
  return CLASS_OF_TYPE[lasting ?? errorType] ?? (transient ? "passing" : "lasting");
}

/** What the documents make of it. */
export function adviceFor(failure: Failure): HealingAdvice {
  const advice = ADVICE[remedyClassOf(failure)];
  return advice === "backOff" && !failure.transient ? "escalate" : advice;
}

/** How often a strategy is expected to help against this failure, 0..1; undefined when it is no remedy for it. */
export function expectationOf(failure: Failure, name: HealingStrategyName): number | undefined {
  return EXPECTED[remedyClassOf(failure)][name];
}

/** The author's other call for this failure, where the documents ask for one. */
export function alteredCallFor<Result>(
  failure: Failure,
  { regenerate, splitIntoChunks }: HealableOperation<Result>,
): HealableOperation<Result>["regenerate"] {
  const advice = adviceFor(failure);
  return advice === "regenerate" ? regenerate : advice === "splitIntoChunks" ? splitIntoChunks : undefined;
}

function types(remedyClass: RemedyClass, list: string): Record<string, RemedyClass> {
  return Object.fromEntries(
    (list.split(" ") as ErrorType[]).map((errorType) => [errorType, remedyClass]),
  );
}
