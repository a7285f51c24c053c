/** Calls that are protected: a breaker that the fleet shares, a limit that really ends them, and healing. @module */

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
  /** What may stand in, or be used, when it fails: a cache, other endpoints, a default. */
  means?: HealingMeans<Result>;
  signal?: AbortSignal;
}

/** Makes a call; its work has to hand the signal on, so that it really stops. Rejects with a coded error. */
export type ProtectedCall = <Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  options?: ProtectedCallOptions<Result>,
) => Promise<Result>;

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
    const name = options.name ?? kind;
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
        (signal) => breaker.execute(async (signal) => answerOf(await work(signal)), { signal }),
        options.limitMs ?? LIMIT_MS[kind],
        limits,
      );
    const { means } = options;
    const call = withSelfHealing(attempt, {
      functionName: isolate.functionName,
      effect: options.effect ?? effect,
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
function answerOf<Result>(answer: Result): Result {
  if (typeof answer !== "object" || answer === null || !("error" in answer) || !("data" in answer)) {
    return answer;
  }
  const { error } = answer;
  if (error === null || error === undefined) return answer;
  if (error instanceof Error) throw error;
  const told = typeof error === "object" ? error : { message: String(error) };
  throw Object.assign(new Error("the call was answered with an error"), told);
}
