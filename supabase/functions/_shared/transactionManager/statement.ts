/** What a statement of a transaction may be: anything that leaves role, limits and the transaction itself alone. @module */

import { HealingError } from "../core/errors.ts";
import { sqlWords } from "../sqlStatements.ts";

/** First words of what would end the transaction, change who acts in it, or outlive it on a shared connection. */
const REFUSED: ReadonlySet<string> = new Set([
  "abort",
  "begin",
  "commit",
  "copy",
  "deallocate",
  "discard",
  "do",
  "end",
  "execute",
  "listen",
  "load",
  "prepare",
  "release",
  "reset",
  "rollback",
  "savepoint",
  "set",
  "start",
  "unlisten",
]);

/**
 * Refuses what a transaction's statement may not be. It keeps authors from mistakes; that nobody's role has changed
 * is looked at once more before the commit, since a function of the database could change it too.
 */
export function checkStatement(text: string): void {
  const words = sqlWords(text);
  const first = words[0] ?? "";
  if (words.length === 0) throw new TypeError("Cannot run an empty statement");
  if (!REFUSED.has(first) && !words.includes("set_config")) return;
  const what = REFUSED.has(first) ? first : "set_config";
  throw new HealingError("BAD_REQUEST", `A transaction's statement cannot be or call "${what}"`, {
    hint:
      "Role, limits and the end of a transaction are set for it; for a part that may fail use tx.restorePoint()",
  });
}
