/** How a function is wrapped. @module */

import { optionCheck } from "../core/options.ts";
import type { Random } from "../core/random.ts";
import type { PlatformSettings } from "../core/settings.ts";
import type { CallEffect, HealingMeans, HealingOutcome } from "../healingStrategies.ts";
import type { RequestMonitor } from "../requestObserver.ts";
import type { ReporterSource } from "./reporting.ts";

const require = optionCheck("wrap a function");

/** What handlers and other functions have in common. */
export interface CommonHealingOptions {
  /** Name under which its errors are grouped, and its retries share a budget. */
  functionName: string;
  /** Calls in all for a failure that passes by itself; 3. */
  maxAttempts?: number;
  /** Milliseconds since the call began after which no further attempt begins: the caller waits; 5,000. */
  retryWithinMs?: number;
  /** Requests that one call makes by itself, as some clients do; they count as attempts. Read from the error. */
  requestsPerAttempt?: number;
  /** Told what came of healing a failure; what it throws is swallowed. */
  onOutcome?: (outcome: HealingOutcome<unknown>) => void;
  projectId?: string;
  reporter?: ReporterSource;
  /** Spreads the pauses. */
  random?: Random;
}

/** How a request handler is wrapped. */
export interface SelfHealingOptions<Rest extends unknown[] = unknown[]> extends CommonHealingOptions {
  /**
   * `true` queues a failed request for replay when its fault is mended, if it carries an `idempotency-key` header
   * and no person's token. The function has to honour that key.
   */
  replay?: boolean;
  settings?: PlatformSettings;
  /** Told of each request, its duration and its outcome; the isolate's own when left out. */
  monitor?: RequestMonitor;
  /**
   * What may be used when it fails, asked for only then. Requests that may be repeated are `GET` and `HEAD`, and
   * others when they carry an `idempotency-key` header.
   */
  means?: (request: Request, ...rest: Rest) => HealingMeans<Response>;
}

/** Only a function that may return `undefined` can be left out. */
export type FunctionMeans<Result> =
  & HealingMeans<Result>
  & (undefined extends Result ? unknown : { isCritical?: true });

/** How any other function is wrapped. */
export interface FunctionHealingOptions<Args extends unknown[], Result> extends CommonHealingOptions {
  /** What a call changes; `write`, which is never made again. */
  effect?: CallEffect;
  /** What may be used when it fails, asked for only then. */
  means?: (...args: Args) => FunctionMeans<Result>;
  /** `false` keeps the arguments of failed calls out of what is stored; otherwise they are stored sanitised. */
  keepsArguments?: boolean;
  /** `function` for a function that takes a `Request` first and is no handler. */
  as?: "function";
}

/** Throws a `RangeError` for limits that make no sense: not when the first call fails, which may be months later. */
export function checkOptions(
  { functionName, maxAttempts = 1, requestsPerAttempt = 1, retryWithinMs = 0 }: CommonHealingOptions,
): void {
  require("functionName", `"${functionName}"`, functionName !== "", "a name");
  for (const [key, value] of Object.entries({ maxAttempts, requestsPerAttempt })) {
    require(key, value, Number.isInteger(value) && value >= 1, "a whole number >= 1");
  }
  require(
    "retryWithinMs",
    retryWithinMs,
    Number.isFinite(retryWithinMs) && retryWithinMs >= 0,
    "a number >= 0",
  );
}
