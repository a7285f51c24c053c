/** An arrow function whose arrow lost its point, or was torn apart. @module */

import { type Candidate, repairRule } from "../repair.ts";

/** Mends the arrow nearest to where the parser stopped. */
export const brokenArrow = repairRule("broken-arrow", ({ text, problem }): Candidate[] => {
  const from = Math.max(0, problem.at - 200);
  const arrows = [
    ...text.slice(from, problem.at + 20).matchAll(/(?<=\))\s*(?:= >|= ?(?=\s*[{(]))|(?<=\)\s*)->/g),
  ];
  return arrows.toReversed().slice(0, 3).map((match) => {
    const start = from + match.index;
    const text = /^\s/.test(match[0]) ? " =>" : "=>";
    const tail = /\s$/.test(match[0]) ? " " : "";
    return {
      description: "An arrow is written =>",
      confidence: 0.88,
      edits: [{ start, end: start + match[0].length, text: text + tail }],
    };
  });
});
