/** `strip_clause`: takes out an `if not exists` or `or replace` that the statement cannot have. @module */

import { parseSql } from "../../core/sqlSyntax.ts";
import { putInPlace, refuse, spliced, type Transform } from "./transform.ts";

/**
 * The clauses that are taken out; what exists then stops the statement, and is compared. Who wants to replace a table
 * may want to lose its rows, and is asked.
 */
const CLAUSES = [/\s+if\s+not\s+exists\b/gi, /(?<=^create)\s+or\s+replace\b(?!\s+table\b)/gi];

/** The transform `strip_clause`. */
export const stripClause: Transform = {
  risk: "low",
  describe: () =>
    "take out the clause that this kind of statement does not have; what exists is compared instead",
  changes: {},
  async rewrite(failure) {
    const { text } = failure.statement;
    const parsed = await parseSql(text);
    if (parsed.ok) return refuse("the statement is valid as it is written");
    for (const clause of CLAUSES) {
      for (const match of text.matchAll(clause)) {
        // The parser stops inside of the clause or at the word after it; anything else is another mistake.
        const isHere = parsed.place >= match.index && parsed.place <= match.index + match[0].length + 1;
        const without = spliced(text, [{ from: match.index, to: match.index + match[0].length, text: "" }]);
        if (isHere && (await parseSql(without)).ok) {
          return putInPlace(failure, [without], `without${match[0].toLowerCase()}`);
        }
      }
    }
    return refuse("no clause can be taken out that would make the statement valid");
  },
};
