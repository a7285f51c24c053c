/** The one place from which a failed call is made again, so that strategies together stay within its limits. @module */

import type { Clock } from "../core/clock.ts";
import { nextMoment } from "../core/errorMarks.ts";
import { type RetryBudget, wasRetried } from "../retry.ts";
import { type Failure, wishOf } from "./failure.ts";
import { requestsBehind } from "./errorParts.ts";
import type { CallEffect, HealableOperation } from "./strategy.ts";

/** The limits of all repetitions together. */
export interface RepeatLimits {
  /** Calls in all, the failed one included. */
  maxAttempts: number;
  budget: RetryBudget;
  clock: Clock;
  /** What the first call ended with. */
  error: unknown;
  /** True when a layer below has tried again for it already. */
  isSpent: boolean;
}

/** Counts the calls of one operation. */
export class Repeats<Result> {
  #attempts = 1;
  #isSpent: boolean;
  /** Monotonic: the other side has asked to be left alone until then. */
  #notBefore: number;
  #isDenied = false;
  #last: { error: unknown } | undefined;
  #blocked: string | undefined;

  constructor(
    private readonly operation: HealableOperation<Result>,
    private readonly effect: CallEffect,
    private readonly limits: RepeatLimits,
  ) {
    this.#isSpent = limits.isSpent;
    this.#notBefore = this.#earliestAfter(limits.error);
  }

  /** True when the call was made again, or had no budget to: the layers above let it be. */
  get wereUsed(): boolean {
    return this.#attempts > 1 || this.#isDenied;
  }

  /** Why the call may not be made again after this failure; `altered` when it would be another call. */
  refusal(failure: Failure, remainingMs: number, altered = false): string | undefined {
    return this.#refusalOfCall(failure, altered) ?? this.#refusalOfTime(failure, remainingMs, altered);
  }

  /** True when this is what the latest repetition ended with. */
  endedWith(error: unknown): boolean {
    return this.#last !== undefined && this.#last.error === error;
  }

  /** Nothing may be made again any more. */
  block(reason: string): void {
    this.#blocked ??= reason;
  }

  /** Takes one repetition from the budget; says why when there is none. */
  take(): string | undefined {
    if (this.limits.budget.take(this.limits.clock.monotonic())) return undefined;
    this.#isDenied = true;
    return `the budget of retries for "${this.operation.name}" is used up`;
  }

  /** Makes the call again when the other side may be asked; the caller has asked for a refusal and has taken from the budget. */
  async call(work: () => Promise<Result> | Result, signal: AbortSignal): Promise<Result> {
    const { clock } = this.limits;
    const waitMs = this.#notBefore - clock.monotonic();
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    // Whoever was slow before this point comes too late.
    signal.throwIfAborted();
    this.#attempts++;
    const since = nextMoment();
    try {
      return await work();
    } catch (error) {
      this.#last = { error };
      this.#isSpent = wasRetried(error, since);
      this.#notBefore = this.#earliestAfter(error);
      throw error;
    }
  }

  #earliestAfter(error: unknown): number {
    const { clock } = this.limits;
    return clock.monotonic() + (wishOf(error, clock.now()) ?? 0);
  }

  #refusalOfCall(failure: Failure, altered: boolean): string | undefined {
    if (this.#blocked !== undefined) return this.#blocked;
    if (this.effect === "write") return "a write without an idempotency key is never made again";
    if (failure.lasting !== undefined) return `${failure.lasting} lasts, whatever its status says`;
    if (failure.oversized !== undefined && !altered) return `${failure.oversized} fails again as it is`;
    if (this.#isSpent) return "a layer below has tried again already";
    const requests = this.operation.requestsPerAttempt ?? requestsBehind(failure.error);
    const made = this.#attempts * requests;
    if (made < this.limits.maxAttempts) return undefined;
    return requests === 1
      ? `${made} of ${this.limits.maxAttempts} attempts are made`
      : `the client has made ${requests} requests a call by itself`;
  }

  #refusalOfTime(
    { retryAfterMs, isUncalled, oversized }: Failure,
    remainingMs: number,
    altered: boolean,
  ): string | undefined {
    const isSmaller = altered && oversized !== undefined;
    if (isUncalled && retryAfterMs === undefined && !isSmaller) {
      return "the call was refused here, and nobody says for how long";
    }
    if (remainingMs > (retryAfterMs ?? 0)) return undefined;
    return retryAfterMs === undefined
      ? "no time is left"
      : `the other side asks for ${Math.ceil(retryAfterMs)} ms, more than is left`;
  }
}
