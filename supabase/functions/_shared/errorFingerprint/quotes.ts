/**
 * Quoted text: an identifier stays, a value goes. The word before the quote decides, then the form.
 *
 * @module
 */

import type { MessagePart, ReadPart } from "./message.ts";
import { readHost, readRoute } from "./places.ts";
import { DATA_NOUNS, PROGRAM_NOUNS } from "./nouns.ts";
import { isVariable } from "./randomText.ts";
import { normaliseWord } from "./words.ts";

const QUOTED: Readonly<Record<string, RegExp>> = {
  '"': /"((?:[^"\\]|\\.){0,4096}?)"/y,
  "'": /'([^']{0,4096}?)'(?![A-Za-z])/y,
  "`": /`([^`]{0,4096})`/y,
  "\\": /\\{1,3}["']([^"'\\]{0,400})\\{1,3}["']/y,
};
/** In SQL an apostrophe inside a word ends nothing, also where somebody forgot to double it. */
const SQL_LITERAL = /'((?:[^']|''|(?<=[A-Za-z])'(?=[A-Za-z])){0,4096})'/y;
const LAST_WORD = /([A-Za-z]{2,20})(:?) ?[ (:]$/;
const VALUE_SIGN = /(?:: ?|= ?|=\(|\(=)$/;
/** Values that are a mistake of the program rather than of the data; each is a cause of its own. */
const TELLING_VALUE = /^(?:|undefined|null|NaN|\[object Object\]|Infinity|true|false|None|nil)$/;
/** `at or near "}"` names the word that a parser stumbled over. */
const NEAR = /near $/i;
const TOKEN = /token $/i;
const RESERVED =
  /^(?:await|break|case|catch|class|const|continue|default|delete|do|else|enum|export|extends|finally|for|function|if|import|in|let|new|of|return|static|super|switch|this|throw|try|typeof|var|void|while|with|yield)$/;
/** Names of a schema are no longer. */
const MAX_NAME = 80;
const LOADING =
  /(?:module|import|resolve|package|found|file|specifier|loading|load|from|export)\b[^"'`]{0,8}$/i;
const IDENTIFIER = /^[@#A-Za-z_$][\w$]*(?:[-./:@]?[\w$]+|\[\d{1,9}\]){0,8}(?:\[\])?$/;
const NAMED_BY_COLON =
  /^(?:columns?|constraint|relation|function|property|parameter|field|option|module|setting|evaluating|reading)$/;

/** The quoted text at this place, or undefined when the quote has no end. */
export function readQuoted(text: string, at: number, isSql: boolean): ReadPart | undefined {
  const quote = text.charAt(at);
  if (isApostrophe(text, at)) return undefined;
  const before = text.slice(Math.max(0, at - 24), at);
  const pattern = isSql && quote === "'" ? SQL_LITERAL : QUOTED[quote]!;
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const content = match[1]!;
  if (isSql && quote === "'") return { parts: [{ text: "?" }], length: match[0].length };
  if (isSql && IDENTIFIER.test(content)) return { parts: [identifier(content)], length: match[0].length };
  const isNamed = announces(before) === "name";
  const isValue = !isNamed && announces(before) === "value";
  const length = isValue && quote === '"' ? lengthOfValue(text, at, match[0].length) : match[0].length;
  const part = isValue && length > match[0].length
    ? { text: "<str>" }
    : readContent(content, before, isNamed, isValue);
  return { parts: [part], length };
}

/** True for the sign in `can't`. */
export function isApostrophe(text: string, at: number): boolean {
  return text.charAt(at) === "'" && /[A-Za-z0-9]/.test(text.charAt(at - 1));
}

/** What the word before a quote says of it; a colon or an equals sign announces a value whatever the word. */
function announces(before: string): "name" | "value" | undefined {
  const [, word = "", colon = ""] = LAST_WORD.exec(before) ?? [];
  const noun = word.toLowerCase();
  if (/(?:unsupported value|authentication failed for user) $/i.test(before)) return "name";
  if (noun === "of") {
    return /(?:["'`]|\b(?:column|table|relation|field|property|type|index|key)s?) of $/.test(before)
      ? "name"
      : undefined;
  }
  if (PROGRAM_NOUNS.has(noun) && (colon === "" || NAMED_BY_COLON.test(noun))) return "name";
  return VALUE_SIGN.test(before) || DATA_NOUNS.has(noun) ? "value" : undefined;
}

/** A value may hold quotes: `malformed array literal: "["a","b"]"` ends at the last one. */
function lengthOfValue(text: string, at: number, shortest: number): number {
  if (!/[:] ?$/.test(text.slice(Math.max(0, at - 2), at)) || !/[\w[{(]/.test(text.charAt(at + shortest))) {
    return shortest;
  }
  const last = text.lastIndexOf('"', at + 400);
  return Math.max(shortest, last - at + 1);
}

function readContent(content: string, before: string, isNamed: boolean, isValue: boolean): MessagePart {
  if (TELLING_VALUE.test(content) && !isNamed) return { text: `"${content}"` };
  if (NEAR.test(before) && /^[^\w\s]{1,3}$|^[A-Za-z_]\w{0,62}$/.test(content)) {
    return { text: `"${content}"` };
  }
  if (TOKEN.test(before) && (/^[^\w\s]{1,3}$/.test(content) || RESERVED.test(content))) {
    return { text: `"${content}"` };
  }
  if (isValue && /\b(?:got|received|value) $/.test(before)) return { text: "<str>" };
  if (/^(?:[a-z]{1,10}:\/\/|\.{0,2}\/\w|[A-Za-z]:\\)/.test(content)) {
    return { text: readPlace(content, before) };
  }
  if (isValue) return { text: "<str>" };
  if (/^[^\w\s]{1,3}$/.test(content)) return { text: `"${content}"` };
  if (content.length > MAX_NAME) return { text: "<str>" };
  if (isNamed && content !== "" && !/^\d+$/.test(content)) return identifier(content);
  const isName = IDENTIFIER.test(content) && /[A-Za-z]{2}/.test(content) && !isVariable(content);
  return isName ? identifier(content) : { text: "<str>" };
}

/** A folder or a file that only one run had. */
function isMadeUp(part: string): boolean {
  return isVariable(part) || /^(?:[a-f]{8,}|\d+)$/.test(part);
}

/** A module that cannot be found is known by its own name, not by where the project lies. */
function readPlace(place: string, before: string): string {
  if (LOADING.test(before)) {
    const name = place.replace(/[?#].*$/, "").replace(/@v?\d[\w.-]*/g, "");
    return `"${name.split("/").slice(-2).map((part) => isMadeUp(part) ? "<id>" : part).join("/")}"`;
  }
  return /^[a-z]{2,10}:/.test(place) ? `<url:${readHost(place)}>` : readRoute(place);
}

const HOST = /^[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}\.(?:com|co|io|net|org|dev|app|internal|local|ai|cloud|sh)$/;

/** `events_2026_11_21`, `orders_p202611`: one of many alike. */
const PARTITION = /(?<=_p?)(?:19|20)\d\d(?:_?(?:[wq]?\d{1,2})){0,2}(?=_|$)/;

function identifier(content: string): MessagePart {
  if (HOST.test(content)) return { text: `"${normaliseWord(content)}"`, identifier: content };
  const name = content.replace(PARTITION, "<time>").replace(/\[\d{1,9}\]/g, "[<n>]").split(/(?<=[_.-])/).map(
    (segment) => {
      const end = /[_.-]$/.exec(segment)?.[0] ?? "";
      const word = segment.slice(0, segment.length - end.length);
      return (isTenant(word) && content.includes(".") ? "<id>" : isGenerated(word) ? "<n>" : word) + end;
    },
  ).join("");
  return { text: `"${name}"`, identifier: content };
}

function isGenerated(word: string): boolean {
  return /^(?:\d{5,}|[0-9a-f]{8,})$/i.test(word) && /\d/.test(word);
}

/** A pooler's user is `postgres.` and the project's reference. */
function isTenant(word: string): boolean {
  return /^[a-z]{20}$/.test(word);
}
