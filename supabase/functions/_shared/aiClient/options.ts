/** What a client can be told, and its defaults. @module */

import type { BreakerStore } from "../circuitBreaker.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { createLogger, type Logger } from "../core/logger.ts";
import { optionCheck } from "../core/options.ts";
import type { RpcPort } from "../core/ports.ts";
import { type Random, systemRandom } from "../core/random.ts";
import { type AiSettings, readAiSettings } from "../core/settings.ts";
import type { JsonParsePort, TextSanitiser } from "../robustJsonParser.ts";

const require = optionCheck("create AiClient");

/** How a client reaches its models, and where it keeps budget and record. */
export interface AiClientOptions {
  /** The models to call; by default what the environment names. */
  settings?: AiSettings;
  /** The database: budget, record, cache and shared breakers. Without it the client keeps a small budget by itself. */
  db?: RpcPort;
  /** Where the breakers meet those of other isolates; by default in the database. */
  breakers?: BreakerStore;
  /** The edge function that it works for, as the report of costs names it. */
  functionName?: string;
  /** Requests to one target in one call, the first included; 3. Retries stay below a fifth of all calls to it. */
  maxAttempts?: number;
  /** Time for one request, in milliseconds; 60,000. The second one gets twice as much. */
  attemptTimeoutMs?: number;
  /** What the worker has left, in milliseconds; `wallClock()` of `timeout.ts` makes one. */
  remainingMs?: () => number;
  /** The longest reply that is read, in bytes; 4,000,000. */
  maxReplyBytes?: number;
  /** What this isolate may use in a day (UTC) while there is no database; 200,000 tokens and 1 US dollar. */
  isolateBudget?: { tokens: number; usd: number };
  /** Told of replies that are no JSON and of those that were mended; `jsonReporter` makes one. */
  jsonReports?: JsonParsePort & { sanitise?: TextSanitiser };
  logger?: Logger;
  clock?: Clock;
  random?: Random;
}

/** Options with their defaults. */
export type ClientOptions = ReturnType<typeof readOptions>;

/** The options of a client; throws a `RangeError` that names the option, what it must be, and what it is. */
export function readOptions(options: AiClientOptions) {
  const { maxAttempts = 3, attemptTimeoutMs = 60_000, maxReplyBytes = 4_000_000 } = options;
  const isolateBudget = options.isolateBudget ?? { tokens: 200_000, usd: 1 };
  const isWhole = Number.isInteger(maxAttempts) && maxAttempts >= 1 && maxAttempts <= 10;
  require("maxAttempts", maxAttempts, isWhole, "a whole number from 1 to 10");
  require(
    "attemptTimeoutMs",
    attemptTimeoutMs,
    attemptTimeoutMs > 0 && attemptTimeoutMs <= 600_000,
    "> 0 and <= 600,000",
  );
  require("maxReplyBytes", maxReplyBytes, maxReplyBytes >= 1, ">= 1");
  const { tokens, usd } = isolateBudget;
  require("isolateBudget.tokens", tokens, Number.isInteger(tokens) && tokens >= 0, "a whole number >= 0");
  require("isolateBudget.usd", usd, usd >= 0 && usd <= 1e6, "0 to 1,000,000");
  return {
    settings: options.settings ?? readAiSettings(),
    db: options.db,
    breakers: options.breakers,
    functionName: options.functionName ?? "",
    maxAttempts,
    attemptTimeoutMs,
    remainingMs: options.remainingMs,
    maxReplyBytes,
    isolateBudget,
    jsonReports: options.jsonReports ?? {},
    logger: options.logger ?? createLogger("aiClient"),
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
  };
}
