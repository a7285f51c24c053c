/** The signal of a call that nobody stops. @module */

const USES = 1_000;

/**
 * Hands out a signal that is never aborted. Making one for each call would cost more than the breaker does, and
 * one for all would collect the listeners that clients leave on it, so it is a new one every thousand calls.
 */
export class CalmSignal {
  #signal = new AbortController().signal;
  #left = USES;

  next(): AbortSignal {
    if (this.#left-- === 0) {
      this.#signal = new AbortController().signal;
      this.#left = USES - 1;
    }
    return this.#signal;
  }
}
