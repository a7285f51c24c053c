/** How a transaction is run. @module */

import type { CallerIdentity } from "../callerToken.ts";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import { optionCheck } from "../core/options.ts";
import type { Random } from "../core/random.ts";
import type { PlatformSettings } from "../core/settings.ts";

const check = optionCheck("begin a transaction");

/** How much of other transactions' work a transaction may see. */
export type Isolation = "read committed" | "repeatable read" | "serializable";

/** How a transaction is run. */
export interface TransactionOptions {
  /** Whose rights count: the sender of this request. Without it the transaction runs as `anon`. */
  request?: Request;
  /** An identity that has been checked already; `request` is then not read. */
  caller?: CallerIdentity;
  /** `service_role` leaves row level security aside; it is never taken from a token without being named here. */
  role?: "service_role";
  /** What it is called in its audit row; `transaction`. */
  name?: string;
  functionName?: string;
  requestId?: string;
  /** Longest time for all of it, repetitions included, in milliseconds; 30,000, which is also the most. */
  limitMs?: number;
  /** Longest wait for a lock, in milliseconds; 5,000. */
  lockTimeoutMs?: number;
  /** `read committed`. */
  isolation?: Isolation;
  /** Attempts in all when the server ends it for a conflict with another one (40001, 40P01); 3. */
  maxAttempts?: number;
  /** `false` writes no audit row. */
  audit?: boolean;
  /** The caller's own signal: its abort takes the transaction back. */
  signal?: AbortSignal;
  settings?: PlatformSettings;
  logger?: Logger;
  clock?: Clock;
  random?: Random;
}

const LONGEST_MS = 30_000;
const ISOLATIONS: readonly string[] = ["read committed", "repeatable read", "serializable"];

/** Options that have been checked, with their defaults. */
export type TransactionSettings = ReturnType<typeof readOptions>;

/** Throws a `RangeError` that names the option, what it must be, and what it is. */
export function readOptions(options: TransactionOptions) {
  const { limitMs = LONGEST_MS, lockTimeoutMs = 5_000, isolation = "read committed", maxAttempts = 3 } =
    options;
  check("limitMs", limitMs, limitMs > 0 && limitMs <= LONGEST_MS, `> 0 and <= ${LONGEST_MS}`);
  check("lockTimeoutMs", lockTimeoutMs, lockTimeoutMs > 0, "> 0");
  check("isolation", isolation, ISOLATIONS.includes(isolation), ISOLATIONS.join(", "));
  check("maxAttempts", maxAttempts, Number.isInteger(maxAttempts) && maxAttempts >= 1, "a whole number >= 1");
  return { ...options, limitMs, lockTimeoutMs, isolation, maxAttempts, name: options.name ?? "transaction" };
}
