/** Chance comes in through a {@link Random}, so that tests own it. @module */

/** A source of numbers and ids. */
export interface Random {
  /** A number from 0 (inclusive) to 1 (exclusive). */
  next(): number;
  /** A random UUID. */
  uuid(): string;
}

/** The real source. */
export const systemRandom: Random = {
  next: () => Math.random(),
  uuid: () => crypto.randomUUID(),
};
