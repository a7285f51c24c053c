/** Time that passes by itself as soon as nothing else can happen: a day of waiting is over at once. @module */

import type { Clock } from "../../supabase/functions/_shared/core/clock.ts";

/** Turns of the microtask queue after which a program that only waits for promises has come to rest. */
const TURNS = 200;

/** A clock that jumps to the next sleeper whenever the program rests. */
export class VirtualClock implements Clock {
  #elapsed = 0;
  readonly #sleepers = new Set<{ until: number; wake: () => void }>();

  /** The wall clock starts at this many milliseconds since the epoch. */
  constructor(private readonly start: number = Date.parse("2026-11-29T12:00:00Z")) {}

  now(): number {
    return this.start + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper = { until: this.#elapsed + Math.max(0, ms), wake: resolve };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers.delete(sleeper);
        reject(signal.reason);
      }, { once: true });
    });
  }

  /** Lets time pass until the work has ended; fails when it waits for something that never comes. */
  async run<Result>(work: Promise<Result>): Promise<Result> {
    let isOver = false;
    const over = () => isOver = true;
    work.then(over, over);
    while (!isOver) {
      await this.#rest(() => isOver);
      if (!isOver && !this.#jump()) throw new Error("The work waits for something that never comes");
    }
    return await work;
  }

  /** Lets time pass until nobody sleeps any more. */
  async settle(): Promise<void> {
    do await this.#rest(() => false); while (this.#jump());
  }

  async #rest(isOver: () => boolean): Promise<void> {
    for (let turn = 0; turn < TURNS && !isOver(); turn++) await Promise.resolve();
  }

  #jump(): boolean {
    const next = [...this.#sleepers].sort((a, b) => a.until - b.until)[0];
    if (next === undefined) return false;
    this.#sleepers.delete(next);
    this.#elapsed = Math.max(this.#elapsed, next.until);
    next.wake();
    return true;
  }
}
