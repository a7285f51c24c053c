/** A closing bracket that closes nothing. @module */

import { type Candidate, lineEndAt, repairRule } from "../repair.ts";

/** Takes it away. */
export const strayBracket = repairRule("stray-bracket", ({ text, scan, problem }): Candidate[] => {
  const places = new Set(
    scan.brackets.filter(({ char, partner }) => ")]}".includes(char) && partner === undefined).map(({ at }) =>
      at
    ),
  );
  if (")]}".includes(text[problem.at] ?? "?")) places.add(problem.at);
  return [...places].map((at) => {
    const start = text.lastIndexOf("\n", at) + 1;
    const end = lineEndAt(text, at);
    const isAlone = /^[)\]};\s]*$/.test(text.slice(start, end)) && text.slice(start, end).trim().length <= 2;
    const edit = isAlone
      ? { start, end: Math.min(end + 1, text.length), text: "" }
      : { start: at, end: at + 1, text: "" };
    return {
      description: `"${text[at]}" closes nothing`,
      confidence: at === problem.at ? 0.87 : 0.7,
      edits: [edit],
    };
  });
});
