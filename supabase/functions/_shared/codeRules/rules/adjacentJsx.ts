/** Elements side by side where one is wanted. @module */

import { type Candidate, indentAt, insertion, lineEndAt, repairRule } from "../repair.ts";

/** Wraps them in a fragment, in the parentheses that they stand in. */
export const adjacentJsx = repairRule("adjacent-jsx", ({ text, scan, problem }) => {
  if (problem.reason !== "UnwrappedAdjacentJSXElements") return [];
  const open = scan.brackets.findLast(({ char, at, partner }) =>
    char === "(" && at < problem.at && (partner === undefined || partner.at > problem.at)
  );
  const close = open?.partner;
  const bare = onOneLine(text, problem.at);
  if (open === undefined || close === undefined) return bare;
  const isTall = text.slice(open.at + 1, lineEndAt(text, open.at)).trim() === "";
  const first = open.at + 1 + /^\s*/.exec(text.slice(open.at + 1))![0].length;
  const indent = indentAt(text, first);
  const lastLine = text.lastIndexOf("\n", close.at) + 1;
  const edits = isTall && text.slice(lastLine, close.at).trim() === ""
    ? [insertion(lineEndAt(text, open.at), `\n${indent}<>`), insertion(lastLine, `${indent}</>\n`)]
    : [insertion(first, "<>"), insertion(close.at, "</>")];
  return [...bare, { description: DESCRIPTION, confidence: 0.95, edits }];
});

const DESCRIPTION = "Elements side by side need a fragment around them";

/** `return <a/><b/>;` on one line, without parentheses. */
function onOneLine(text: string, at: number): Candidate[] {
  const lineStart = text.lastIndexOf("\n", at - 1) + 1;
  const line = text.slice(lineStart, lineEndAt(text, at));
  const parts = /^(.*?(?:\breturn|=>|[?:]|&&)\s*)(<.*>)\s*([;,)\]}]*)\s*$/.exec(line);
  if (parts === null) return [];
  const start = lineStart + parts[1]!.length;
  const edits = [insertion(start, "<>"), insertion(start + parts[2]!.length, "</>")];
  return [{ description: DESCRIPTION, confidence: 0.96, edits }];
}
