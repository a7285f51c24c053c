/** Remembers what was tried in vain, so that a caller who sends the same mistake again costs no look-up. @module */

import type { Clock } from "../core/clock.ts";

const MOST_KEYS = 500;
/** Look-ups in a minute, whatever callers send. */
const MOST_LOOKS = 30;

/** Keys with the moment until which they are let be; the oldest go first. */
export class Memory {
  readonly #until = new Map<string, number>();

  #looks: number[] = [];

  constructor(private readonly clock: Clock) {}

  /** Takes one of the look-ups of this minute; false when they are used up. */
  takeLook(): boolean {
    const now = this.clock.monotonic();
    this.#looks = this.#looks.filter((at) => at > now - 60_000);
    if (this.#looks.length >= MOST_LOOKS) return false;
    this.#looks.push(now);
    return true;
  }

  /** True while the key is let be. */
  has(key: string): boolean {
    const until = this.#until.get(key);
    if (until === undefined) return false;
    if (until > this.clock.monotonic()) return true;
    this.#until.delete(key);
    return false;
  }

  /** Lets the key be for so many milliseconds. */
  keep(key: string, ms: number): void {
    this.#until.delete(key);
    this.#until.set(key, this.clock.monotonic() + ms);
    const [oldest] = this.#until.keys();
    if (this.#until.size > MOST_KEYS) this.#until.delete(oldest!);
  }
}
