/**
 * The SQLSTATEs that speak about the server and not about what was asked of it: one table for everybody who has to
 * tell trouble from an answer.
 *
 * `core/sqlState` takes its rows from here and adds the answers; retries, coded errors and the engine need only these
 * few, so that none of them has to load the whole list.
 *
 * @module
 */

import { part } from "./unknownValues.ts";

/** `retry`: passes, and is safe to repeat. `wait`: passes, but the outcome is unknown. `no`: lasts. */
export type Again = "retry" | "wait" | "no";

/**
 * Exact codes and two-letter classes by error type. A class stands for its codes that no row names.
 *
 * 57014 is a statement that the server ended: by its time limit, a conflict on a replica, or somebody's cancel. The
 * code alone counts as the time limit, because that is what nearly all of them are, and as passing, because the
 * statement was rolled back (its outcome is known) and most of them waited for a lock or for a busy disk. A cancel
 * is told by its words, which the classifier reads.
 *
 * 40002 is not here: a deferred constraint that fails at commit is an answer about the data.
 */
const TROUBLE = {
  serialization: ["retry", "40 72"],
  deadlock: ["retry", "40P01"],
  lock_timeout: ["retry", "55P03"],
  object_in_use: ["retry", "55006"],
  timeout: ["retry", "25P04 57014"],
  idle_timeout: ["retry", "25P03 57P05"],
  // Behind a transaction pooler the next call may meet a connection that knows the statement.
  prepared_statement: ["retry", "26 42P05"],
  connection_failed: ["retry", "08"],
  connection_capacity: ["retry", "53300"],
  server_unavailable: ["retry", "57P01 57P02 57P03"],
  outcome_unknown: ["wait", "08007 40003"],
  connection_config: ["no", "08001 08004"],
  platform_limit: ["no", "53100"],
  resource_exhausted: ["no", "53"],
  query_canceled: ["no", "57"],
} as const satisfies Readonly<Record<string, readonly [Again, string]>>;

/** Codes whose class speaks about the server while they do not. */
const ANSWERS: ReadonlySet<string> = new Set(["40002", "57P04"]);

/** An error type that speaks about the server. */
export type TroubleType = keyof typeof TROUBLE;

/** The error types of the table with whether they pass and their codes, separated by spaces. */
export const SERVER_TROUBLE: Readonly<Record<TroubleType, readonly [Again, string]>> = TROUBLE;

const TYPE_OF_CODE: ReadonlyMap<string, TroubleType> = new Map(
  (Object.keys(TROUBLE) as TroubleType[]).flatMap((type) =>
    TROUBLE[type][1].split(" ").map((code) => [code, type] as const)
  ),
);
const PASSING_CODE = new Set(["LEASE_LOST", "UNAVAILABLE", "TIMEOUT", "CONFLICT"]);

/** The trouble that a SQLSTATE means; undefined for an answer and for what is no SQLSTATE. */
export function troubleOf(sqlState: string): TroubleType | undefined {
  if (!/^[0-9A-Z]{5}$/.test(sqlState) || ANSWERS.has(sqlState)) return undefined;
  return TYPE_OF_CODE.get(sqlState) ?? TYPE_OF_CODE.get(sqlState.slice(0, 2));
}

/** True for a lock that is busy, a connection that broke, a lost lease: it says nothing about the work, which may be tried later. */
export function isPassingTrouble(error: unknown): boolean {
  const code = part(error, "code");
  if (typeof code !== "string") return false;
  return troubleOf(code) !== undefined || PASSING_CODE.has(code) || code.startsWith("ECONN") ||
    isCatalogRace(error, code);
}

/** Two changes of the schema at once: the later one meets the row that the earlier one has put into the catalog. */
function isCatalogRace(error: unknown, code: string): boolean {
  if (code === "23505") return String(part(error, "constraint")).startsWith("pg_");
  return code === "XX000" && /^tuple concurrently (updated|deleted)/.test(String(part(error, "message")));
}
