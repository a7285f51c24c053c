/** Bounds a wait: for a store that hangs, for a probe that never ends. @module */

import type { Clock } from "../core/clock.ts";

/**
 * What the work gives, or `late()` when `limitMs` passed first. The signal of the work is then aborted with that
 * error; a result that comes after it is dropped.
 */
export async function bounded<Result>(
  work: (signal: AbortSignal) => Promise<Result> | Result,
  limitMs: number,
  late: () => Error,
  { clock, signal }: { clock: Clock; signal?: AbortSignal | undefined },
): Promise<Result> {
  const controller = new AbortController();
  const timer = new AbortController();
  const passOn = () => controller.abort(signal?.reason);
  if (signal?.aborted) passOn();
  signal?.addEventListener("abort", passOn, { once: true });
  try {
    return await Promise.race([work(controller.signal), expire(controller, timer.signal)]);
  } finally {
    timer.abort();
    signal?.removeEventListener("abort", passOn);
  }

  async function expire(running: AbortController, stopped: AbortSignal): Promise<never> {
    try {
      await clock.sleep(limitMs, stopped);
    } catch {
      // The work ended first; nobody waits for this any more.
      return await new Promise<never>(() => {});
    }
    const error = late();
    running.abort(error);
    throw error;
  }
}
