/**
 * Small ports that several layers share, so that a lower layer never imports a higher one. A port that only one
 * door needs stands in that door.
 *
 * @module
 */

/** Calls SQL functions of the database contract, over HTTP or over a direct connection. */
export interface RpcPort {
  /** Calls `public.<name>` with named arguments; rejects with a {@link HealingError}. */
  call<Result>(name: string, args: Record<string, unknown>): Promise<Result>;
}

/** Runs parameterised statements inside one transaction; identifiers are quoted by the server. */
export interface SqlPort {
  /** Runs one statement with parameters and returns its rows. */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<Row[]>;
  /** Builds a statement with `format()` on the server (`%I`, `%L`) and runs it. */
  execute(template: string, ...values: string[]): Promise<void>;
}

/** What came of making queued operations again. */
export interface ReplayReport {
  /** Operations that were made again. */
  attempted: number;
  /** Of these, the ones that the target accepted. */
  succeeded: number;
  /** Why others did not, one sentence each. */
  failures: string[];
}

/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | {
  [key: string]: Json;
};
