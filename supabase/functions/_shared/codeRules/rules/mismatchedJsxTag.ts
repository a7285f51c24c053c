/** A closing tag that has another name than the element it closes. @module */

import { type Candidate, indentAt, repairRule } from "../repair.ts";

/** Gives it the name of the element that was opened beside it or above it. */
export const mismatchedJsxTag = repairRule("mismatched-jsx-tag", ({ text, scan }): Candidate[] => {
  const opened = scan.tags.filter((tag) => tag.type === "open" && tag.isLone);
  return scan.tags.filter((tag) => tag.type === "close" && tag.isLone).flatMap((close) => {
    const open = opened.findLast((tag) => tag.start < close.start && isBeside(text, tag.start, close.start));
    if (open === undefined) return [];
    return [{
      description: `</${close.name}> closes <${open.name}>`,
      confidence: 0.9,
      edits: [{ start: close.start, end: close.end, text: `</${open.name}>` }],
    }];
  });
});

/** On one line, or both at the start of lines that are indented alike. */
function isBeside(text: string, open: number, close: number): boolean {
  return !text.slice(open, close).includes("\n") || indentAt(text, open) === indentAt(text, close);
}
