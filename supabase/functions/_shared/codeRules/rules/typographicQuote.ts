/** Quotation marks of a word processor in code. @module */

import { type Candidate, lineEndAt, repairRule } from "../repair.ts";

const DOUBLE = /[\u201c\u201d\u201e]/g;
const SINGLE = /[\u2018\u2019\u201a]/g;

/** Makes those of the line straight. */
export const typographicQuote = repairRule("typographic-quote", ({ text, problem }): Candidate[] => {
  if (!/[\u2018-\u201e]/.test(text[problem.at] ?? "")) return [];
  const start = text.lastIndexOf("\n", problem.at) + 1;
  const end = lineEndAt(text, problem.at);
  const line = text.slice(start, end).replace(DOUBLE, '"').replace(SINGLE, "'");
  return [{
    description: "Typographic quotation marks do not mark strings",
    confidence: 0.93,
    edits: [{ start, end, text: line }],
  }];
});
