/** Calls that are protected: a breaker that the fleet shares, a limit that really ends them, and healing. @module */

import { HealingError } from "../core/errors.ts";
import { optionCheck } from "../core/options.ts";
import { part } from "../core/unknownValues.ts";
import type { CallEffect, HealingMeans } from "../healingStrategies.ts";
import type { TimeoutActions } from "../timeout.ts";
import type { Isolate } from "./isolate.ts";

/** How one call is protected. */
export interface ProtectedCallOptions<Result> {
  /** The target's name: calls of one target share a breaker and a budget of retries; `ai`, `database` or `function`. */
  name?: string;
  /** What the call changes: only a `read`, or a write under a key of its own, is made again. */
  effect?: CallEffect;
  /** The longest time of one attempt, in milliseconds; 120,000 for models, 30,000 for the database, 60,000 for functions. */
  limitMs?: number;
  /**
   * A read with `.single()` may find no row: then its answer has `data: null` instead of being an error. Many rows stay
   * one. Only with `effect: "read"`: behind a write no row may mean that a policy hides it.
   */
  maybe?: boolean;
  /** What may stand in, or be used, when it fails: a cache, other endpoints, a default. */
  means?: HealingMeans<Result>;
  signal?: AbortSignal;
}

/** Makes a call; its work has to hand the signal on, so that it really stops. Rejects with a coded error. */
export type ProtectedCall = <Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  options?: ProtectedCallOptions<Result>,
) => Promise<Result>;

const checkOption = optionCheck("protect a call");

const LIMIT_MS = { ai: 120_000, database: 30_000, function: 60_000 };

/** Protects calls of one kind of target. */
export function protectedCall(
  isolate: Isolate,
  kind: keyof typeof LIMIT_MS,
  effect: CallEffect,
): ProtectedCall {
  return async <Result>(
    work: (signal: AbortSignal) => Promise<Result>,
    options: ProtectedCallOptions<Result> = {},
  ): Promise<Result> => {
    const { name = kind, effect: made = effect, maybe = false, means } = options;
    checkOption("maybe", maybe, !maybe || made === "read", "left out unless effect is read");
    const rows = { isRead: made === "read", maybe };
    const [{ withSelfHealing }, { withTimeout }, breaker] = await Promise.all([
      import("../errorInterceptor.ts"),
      import("../timeout.ts"),
      kind === "database" && name === kind ? isolate.databaseBreaker() : isolate.breaker(name),
    ]);
    const limits = {
      operation: name,
      ...(isolate.hasMemory ? { actions: laterActions(isolate) } : {}),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    };
    const attempt = () =>
      withTimeout(
        (signal) => breaker.execute(async (signal) => answerOf(await work(signal), rows), { signal }),
        options.limitMs ?? LIMIT_MS[kind],
        limits,
      );
    const call = withSelfHealing(attempt, {
      functionName: isolate.functionName,
      effect: made,
      ...(means === undefined ? {} : { means: () => means as never }),
    });
    return await call();
  };
}

/** The project's actions, loaded when one of them is needed. */
function laterActions(isolate: Isolate): TimeoutActions {
  return {
    learn: async (timedOut) => await (await isolate.timeoutActions()).learn?.(timedOut),
    alert: async (timedOut) => await (await isolate.timeoutActions()).alert?.(timedOut),
  };
}

/** supabase-js does not throw: an answer that holds an error is one. */
function answerOf<Result>(answer: Result, rows: { isRead: boolean; maybe: boolean }): Result {
  if (typeof answer !== "object" || answer === null || !("error" in answer) || !("data" in answer)) {
    return answer;
  }
  const { error } = answer;
  if (error === null || error === undefined) return answer;
  if (rows.isRead && isNoRow(error)) {
    // As the client itself answers `.maybeSingle()`.
    if (rows.maybe) return { ...answer, data: null, error: null, status: 200, statusText: "OK" };
    throw new HealingError("NOT_FOUND", "No row was found where exactly one was asked for", {
      hint: "Say `maybe: true`, or ask with `.maybeSingle()`, where none is an answer",
      cause: error,
    });
  }
  if (error instanceof Error) throw error;
  const told = typeof error === "object" ? error : { message: String(error) };
  throw Object.assign(new Error("the call was answered with an error"), told);
}

/** The number of rows stands in the details alone; without it many are as possible as none. */
function isNoRow(error: unknown): boolean {
  const details = part(error, "details");
  return part(error, "code") === "PGRST116" && typeof details === "string" &&
    /\bcontains? 0 rows\b/.test(details);
}
