/** The form of a strategy, what it may use, and what it may answer. @module */

import type { Clock } from "../core/clock.ts";
import type { Random } from "../core/random.ts";
import type { Failure } from "./failure.ts";
import type { Repeats } from "./repeats.ts";

/** The documented strategies. */
export type HealingStrategyName =
  | "RETRY_WITH_BACKOFF"
  | "FALLBACK_TO_CACHE"
  | "SWITCH_API_ENDPOINT"
  | "CLEAR_CACHE_AND_RETRY"
  | "RESET_CONNECTION"
  | "USE_DEFAULT_VALUE"
  | "SKIP_OPERATION"
  | "QUEUE_FOR_LATER"
  | "ROLLBACK_TRANSACTION"
  | "RATE_LIMIT_BACKOFF";

/** What a call changes: nothing; something, once for each idempotency key; something, each time that it is made. */
export type CallEffect = "read" | "keyedWrite" | "write";

/** A call that can stand in for the failed one. */
export type AlternativeCall<Result> = (signal: AbortSignal, error: unknown) => Promise<Result> | Result;

/** Another place that answers the same call. */
export interface Endpoint<Result> {
  name: string;
  call: (signal: AbortSignal) => Promise<Result> | Result;
}

/** Answers of earlier calls. */
export interface AnswerCache<Result> {
  /** The last good answer with its age in milliseconds; undefined when there is none. */
  read: (
    signal: AbortSignal,
  ) => Promise<CachedAnswer<Result> | undefined> | CachedAnswer<Result> | undefined;
  /** Throws away what may be stale. */
  clear?: (signal: AbortSignal) => Promise<unknown> | unknown;
  /** The oldest answer that may stand in, in milliseconds; a day. */
  maxAgeMs?: number;
}

/** An answer of an earlier call. */
export interface CachedAnswer<Result> {
  value: Result;
  ageMs: number;
}

/** What is told to a queue. */
export interface QueuedCall {
  operation: string;
  /** How long the other side asks to be left alone, in milliseconds, at most an hour; 0 when it did not ask. */
  notBeforeMs: number;
}

/** What an author may supply; a strategy whose need is missing does not apply, and says so. */
export interface HealingMeans<Result> {
  cache?: AnswerCache<Result>;
  /** Other places for the same call, the best first; each is called at most once. */
  endpoints?: readonly Endpoint<Result>[];
  connection?: { reset: (signal: AbortSignal) => Promise<unknown> | unknown };
  transaction?: { rollback: (signal: AbortSignal) => Promise<unknown> | unknown };
  /** Keeps the call to be made again under its key; null when it does not keep it. */
  queue?: {
    enqueue: (call: QueuedCall, signal: AbortSignal) => Promise<{ id?: string } | null>;
  };
  /** Makes the value that stands in when nothing else helps. */
  defaultValue?: () => Result;
  /** `false` declares that the operation may be left out. */
  isCritical?: boolean;
  /** Asks for another text when the one that came cannot be read. */
  regenerate?: AlternativeCall<Result>;
  /** Does the work in smaller parts when it takes too long or is too large. */
  splitIntoChunks?: AlternativeCall<Result>;
}

/** A call that failed, with everything that may be done about it. */
export interface HealableOperation<Result> extends HealingMeans<Result> {
  /** Its target's name: calls with one name share a budget of retries. */
  name: string;
  /** `write` unless another is declared: a write without a key is never made again. */
  effect?: CallEffect;
  /** Makes the call again. */
  run: (signal: AbortSignal) => Promise<Result> | Result;
  /** Requests that one call makes by itself, as some clients do; read from the error when left out. */
  requestsPerAttempt?: number;
}

/** What stands in for a real answer. */
export type StandIn = { kind: "cached"; ageMs: number } | { kind: "default" };

/** What a strategy came to; an error of the call is thrown. */
export type Applied<Result> =
  | { kind: "value"; value: Result; how: string }
  | { kind: "standIn"; value: Result; standIn: StandIn }
  | { kind: "queued"; id: string | undefined }
  | { kind: "skipped" }
  /** Nothing is left half done, and there is no answer. */
  | { kind: "contained"; reason: string }
  /** It could not be tried. */
  | { kind: "refused"; reason: string };

/** What a strategy judges and works with. */
export interface Situation<Result> {
  readonly operation: HealableOperation<Result>;
  readonly effect: CallEffect;
  /** The latest failure. */
  readonly failure: Failure;
  readonly repeats: Repeats<Result>;
  readonly clock: Clock;
  readonly random: Random;
  /** What is left for strategies that make calls, in milliseconds. */
  readonly remainingMs: number;
}

/** One strategy; it keeps nothing between calls. */
export interface HealingStrategy {
  readonly name: HealingStrategyName;
  /** The kind of fix under which its outcomes are remembered. */
  readonly fixKind: string;
  /** What it gives: order before an answer, an answer, the promise of one, something else in its place. */
  readonly gives: "order" | "answer" | "promise" | "standIn";
  /** Why it does not apply; undefined when it does. */
  refusal(situation: Situation<unknown>): string | undefined;
  /** Tries it once; rejects with the error of the call. */
  apply<Result>(situation: Situation<Result>, signal: AbortSignal): Promise<Applied<Result>>;
}
