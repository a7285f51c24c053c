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
  const tail = strayTail(text, problem.at);
  return [
    ...tail,
    ...[...places].map((at): Candidate => {
      const start = text.lastIndexOf("\n", at) + 1;
      const end = lineEndAt(text, at);
      const isAlone = /^[)\]};\s]*$/.test(text.slice(start, end)) &&
        text.slice(start, end).trim().length <= 2;
      const edit = isAlone
        ? { start, end: Math.min(end + 1, text.length), text: "" }
        : { start: at, end: at + 1, text: "" };
      return {
        description: `"${text[at]}" closes nothing`,
        confidence: at === problem.at ? 0.87 : 0.7,
        edits: [edit],
      };
    }),
  ];
});

/** A line of closing brackets that all close nothing: `});` once more. */
function strayTail(text: string, at: number): Candidate[] {
  const start = text.lastIndexOf("\n", at - 1) + 1;
  const end = lineEndAt(text, at);
  const line = text.slice(start, end);
  if (!/^\s*[)\]}]{2,};?\s*$/.test(line)) return [];
  const edits = [{ start, end: Math.min(end + 1, text.length), text: "" }];
  return [{ description: `"${line.trim()}" closes nothing`, confidence: 0.86, edits }];
}
