/** What an author gets to work with. @module */

import type { QueryResultRow } from "../postgres.ts";
import type { Compensation } from "./compensations.ts";

/** A transaction as its author sees it; of no use after its end. */
export interface Transaction {
  /** Runs one statement with parameters and gives its rows; rejects with a `HealingError`. */
  query<Row extends QueryResultRow = QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ): Promise<Row[]>;
  /** Registers how to undo an effect outside the database, should the transaction be taken back. */
  onRollback(compensation: Compensation): void;
  /**
   * Runs a part that may fail alone: when it throws, the database goes back to where it began, compensations
   * registered in it run, and the error is thrown on for the author to decide about.
   */
  restorePoint<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Aborted when the transaction is over its time or its caller has gone; hand it on to what takes time. */
  readonly signal: AbortSignal;
}
