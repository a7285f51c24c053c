/** Holds what is to be stored until the background has stored it; nobody waits for it and nothing escapes from it. @module */

import { runInBackground } from "../core/background.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { isPassingTrouble } from "../core/passing.ts";
import { withTimeout } from "../timeout.ts";

/** What becomes of the items. */
export interface BatchQueueOptions<Item> {
  /** Stores a batch, all or nothing. */
  store: (items: readonly Item[]) => Promise<unknown>;
  /** Told of an item that could not be stored, or that is left when the worker ends; must not throw. */
  lost: (item: Item, reason: unknown) => void;
  /** Told how many items were refused because too many waited; must not throw. */
  dropped: (count: number) => void;
  clock?: Clock;
}

const MAX_BATCH = 100;
/** Beyond this many waiting items further ones are only counted: a flood must not eat the memory of the worker. */
const MAX_WAITING = 1_000;

/** A store that does not answer must not keep the ones that follow waiting for ever. */
const STORE_LIMIT_MS = 15_000;

/** The real clock, but a program that has nothing else to do need not wait for its limits. */
const QUIET_CLOCK: Clock = { ...systemClock, sleep: sleepUnheld };

function sleepUnheld(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    Deno.unrefTimer(timer);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}

/** Takes items at once and stores them later. */
export class BatchQueue<Item> {
  readonly #options: BatchQueueOptions<Item>;
  #waiting: Item[] = [];
  /** Sent, and not yet answered. */
  #sent: readonly Item[] = [];
  #dropped = 0;
  #running: Promise<void> | undefined;

  constructor(options: BatchQueueOptions<Item>) {
    this.#options = options;
  }

  /** Takes an item; returns at once and never throws. */
  push(item: Item): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(item);
    if (this.#running !== undefined) return;
    const running = this.#drain();
    this.#running = running;
    runInBackground(() => running);
  }

  /** What waits to be stored next. */
  next(): readonly Item[] {
    return this.#waiting.slice(0, MAX_BATCH);
  }

  /** Resolves when everything taken so far is stored or given up. */
  async flush(): Promise<void> {
    await this.#running;
  }

  /** The worker ends: gives up, at once, what is not known to be stored. */
  abandon(): void {
    const left = [...this.#sent, ...this.#waiting];
    this.#waiting = [];
    this.#sent = [];
    this.#tellDropped();
    for (const item of left) this.#options.lost(item, "the worker ends");
  }

  async #drain(): Promise<void> {
    // The first turn of the event loop lets items of one moment travel together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      this.#sent = this.#waiting.splice(0, MAX_BATCH);
      this.#tellDropped();
      await this.#store(this.#sent);
      this.#sent = [];
    }
    this.#running = undefined;
  }

  async #store(items: readonly Item[]): Promise<void> {
    try {
      const { store, clock = QUIET_CLOCK } = this.#options;
      await withTimeout(() => store(items), STORE_LIMIT_MS, { operation: "storing a batch", clock });
    } catch (reason) {
      // What was given up while it was on its way has been told already.
      if (this.#sent.length === 0) return;
      if (items.length === 1 || isPassingTrouble(reason)) {
        for (const item of items) this.#options.lost(item, reason);
        return;
      }
      // One item that the database refuses must not take the others with it.
      for (const item of items) await this.#store([item]);
    }
  }

  #tellDropped(): void {
    if (this.#dropped > 0) this.#options.dropped(this.#dropped);
    this.#dropped = 0;
  }
}
