/**
 * Real transactions for edge functions: several statements that all hold or none does, with the caller's own rights.
 *
 * A transaction runs on a direct connection, where nobody but this file checks a token: it is verified before role
 * and claims are set, for this transaction only. Without a token the transaction is `anon`'s. Effects outside the
 * database register a compensation, and compensations run last in, first out when the transaction is taken back. A
 * commit whose answer was lost is looked up by the transaction's number before anybody says how it ended.
 *
 * A worker that is killed takes its compensations with it; the database's own work is taken back in any case.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import { type CallerIdentity, identifyCaller } from "./callerToken.ts";
import { runInBackground } from "./core/background.ts";
import { systemClock } from "./core/clock.ts";
import { HealingError } from "./core/errors.ts";
import { readSettings } from "./core/settings.ts";
import { retryWithBackoff } from "./retry.ts";
import { withTimeout } from "./timeout.ts";
import { Attempt } from "./transactionManager/attempt.ts";
import { isConflict } from "./transactionManager/faults.ts";
import { closeLanes, type Lane, laneTo } from "./transactionManager/lane.ts";
import {
  readOptions,
  type TransactionOptions,
  type TransactionSettings,
} from "./transactionManager/options.ts";
import type { Transaction } from "./transactionManager/transaction.ts";

export type { Compensation } from "./transactionManager/compensations.ts";
export type { Isolation, TransactionOptions } from "./transactionManager/options.ts";
export type { Transaction } from "./transactionManager/transaction.ts";

/** Whether the present work is part of a transaction: a second one would wait for the first one's connection. */
const inside = new AsyncLocalStorage<true>();

/**
 * Runs `work` in one transaction and commits when it resolves; when it throws, everything is taken back and its
 * error is thrown on. When the server ends the transaction for a conflict with another one, `work` runs again.
 *
 * @example
 * ```ts
 * import { transaction } from "./transactionManager.ts";
 *
 * function transfer(request: Request, amount: number, from: string, to: string) {
 *   return transaction(async (tx) => {
 *     await tx.query("update accounts set balance = balance - $1 where id = $2", [amount, from]);
 *     await tx.query("update accounts set balance = balance + $1 where id = $2", [amount, to]);
 *   }, { request, name: "transfer" });
 * }
 * console.assert(typeof transfer === "function");
 * ```
 */
export async function transaction<Result>(
  work: (tx: Transaction) => Promise<Result>,
  options: TransactionOptions = {},
): Promise<Result> {
  const settings = readOptions(options);
  if (inside.getStore()) {
    throw new TypeError("Cannot begin a transaction inside another one: use tx.restorePoint()");
  }
  const platform = settings.settings ?? readSettings();
  if (platform.databaseUrl === undefined) {
    throw new HealingError(
      "CONFIG_MISSING",
      "A transaction needs a direct connection, and none is configured",
      {
        hint: "Set SUPABASE_DB_URL",
      },
    );
  }
  const caller = await callerOf(settings, platform);
  const lane = laneTo(platform.databaseUrl);
  const limits = { operation: settings.name, clock: settings.clock ?? systemClock };
  return await withTimeout(
    (signal) => {
      const running = lane.use(
        () => inside.run(true, () => runAttempts(lane, work, caller, settings, signal)),
        signal,
      );
      // When the time is over its caller is answered at once, and what is undone then needs the worker a little longer.
      runInBackground(() => running);
      return running;
    },
    settings.limitMs,
    settings.signal === undefined ? limits : { ...limits, signal: settings.signal },
  );
}

/** Ends the isolate's connection for transactions; for tests and for programs that end. */
export async function closeTransactions(): Promise<void> {
  await closeLanes();
}

async function callerOf(
  { caller, request, role }: TransactionSettings,
  platform: ReturnType<typeof readSettings>,
): Promise<CallerIdentity> {
  if (role === "service_role") return { role, claims: { role } };
  const identity = caller ?? await identifyCaller(request?.headers ?? new Headers(), platform);
  if (identity.role !== "service_role") return identity;
  throw new HealingError("FORBIDDEN", "A transaction never runs as service_role by itself", {
    hint: 'Say role: "service_role" where row level security is to be left aside',
  });
}

async function runAttempts<Result>(
  lane: Lane,
  work: (tx: Transaction) => Promise<Result>,
  caller: CallerIdentity,
  settings: TransactionSettings,
  signal: AbortSignal,
): Promise<Result> {
  const { maxAttempts, clock, random } = settings;
  return await retryWithBackoff(
    (attempt) => new Attempt(lane, caller, settings, attempt, signal).run(work),
    {
      maxAttempts,
      shouldRetry: isConflict,
      baseDelayMs: 50,
      signal,
      ...(clock === undefined ? {} : { clock }),
      ...(random === undefined ? {} : { random }),
    },
  );
}
