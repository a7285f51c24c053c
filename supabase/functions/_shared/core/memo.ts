/** What was worked out lately, so that it is not worked out again. @module */

/** How much a {@link Memo} keeps. */
export interface MemoLimits {
  /** Entries at most; the oldest goes first. */
  mostEntries: number;
  /** Longer keys are worked out each time, in characters. */
  longestKey: number;
}

/** Values by the text that they follow from: the whole of it is the key, so that no two can be taken for each other. */
export class Memo<Value> {
  readonly #limits: MemoLimits;
  readonly #values = new Map<string, Value>();

  constructor(limits: MemoLimits) {
    this.#limits = limits;
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Value): void {
    if (key.length > this.#limits.longestKey || this.#values.has(key)) return;
    if (this.#values.size >= this.#limits.mostEntries) this.#values.delete(this.#values.keys().next().value!);
    this.#values.set(key, value);
  }

  get size(): number {
    return this.#values.size;
  }
}
