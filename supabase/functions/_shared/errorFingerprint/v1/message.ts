/**
 * Reads a message token by token into text, placeholders and identifiers.
 *
 * One pass from left to right; at each token's start a few bounded, sticky expressions are tried, chosen by the first
 * character. What none of them takes is copied.
 *
 * @module
 */

import { findJson, readJson, startsJson } from "./jsonText.ts";
import { collapseLists, readNumberKept } from "./context.ts";
import { readQuoted } from "./quotes.ts";
import { readNamed } from "./names.ts";
import { VALUE_RULES } from "./valueRules.ts";
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
const TOKEN_CHARACTER = /[A-Za-z0-9_$]/;
const SQL =
  /\b(?:select\s[^]{1,300}?\sfrom|insert\s{1,4}into|update\s{1,4}\S{1,80}\s{1,4}set|delete\s{1,4}from)\s/i;
/** What V8 shows of a text that is no JSON may hold quotes and line ends. */
const JSON_SNIPPET = /Unexpected token .{1,12}?, (?:\.{3})?"[^]{0,64}?"(?:\.{3})? is not valid JSON/g;

/** Where in the statement, which the drivers add or leave out. */
const POSITION = / at character \d{1,9}\s*$|\n\s{0,20}(?:LINE \d{1,9}:|CONTEXT:|\^)[^]*$/;

/** The message in pieces; adjacent text is joined, white space is one space. */
export function readMessage(message: string, depth = 0): MessagePart[] {
  const text = message.slice(0, MAX_CHARACTERS)
    .replace(POSITION, "")
    .replace(JSON_SNIPPET, snippetOf)
    .replace(/( at position \d{1,9}) \(line \d{1,9} column \d{1,9}\)/g, "$1")
    .replace(/\s+/g, " ")
    .trim();
  const scan: Scan = { text, isSql: SQL.test(text), depth, jsonTries: MAX_JSON_TRIES };
  const parts: MessagePart[] = [];
  for (let at = 0; at < text.length;) {
    const read = isTokenStart(text, at) ? readToken(scan, at) : undefined;
    for (const part of read?.parts ?? [{ text: text.charAt(at) }]) append(parts, part);
    at += read?.length ?? 1;
  }
  return collapseLists(parts);
}

/** The first character of the refused text tells HTML from prose; the rest is chance. */
function snippetOf(snippet: string): string {
  const token = /Unexpected token '?(.)/.exec(snippet)?.[1] ?? "";
  return `Unexpected token ${/[<`]/.test(token) ? `(${token})` : "(text)"}, (snippet) is not valid JSON`;
}

function isTokenStart(text: string, at: number): boolean {
  return at === 0 || !TOKEN_CHARACTER.test(text.charAt(at)) || !TOKEN_CHARACTER.test(text.charAt(at - 1));
}

interface Scan {
  text: string;
  isSql: boolean;
  depth: number;
  jsonTries: number;
}

function readToken(scan: Scan, at: number): ReadPart | undefined {
  const { text, isSql } = scan;
  const first = text.charAt(at);
  if (first === "{" || first === "[") return readBracket(scan, at);
  if (first === '"' || first === "'" || first === "`" || first === "\\") return readQuoted(text, at, isSql);
  for (const rule of VALUE_RULES) {
    if (!rule.starts.test(first)) continue;
    rule.pattern.lastIndex = at;
    const value = rule.pattern.exec(text)?.[0];
    if (value === undefined) continue;
    const kept = rule.name === "n" ? readNumberKept(text, at, value) : undefined;
    const replaced = isSql && rule.name === "n" ? "?" : rule.replace?.(value) ?? `<${rule.name}>`;
    return { parts: [{ text: kept ?? replaced }], length: value.length };
  }
  return readNamed(text, at) ?? readWord(text, at);
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
