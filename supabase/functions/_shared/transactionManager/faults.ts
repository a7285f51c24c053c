/** Which failures of a transaction say what about it. @module */

import { toDatabaseError } from "../core/databaseErrors.ts";
import { HealingError, isHealingError } from "../core/errors.ts";
import type { DatabaseError } from "../postgres.ts";

/** Serialisation failure and deadlock: the server chose this transaction to make room for another. */
const CONFLICTS: ReadonlySet<unknown> = new Set(["40001", "40P01"]);

/** True when the server asks for the same transaction once more. */
export function isConflict(error: unknown): boolean {
  return isHealingError(error) && CONFLICTS.has(error.details?.sqlState);
}

/** What the server or the network said, as a coded error; anything else as it is. */
export function toCoded(error: unknown): unknown {
  if (isHealingError(error) || !(error instanceof Error)) return error;
  const sqlState = "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (sqlState !== undefined && /^[0-9A-Z]{5}$/.test(sqlState)) {
    return toDatabaseError(error as DatabaseError);
  }
  // The driver has no code for a connection that is gone, only words and Node's names.
  if (/connection|socket|ECONN|EPIPE|timeout expired/i.test(`${sqlState ?? ""} ${error.message}`)) {
    return new HealingError("UNAVAILABLE", "The connection to the database was lost", {
      hint: "Try again",
      cause: error,
    });
  }
  return error;
}
