/** A string without its end. @module */

import { type Candidate, insertion, lineEndAt, repairRule } from "../repair.ts";

/** Ends it on its line, before the punctuation that belongs to the code. */
export const unterminatedString = repairRule("unterminated-string", ({ text, problem }): Candidate[] => {
  const isString = problem.reason === "UnterminatedString" || problem.reason === "UnterminatedTemplate";
  if (!isString) return [];
  const start = startOf(text, problem.at, problem.reason === "UnterminatedTemplate");
  const quote = text[start] ?? "";
  if (!"\"'`".includes(quote)) return [];
  const end = lineEndAt(text, start);
  const line = text.slice(start, end).trimEnd();
  return places(line).map((at) => ({
    description: `A string is not ended with ${quote}`,
    confidence: 0.87,
    edits: [insertion(start + at, quote)],
  }));
});

/** The parser may name the last piece of a template; its start is the backtick before. */
function startOf(text: string, at: number, isTemplate: boolean): number {
  return isTemplate && text[at] !== "`" ? text.lastIndexOf("`", at) : at;
}

function places(line: string): number[] {
  const found = new Set<number>();
  const attribute = line.search(/\s+[\w-]+=["{]|\s*\/?>/);
  if (attribute > 0) found.add(attribute);
  for (let at = line.search(/[;,)\]}\s]*$/); at <= line.length; at++) found.add(at);
  // One word is a string more often than a word with what follows it.
  const word = /^.[\w@./: -]*?(?=\s*(?:[,)\]};]|=>|$))/.exec(line)?.[0].trimEnd().length ?? 0;
  const sure = [...found].filter((at) => at > 0).slice(0, 6);
  return word > 1 && !sure.includes(word) ? [...sure, word] : sure;
}
