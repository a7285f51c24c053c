/**
 * Reads a message token by token into text, placeholders and identifiers.
 *
 * One pass from left to right; at each token's start a few bounded, sticky expressions are tried, chosen by the first
 * character. What none of them takes is copied.
 *
 * @module
 */

import { findJson, readJson, startsJson } from "./jsonText.ts";
import { withoutDetails } from "./details.ts";
import { collapseLists, readNumberKept } from "./context.ts";
import { isApostrophe, readQuoted } from "./quotes.ts";
import { readNamed, readPerson, readRest } from "./names.ts";
import { rulesFor, type ValueRule } from "./valueRules.ts";
import { readWord } from "./words.ts";

/** A piece of a message as the template shows it. */
export interface MessagePart {
  text: string;
  /** Set when the piece is an identifier: what the signature's slot stands for. */
  identifier?: string;
}

/** A piece and how many characters of the message it took. */
export interface ReadPart {
  parts: MessagePart[];
  length: number;
}

const MAX_CHARACTERS = 4_096;
const MAX_DEPTH = 2;
/** Looking for the end of a JSON text reads all that follows, so a text of brackets would be quadratic. */
const MAX_JSON_TRIES = 4;
/** The same of a text of quotes that never end. */
const MAX_QUOTE_TRIES = 8;
/** Scripts that write without spaces have no tokens: there every sign may be the start of one. */
const TOKEN_CHARACTER = /[A-Za-z0-9_$\u00c0-\u1fff]/;
/** In a sentence of Latin letters, words of another script are somebody's. */
const FOREIGN =
  /[\u0370-\u1fff\u2e80-\ud7af](?:[\u0370-\u1fff\u2e80-\ud7af]| (?=[\u0370-\u1fff\u2e80-\ud7af])){0,400}/y;
const SQL =
  /\b(?:select\s[^]{1,300}?\sfrom|insert\s{1,4}into|update\s{1,4}\S{1,80}\s{1,4}set|delete\s{1,4}from)\s/i;
/** The message in pieces; adjacent text is joined, white space is one space. */
export function readMessage(message: string, depth = 0): MessagePart[] {
  const text = withoutDetails(message.slice(0, MAX_CHARACTERS));
  const scan: Scan = {
    text,
    isSql: SQL.test(text),
    isLatin: isLatin(text),
    rules: rulesFor(text),
    depth,
    jsonTries: MAX_JSON_TRIES,
    quoteTries: MAX_QUOTE_TRIES,
  };
  const parts: MessagePart[] = [];
  for (let at = 0; at < text.length;) {
    const read = isTokenStart(text, at) ? readToken(scan, at) : undefined;
    for (const part of read?.parts ?? [{ text: text.charAt(at) }]) append(parts, part);
    at += read?.length ?? 1;
  }
  return collapseLists(parts);
}

function isTokenStart(text: string, at: number): boolean {
  return at === 0 || !TOKEN_CHARACTER.test(text.charAt(at)) || !TOKEN_CHARACTER.test(text.charAt(at - 1));
}

interface Scan {
  text: string;
  isSql: boolean;
  isLatin: boolean;
  depth: number;
  rules: (first: string) => readonly ValueRule[];
  jsonTries: number;
  quoteTries: number;
}

function readToken(scan: Scan, at: number): ReadPart | undefined {
  const { text, isSql } = scan;
  const first = text.charAt(at);
  if (first === "{" || first === "[") {
    return readPerson(text, at) ?? readBracket(scan, at) ?? readValue(scan, at);
  }
  if (first === '"' || first === "'" || first === "`" || first === "\\") return readQuote(scan, at);
  const isNamed = !isSql && /[A-Za-z0-9#\u00c0-\uffff]/.test(first);
  return (isSql ? undefined : readRest(text, at)) ?? (isNamed ? readPerson(text, at) : undefined) ??
    readValue(scan, at) ??
    (isNamed ? readNamed(text, at) : undefined) ?? readForeign(scan, at) ?? readWord(text, at);
}

function readQuote(scan: Scan, at: number): ReadPart | undefined {
  if (scan.quoteTries <= 0) return undefined;
  const quoted = readQuoted(scan.text, at, scan.isSql);
  if (quoted === undefined && !isApostrophe(scan.text, at)) scan.quoteTries -= 1;
  return quoted;
}

function readValue({ text, isSql, rules }: Scan, at: number): ReadPart | undefined {
  const first = text.charAt(at);
  const isSignAfterWord = /[-+±−$€£¥₹₽₩₿]/.test(first) && /[\w)\]]/.test(text.charAt(at - 1));
  if (isSignAfterWord) return undefined;
  for (const rule of rules(first)) {
    rule.pattern.lastIndex = at;
    const value = rule.pattern.exec(text)?.[0];
    if (value === undefined || value === "") continue;
    const kept = rule.name === "n" ? readNumberKept(text, at, value) : undefined;
    const replaced = kept ?? (isSql && rule.name === "n" ? "?" : replacement(rule, value));
    if (replaced !== undefined) return { parts: [{ text: replaced }], length: value.length };
  }
  return undefined;
}

function replacement({ name, replace }: ValueRule, value: string): string | undefined {
  return replace === undefined ? `<${name}>` : replace(value);
}

function readForeign({ text, isLatin }: Scan, at: number): ReadPart | undefined {
  if (!isLatin) return undefined;
  FOREIGN.lastIndex = at;
  const foreign = FOREIGN.exec(text)?.[0];
  return foreign === undefined ? undefined : { parts: [{ text: "<str>" }], length: foreign.length };
}

function isLatin(text: string): boolean {
  const foreign = text.match(/[\u0370-\u1fff\u2e80-\ud7af]/g)?.length ?? 0;
  return foreign > 0 && (text.match(/[A-Za-z]/g)?.length ?? 0) > 2 * foreign;
}

/** A JSON body, or the placeholder that the sanitiser left. */
function readBracket(scan: Scan, at: number): ReadPart | undefined {
  const { text, depth } = scan;
  const redacted = /^\[redacted:([a-z-]{1,24})\]/.exec(text.slice(at, at + 40));
  if (redacted !== null) {
    return { parts: [{ text: `<${nameOf(redacted[1]!)}>` }], length: redacted[0].length };
  }
  if (depth >= MAX_DEPTH || scan.jsonTries <= 0 || !startsJson(text, at)) return undefined;
  scan.jsonTries -= 1;
  const json = findJson(text, at);
  if (json === undefined) return undefined;
  return { parts: readJson(json.value, (inner) => readMessage(inner, depth + 1)), length: json.length };
}

/** Whose key it was is told by the rest of the message. */
function nameOf(kind: string): string {
  return /-(?:key|token|secret)$/.test(kind) ? "key" : kind;
}

function append(parts: MessagePart[], part: MessagePart): void {
  const last = parts.at(-1);
  if (part.identifier === undefined && last !== undefined && last.identifier === undefined) {
    last.text += part.text;
  } else parts.push({ ...part });
}
