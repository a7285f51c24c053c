/** Two declarations of a style sheet without a semicolon between them: browsers drop both. @module */

import { cssTokens } from "../cssTokens.ts";
import type { CodeRule, Finding } from "../model.ts";

/** Puts it behind the first one. */
export const cssMissingSemicolon: CodeRule = {
  name: "css-missing-semicolon",
  severity: "error",
  autoFixable: true,
  appliesTo: ["css"],
  check(file) {
    const tokens = cssTokens(file.content);
    const quiet = blanked(
      file.content,
      tokens.filter(({ type }) => type === "comment" || type === "string" || type === "paren"),
    );
    const marks = tokens.filter(({ type }) => type === "open" || type === "close" || type === "semicolon");
    return marks.flatMap((mark, index): Finding[] => {
      const previous = marks[index - 1];
      if (previous === undefined || mark.type === "open") return [];
      return places(quiet, previous.end, mark.start).map((at) => ({
        message: "A semicolon is missing",
        at,
        fix: {
          description: "add the semicolon",
          confidence: 0.93,
          edits: [{ path: file.path, start: at, end: at, text: ";" }],
        },
      }));
    });
  },
};

/** Between two marks there is one declaration; a line that starts with another property starts another one. */
function places(quiet: string, from: number, to: number): number[] {
  const lines = quiet.slice(from, to).split("\n");
  const found: number[] = [];
  let at = from;
  let end: number | undefined;
  for (const line of lines) {
    const isDeclaration = /^\s*(?:--[\w-]+|-?[a-z][a-z-]*)\s*:(?!:)\s*\S/.test(line) &&
      !/^\s*[\w-]+:[\w-]+\s*[,{]/.test(line);
    if (isDeclaration && end !== undefined) found.push(end);
    if (isDeclaration || end !== undefined) {
      const text = line.trimEnd();
      if (text.trim() !== "") end = /[,(]$/.test(text) ? undefined : at + text.length;
    }
    at += line.length + 1;
  }
  return found;
}

function blanked(text: string, pieces: readonly { start: number; end: number; type: string }[]): string {
  let result = "";
  let last = 0;
  for (const { start, end, type } of pieces) {
    const filler = type === "comment" ? " " : "x";
    result += text.slice(last, start) + text.slice(start, end).replace(/[^\n]/g, filler);
    last = end;
  }
  return result + text.slice(last);
}
