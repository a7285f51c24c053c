/** A bracket that is opened and never closed. @module */

import {
  type BrokenPlace,
  type Candidate,
  codeEndBefore,
  indentAt,
  insertion,
  lineEndAt,
  nextOutdent,
  repairRule,
} from "../repair.ts";
import type { Bracket } from "../scan.ts";

const CLOSE: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** Closes it where the indentation says that the block ends, or where the parser stopped. */
export const missingBracket = repairRule("missing-bracket", (place): Candidate[] => {
  const open = place.scan.brackets.filter(({ char, partner }) => char in CLOSE && partner === undefined);
  const tall = open.toReversed().flatMap((bracket) => byIndent(place.text, bracket, open));
  const candidates = [
    ...misaligned(place),
    ...tall,
    ...afterBlock(place, open),
    ...atProblem(place),
    ...atEnd(place.text, open),
  ];
  return candidates.flatMap((one) => [...withComma(place.text, one), one]);
});

/** `on("x", () => {` … `}`: the block has its end, and the call around it has not. */
function afterBlock({ text, scan }: BrokenPlace, open: readonly Bracket[]): Candidate[] {
  return open.filter(({ char }) => char === "(").toReversed().flatMap((bracket): Candidate[] => {
    const block = scan.brackets.find(({ char, at, partner }) =>
      char === "{" && partner !== undefined && at > bracket.at &&
      !text.slice(bracket.at, at).includes("\n") &&
      endsLine(text, at)
    );
    const end = block?.partner?.at;
    if (end === undefined || indentAt(text, end) !== indentAt(text, bracket.at)) return [];
    const isLast = text.slice(end + 1, lineEndAt(text, end)).trim() === "";
    const close = `)${isLast && text.includes(");\n") ? ";" : ""}`;
    return [{ description: `"(" is never closed`, confidence: 0.84, edits: [insertion(end + 1, close)] }];
  });
}

/** The end of an entry of a literal, where the entries of this file end in commas. */
function withComma(text: string, candidate: Candidate): Candidate[] {
  const [edit] = candidate.edits;
  const isEntry = edit !== undefined && candidate.edits.length === 1 && /^\n[ \t]*[)\]}]+$/.test(edit.text) &&
    /^\s*\n[ \t]*[)\]}]/.test(text.slice(edit.start)) && /,[ \t]*\n[ \t]*[)\]}]/.test(text);
  if (!isEntry) return [];
  const { confidence } = candidate;
  const edits = [{ ...edit, text: `${edit.text},` }];
  return [{ ...candidate, confidence: confidence + 0.001, edits }];
}

/** An inner block without its end takes that of the block around it: the first pair that is not aligned tells. */
function misaligned({ text, scan }: BrokenPlace): Candidate[] {
  const odd = scan.brackets.filter((open) =>
    open.char === "{" && open.partner !== undefined && endsLine(text, open.at) &&
    startsLine(text, open.partner.at) &&
    indentAt(text, open.at).length > indentAt(text, open.partner.at).length
  );
  return odd.toReversed().slice(0, 2).flatMap((open) => byIndent(text, open, []));
}

function endsLine(text: string, at: number): boolean {
  return text.slice(at + 1, lineEndAt(text, at)).trim() === "";
}

function startsLine(text: string, at: number): boolean {
  return text.slice(text.lastIndexOf("\n", at) + 1, at).trim() === "";
}

/** `post("/", () => {` is one block and ends as one, with all that its line has opened. */
function byIndent(text: string, { char, at }: Bracket, open: readonly Bracket[]): Candidate[] {
  if (!endsLine(text, at)) return [];
  const indent = indentAt(text, at);
  const outdent = nextOutdent(text, at, indent);
  if (outdent === undefined) return [];
  const beside = open.filter((one) => one.at < at && !text.slice(one.at, at).includes("\n"));
  const close = CLOSE[char] + beside.toReversed().map((one) => CLOSE[one.char]).join("");
  const semicolon = close.endsWith(")") && text.includes(");\n") ? ";" : "";
  const description = `"${char}" is never closed`;
  const line = text.slice(outdent, lineEndAt(text, outdent));
  const joins = /^\s*[)\]},]/.test(line) && indentAt(text, outdent) === indent;
  // What follows at the same depth with a closing bracket of its own belongs behind ours: `)` of `})`.
  if (joins) {
    const start = outdent + indent.length;
    return [{ description, confidence: 0.85, edits: [insertion(start, close)] }];
  }
  // Blank lines between two blocks stay between them.
  const end = codeEndBefore(text, outdent);
  return [{ description, confidence: 0.9, edits: [insertion(end, `\n${indent}${close}${semicolon}`)] }];
}

/** On one line: the bracket that is innermost where the parser stopped. */
function atProblem({ text, scan, problem }: BrokenPlace): Candidate[] {
  const inner = scan.brackets.findLast(({ char, at, partner }) =>
    char in CLOSE && at < problem.at && (partner === undefined || partner.at >= problem.at)
  );
  if (inner === undefined) return [];
  const close = CLOSE[inner.char]!;
  const isSameLine = !text.slice(inner.at, problem.at).includes("\n");
  const end = codeEndBefore(text, problem.at);
  const places = inner.char === "{" ? [problem.at, end] : [end, problem.at];
  return places.map((at) => ({
    description: `"${inner.char}" is never closed`,
    confidence: isSameLine || /^[)\]};]/.test(text.slice(problem.at)) ? 0.86 : 0.6,
    edits: [insertion(at, close)],
  }));
}

/** One block that misses its end at the end of the file, after a whole statement: more than that was cut off. */
function atEnd(text: string, open: readonly Bracket[]): Candidate[] {
  const last = open.at(-1);
  const end = codeEndBefore(text, text.length);
  if (last?.char !== "{" || !/[;})>]$/.test(text.slice(0, end)) || !endsLine(text, last.at)) return [];
  // `post("/", () => {` is one block, and ends as one.
  const isOne = open.every(({ at }) => !text.slice(at, last.at).includes("\n"));
  if (!isOne) return [];
  const closing = open.toReversed().map(({ char }) => CLOSE[char]).join("");
  const semicolon = closing.endsWith(")") && text.includes(");\n") ? ";" : "";
  const edits = [insertion(end, `\n${indentAt(text, last.at)}${closing}${semicolon}`)];
  return [{ description: `"{" is never closed`, confidence: 0.84, edits }];
}
