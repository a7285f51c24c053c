/** Tells trouble that passes by itself, and says nothing about what was tried, from an answer. @module */

/** Connection, conflict, capacity and operator intervention; a busy lock. */
const PASSING_SQLSTATE = /^(?:08|40|53|57)[0-9A-Z]{3}$|^55P03$/;
const PASSING_CODE = new Set(["LEASE_LOST", "UNAVAILABLE", "TIMEOUT", "CONFLICT"]);

/** True for a lock that is busy, a connection that broke, a lost lease: the work may be tried again later. */
export function isPassingTrouble(error: unknown): boolean {
  if (typeof error !== "object" || error === null || !("code" in error) || typeof error.code !== "string") {
    return false;
  }
  return PASSING_SQLSTATE.test(error.code) || PASSING_CODE.has(error.code) || error.code.startsWith("ECONN");
}
