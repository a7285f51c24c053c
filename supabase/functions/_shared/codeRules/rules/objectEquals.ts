/** `=` between a key and its value in an object. @module */

import { type Candidate, lineEndAt, repairRule } from "../repair.ts";

/** Makes it a colon. */
export const objectEquals = repairRule("object-equals", ({ text, problem }): Candidate[] => {
  if (problem.reason !== "InvalidCoverInitializedName") return [];
  const start = text.lastIndexOf("\n", problem.at) + 1;
  const found = /\s*=\s*/.exec(text.slice(Math.max(start, problem.at - 1), lineEndAt(text, problem.at)));
  if (found === null) return [];
  const at = Math.max(start, problem.at - 1) + found.index;
  return [{
    description: "A value stands behind a colon in an object",
    confidence: 0.9,
    edits: [{ start: at, end: at + found[0].length, text: ": " }],
  }];
});
