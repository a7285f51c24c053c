/** A map that forgets: each entry after a while, and the oldest when there are too many. @module */

import type { Clock } from "../core/clock.ts";

/** Keeps values for a time, by the monotonic clock. */
export class TimedMap<Value> {
  readonly #entries = new Map<string, { value: Value; until: number }>();

  constructor(
    private readonly keptMs: number,
    private readonly mostEntries: number,
    private readonly clock: Clock,
  ) {}

  /** The value, unless it was never set or too long ago. */
  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.until > this.clock.monotonic() ? entry.value : undefined;
  }

  set(key: string, value: Value, keptMs = this.keptMs): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.mostEntries) this.#entries.delete(this.#entries.keys().next().value!);
    this.#entries.set(key, { value, until: this.clock.monotonic() + keptMs });
  }
}
