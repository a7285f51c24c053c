/** A closing tag that closes nothing. @module */

import { type Candidate, lineEndAt, repairRule } from "../repair.ts";

/** Takes it away, with its line when it stands alone. */
export const strayJsxTag = repairRule(
  "stray-jsx-tag",
  ({ text, scan, problem }): Candidate[] =>
    scan.tags.filter((tag) => tag.type === "close" && tag.isLone).map((tag) => {
      const start = text.lastIndexOf("\n", tag.start) + 1;
      const end = lineEndAt(text, tag.end);
      const isAlone = text.slice(start, tag.start).trim() === "" && text.slice(tag.end, end).trim() === "";
      const edit = isAlone
        ? { start, end: Math.min(end + 1, text.length), text: "" }
        : { start: tag.start, end: tag.end, text: "" };
      const isNear = Math.abs(problem.at - tag.start) < 200;
      return { description: `</${tag.name}> closes nothing`, confidence: isNear ? 0.86 : 0.6, edits: [edit] };
    }),
);
