/** A string without its end. @module */

import { type BrokenPlace, type Candidate, insertion, lineEndAt, repairRule } from "../repair.ts";

/** Lines above the place at which the parser stopped that are looked at for an odd quote. */
const LINES_ABOVE = 40;
const MOST_LINES = 3;
const MOST_CANDIDATES = 16;

/** Ends it on its line, before the punctuation that belongs to the code. */
export const unterminatedString = repairRule("unterminated-string", (place): Candidate[] => {
  const { text, problem } = place;
  const found: Candidate[] = [];
  const reported = problem.reason === "UnterminatedString" || problem.reason === "UnterminatedTemplate";
  const named = reported ? startOf(text, problem.at, problem.reason === "UnterminatedTemplate") : undefined;
  for (const line of oddLines(place, named)) found.push(...candidatesIn(text, line));
  return found.slice(0, MOST_CANDIDATES).map((one, index) => ({
    ...one,
    confidence: one.confidence - index / 10_000,
  }));
});

/** The parser may name the last piece of a template; its start is the backtick before. */
function startOf(text: string, at: number, isTemplate: boolean): number {
  return isTemplate && text[at] !== "`" ? text.lastIndexOf("`", at) : at;
}

interface OddLine {
  start: number;
  end: number;
  quote: string;
  /** Where each quote of it stands. */
  quotes: number[];
}

/** The parser stops at a later string than the one that lost its end; a line with an odd quote tells. */
function oddLines({ text, problem }: BrokenPlace, named: number | undefined): OddLine[] {
  const found: OddLine[] = [];
  let at = named ?? problem.at;
  for (let count = 0; count <= LINES_ABOVE && at >= 0 && found.length < MOST_LINES; count++) {
    const start = text.lastIndexOf("\n", at - 1) + 1;
    const end = lineEndAt(text, at);
    for (const quote of ['"', "'", "`"]) {
      const quotes = quotesIn(text, start, end, quote);
      const isOdd = quotes.length % 2 === 1 && (quote !== "'" || !isProse(text, quotes));
      if (isOdd) found.push({ start, end, quote, quotes });
    }
    at = start - 1;
  }
  return found;
}

function quotesIn(text: string, start: number, end: number, quote: string): number[] {
  const found: number[] = [];
  const line = text.slice(start, end);
  // What a comment says is no string.
  const code = /^\s*(?:\/\/|\*|\/\*)/.test(line) ? "" : line;
  for (let at = code.indexOf(quote); at !== -1; at = code.indexOf(quote, at + 1)) {
    if (code[at - 1] !== "\\") found.push(start + at);
  }
  return found;
}

/** An apostrophe: `don't`. */
function isProse(text: string, quotes: readonly number[]): boolean {
  return quotes.some((at) => /\w/.test(text[at - 1] ?? "") && /\w/.test(text[at + 1] ?? ""));
}

/** Which of the line's strings lost its end: the first one that holds code up to the next quote. */
function candidatesIn(text: string, { end, quote, quotes }: OddLine): Candidate[] {
  const starts: number[] = [];
  for (let index = 0; index < quotes.length; index += 2) {
    const next = quotes[index + 1];
    const content = text.slice(quotes[index]! + 1, next ?? end);
    if (next === undefined || holdsCode(content)) starts.push(quotes[index]!);
  }
  return starts.flatMap((start) => {
    const next = quotes.find((at) => at > start);
    const rest = text.slice(start + 1, next ?? end).trimEnd();
    const isName = (word: string) => wordsBeside(text, start, end).has(word);
    return places(rest, next !== undefined, isName).map((at) => ({
      description: `A string is not ended with ${quote}`,
      confidence: 0.87,
      edits: [insertion(start + 1 + at, quote)],
    }));
  });
}

/** The words of the other lines: what is a name there is one here. */
function wordsBeside(text: string, start: number, end: number): ReadonlySet<string> {
  const from = text.lastIndexOf("\n", start) + 1;
  return new Set(
    `${text.slice(Math.max(0, from - 20_000), from)} ${text.slice(end, end + 20_000)}`.match(
      /[A-Za-z_$][\w$]*/g,
    ),
  );
}

/** Punctuation that stands between strings and not in them. */
function holdsCode(content: string): boolean {
  return /^\s*[,)\]};:]|[)\]}]\s*[.,;)]|=>|[({[,:=|&?+]\s*$|[,;]\s*\w+\s*[:=]|\s\w[\w-]*=$/.test(content);
}

const ENDS = /(?=\s*(?:[,)\]};>]|=>|\|\||\||&&|[!=]==?|\?|:(?!\/\/)|\/>|$)|\s+[\w-]+=$)/.source;
const WORD = new RegExp(`^[\\w@./#%*+ -]*?${ENDS}`);
const CODE_BEHIND =
  /^\s*(?:[)\]}>;]|,\s*(?:["'`{[(\d]|\w+\s*[:(=.]|\.\.\.|$)|=>|\|\|?|&&|[!=]==?|\?|:|\/>|[\w-]+=$)/;

/** Where a string may end in the rest of its line, the likeliest first. */
function places(rest: string, isBeforeQuote: boolean, isName: (word: string) => boolean): number[] {
  const word = WORD.exec(rest)?.[0].trimEnd().length;
  const commas = [...rest.matchAll(/,/g)].map(({ index }) => index).filter((at) =>
    startsCode(rest.slice(at), isName)
  );
  const ends: number[] = [];
  const attribute = rest.search(/\s+[\w-]+=(?:["{]|$)|\s*\/?>/);
  if (attribute >= 0) ends.push(attribute);
  if (!isBeforeQuote) {
    for (let at = rest.search(/[;,)\]}\s]*$/); at <= rest.length; at++) ends.push(at);
  }
  const isWord = word !== undefined && startsCode(rest.slice(word), isName);
  const sure = isWord ? [word, ...commas] : commas;
  return [...new Set([...sure, ...ends, ...(word === undefined ? [] : [word])])].slice(0, 8);
}

function startsCode(behind: string, isName: (word: string) => boolean): boolean {
  const name = /^,\s*([A-Za-z_$][\w$]*)\s*(?:[,)\]}]|$)/.exec(behind)?.[1];
  return CODE_BEHIND.test(behind) || (name !== undefined && isName(name));
}
