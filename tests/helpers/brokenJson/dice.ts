/** A small seeded random source, so that a failing case can be made again. @module */

/** Seeded choices. */
export interface Dice {
  /** An integer from 0 up to, not including, `limit`. */
  int(limit: number): number;
  /** One of the values. */
  pick<T>(values: readonly T[]): T;
}

/** Dice that roll the same for the same seed (mulberry32). */
export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  return {
    int: (limit) => Math.floor(next() * limit),
    pick: (values) => values[Math.floor(next() * values.length)] as (typeof values)[number],
  };
}
