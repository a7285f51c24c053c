/** Two entries without a comma between them. @module */

import { type Candidate, codeEndBefore, insertion, repairRule } from "../repair.ts";

/** Puts it behind the first one; between arguments on one line an operator may be missing just as well. */
export const missingComma = repairRule("missing-comma", ({ text, scan, problem }): Candidate[] => {
  if (problem.reason !== "UnexpectedToken" || !/^Unexpected token/.test(problem.message)) return [];
  const inner = scan.brackets.findLast(({ char, at, partner }) =>
    "([{".includes(char) && at < problem.at && (partner === undefined || partner.at > problem.at)
  );
  const end = codeEndBefore(text, problem.at);
  const startsEntry = /^(?:[\w$"'`{[(]|\.\.\.)/.test(text.slice(problem.at, problem.at + 3));
  if (inner === undefined || !startsEntry || /[,([{]$/.test(text.slice(0, end))) return [];
  const isSure = inner.char !== "(" || text.slice(end, problem.at).includes("\n");
  return [{
    description: "A comma is missing",
    confidence: isSure ? 0.9 : 0.7,
    edits: [insertion(end, ",")],
  }];
});
