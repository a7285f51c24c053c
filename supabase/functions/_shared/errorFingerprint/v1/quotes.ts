/**
 * Quoted text: an identifier stays, a value goes. The word before the quote decides, then the form.
 *
 * @module
 */

import type { MessagePart, ReadPart } from "./message.ts";
import { readHost, readRoute } from "./places.ts";
import { isVariable } from "./words.ts";

const QUOTED: Readonly<Record<string, RegExp>> = {
  '"': /"((?:[^"\\]|\\.){0,400}?)"/y,
  "'": /'([^']{0,400}?)'(?![A-Za-z])/y,
  "`": /`([^`]{0,400})`/y,
  "\\": /\\{1,3}["']([^"'\\]{0,400})\\{1,3}["']/y,
};
/** After these stands a name of the schema, the program or its interface. */
const NAMING =
  /(?:unsupported value|relation|table|view|column|columns|constraint|index|schema|role|type|function|policy|extension|trigger|database|publication|subscription|sequence|domain|operator|class|method|language|server|tablespace|parameter|property|properties|field|attribute|module|package|bucket|model|key|variable|argument|option|header|enum|rule|aggregate|procedure|collation|export|import|reading|setting|evaluating|hook|component|resource|reference|alias|for user|between|and|of)[ (:]{1,2}$/i;
/** After these stands somebody's data. */
const VALUING =
  /(?:: ?|=|=\(|\(=|value |values |literal |object |input |string |text |token |user |customer |order |session |file |email |account |id |item |record |tenant |organi[sz]ation |team |member |invoice |request |job |task |message |channel |room |host |address |url |path |tag |title |date |statement |cursor |portal |got |received |found |was |near |slug |username |handle |phone |city |word )$/i;
/** Values that are a mistake of the program rather than of the data; each is a cause of its own. */
const TELLING_VALUE = /^(?:|undefined|null|NaN|\[object Object\]|Infinity|true|false|None|nil)$/;
/** `at or near "}"` names the word that a parser stumbled over. */
const NEAR = /(?:near|token) $/i;
const LOADING =
  /(?:module|import|resolve|package|found|file|specifier|loading|load|from|export)\b[^"'`]{0,8}$/i;
const IDENTIFIER = /^[@#A-Za-z_$][\w$]*(?:[-./:@]?[\w$]+){0,8}(?:\[\])?$/;

/** The quoted text at this place, or undefined when the quote has no end. */
export function readQuoted(text: string, at: number, isSql: boolean): ReadPart | undefined {
  const quote = text.charAt(at);
  if (quote === "'" && /[A-Za-z0-9]/.test(text.charAt(at - 1))) return undefined;
  const before = text.slice(Math.max(0, at - 24), at);
  const isValue = VALUING.test(before) && !NAMING.test(before);
  const pattern = QUOTED[quote]!;
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const content = match[1]!;
  if (isSql && quote === "'") return { parts: [{ text: "?" }], length: match[0].length };
  const length = isValue && quote === '"' ? lengthOfValue(text, at, match[0].length) : match[0].length;
  const part = isValue && length > match[0].length
    ? { text: "<str>" }
    : readContent(content, before, isValue);
  return { parts: [part], length };
}

/** A value may hold quotes: `malformed array literal: "["a","b"]"` ends at the last one. */
function lengthOfValue(text: string, at: number, shortest: number): number {
  if (!/[:] ?$/.test(text.slice(Math.max(0, at - 2), at)) || !/[\w[{(]/.test(text.charAt(at + shortest))) {
    return shortest;
  }
  const last = text.lastIndexOf('"', at + 400);
  return Math.max(shortest, last - at + 1);
}

function readContent(content: string, before: string, isValue: boolean): MessagePart {
  const isNamed = NAMING.test(before);
  if (TELLING_VALUE.test(content) && !isNamed) return { text: `"${content}"` };
  if (NEAR.test(before) && /^[^\w\s]{1,3}$|^[A-Za-z_]\w{0,62}$/.test(content)) {
    return { text: `"${content}"` };
  }
  if (/^(?:[a-z]{1,10}:\/\/|\.{0,2}\/\w|[A-Za-z]:\\)/.test(content)) {
    return { text: readPlace(content, before) };
  }
  if (isValue && !isNamed) return { text: "<str>" };
  if (/^[^\w\s]{1,3}$/.test(content)) return { text: `"${content}"` };
  if (isNamed && content !== "" && !/^\d+$/.test(content)) return identifier(content);
  const isName = IDENTIFIER.test(content) && /[A-Za-z]{2}/.test(content) && !isVariable(content);
  return isName ? identifier(content) : { text: "<str>" };
}

/** A module that cannot be found is known by its own name, not by where the project lies. */
function readPlace(place: string, before: string): string {
  if (LOADING.test(before)) {
    const name = place.replace(/[?#].*$/, "").replace(/@v?\d[\w.-]*/g, "");
    return `"${name.split("/").slice(-2).join("/")}"`;
  }
  return /^[a-z]{2,10}:/.test(place) ? `<url:${readHost(place)}>` : readRoute(place);
}

/** `events_2026_11_21`, `orders_p202611`: one of many alike. */
const PARTITION = /(?<=_p?)(?:19|20)\d\d(?:_?(?:[wq]?\d{1,2})){0,2}(?=_|$)/;

function identifier(content: string): MessagePart {
  const name = content.replace(PARTITION, "<time>").split(/(?<=[_.-])/).map((segment) => {
    const end = /[_.-]$/.exec(segment)?.[0] ?? "";
    const word = segment.slice(0, segment.length - end.length);
    return (isTenant(word) && content.includes(".") ? "<id>" : isGenerated(word) ? "<n>" : word) + end;
  }).join("");
  return { text: `"${name}"`, identifier: content };
}

function isGenerated(word: string): boolean {
  return /^(?:\d{5,}|[0-9a-f]{8,})$/i.test(word) && /\d/.test(word);
}

/** A pooler's user is `postgres.` and the project's reference. */
function isTenant(word: string): boolean {
  return /^[a-z]{20}$/.test(word);
}
