/** Names that are written without quotes: `function f(text)`, `permission denied for table t`, `user jane`. @module */

import type { ReadPart } from "./message.ts";
import { DATA_KEYS, NO_NAMES, NUMBERED_NOUNS, PERSON_NOUNS, PROGRAM_TITLES } from "./nouns.ts";

interface NamePlace {
  /** What stands before the name. */
  before: RegExp;
  /** The name; sticky and bounded. */
  name: RegExp;
  /** True when it is somebody's data rather than a name of the program. */
  isValue?: boolean;
}

const PLACES: readonly NamePlace[] = [
  {
    before: /(?:function|procedure|routine|aggregate|between:|\),) $/,
    name: /[\w.$"]{1,130}\((?:[^()]|\([^()]{0,40}\)){0,400}\)/y,
  },
  {
    before:
      /(?:denied for|owner of) (?:table|relation|schema|sequence|function|view|materialized view|foreign table|database|type|domain|language|publication|event trigger|extension|large object|tablespace|procedure|index|policy) $/,
    name: /[A-Za-z_][\w$.]{0,130}/y,
  },
  { before: /(?:column|reference to) $/, name: /[A-Za-z_]\w{0,63}(?:\.\w{1,63}){1,2}/y },
  { before: /Invalid schema: $/, name: /[A-Za-z_]\w{0,62}/y },
  { before: /(?:limit reached|too large) for $/, name: /[A-Za-z][\w.:/-]{0,100}/y },
  { before: /mime type $/, name: /[\w.+-]{1,60}\/[\w.+-]{1,60}/y },
];

const RESTS: readonly NamePlace[] = [
  { before: /(?:Invalid key|for user): $/, name: /[^]{1,1000}$/y, isValue: true },
  {
    before:
      /(?:[Uu]nknown|[Ii]nvalid|[Uu]nrecogni[sz]ed|[Bb]ad|[Mm]alformed|[Ii]llegal|parse|read|understand|validate|verify) (?:the )?(?:[a-z]{2,12} )?(?:command|date|time|email|phone|number|amount|address|name|url|URL|query|username|file ?name|path|slug|domain|host|text|search term|postcode|zip code|IBAN|price|colou?r|coordinates?)(?: is)?: $|parse URL from $/,
    name: /(?!(?:undefined|null|NaN)\b|["'`<])[^]{1,4096}$/y,
    isValue: true,
  },
];
/** The words at which one of the places may end. */
const PLACE_ENDS =
  /(?:function|procedure|routine|aggregate|between:|\),|table|relation|schema|sequence|view|database|type|domain|language|publication|trigger|extension|object|tablespace|index|policy|column|to|schema:|for) $/;

const PARTICLE = "(?: (?:de|del|de la|da|dos|di|von|van|van der|der|al|bin|e|y|&))?";
const CAPITALISED = "[A-Z\\u00c0-\\u00de\\u0100-\\u017f][A-Za-z\\u00c0-\\u024f'’-]{0,40}\\.?";
/** `Jane Doe`, `José García López`, `O. Brien`; a single word only when it is no plain English one. */
const PERSON = new RegExp(
  `${CAPITALISED}(?:${PARTICLE} ${CAPITALISED}){1,3}|${CAPITALISED} the (?:\\d{1,2}(?:st|nd|rd|th)|${CAPITALISED})|[A-Za-z'-]{0,20}[\\u00c0-\\u1fff\\u2e80-\\ud7af][\\w\\u00c0-\\ud7af'’-]{0,40}`,
  "y",
);
const ACTS =
  /(?= (?:not found|does|doesn't|did|is not|isn't|was not|has (?:no|\d)|had|have|cannot|can't|could|couldn't|tried|already|left|joined|wants)(?![A-Za-z]))/y;
const GOES_ON =
  /(?= (?:not|does|do|did|is|was|are|were|has|had|have|could|cannot|can|can't|couldn't|doesn't|isn't|from|on|in|at|to|with|already|because|since|failed|must|may|will|tried|exceeded|reached|lacks|needs|and|for|by|after|before|without|during|due|left|joined|sent|wants|requested|reported|opened|closed|changed|deleted|uploaded)(?![A-Za-z])|[),;]|[.:](?: |$)|$| \()/y;
const PERSON_KEY =
  /(?:^|[^A-Za-z_])(?:user|username|login|email|customer|tenant|account|owner|author|sender|recipient|user_?id)=$/i;
const TOKEN = /[\w\u00c0-\ud7af][\w\u00c0-\ud7af.@+-]{0,80}(?<![.])/y;
const CODE = /#?[A-Za-z0-9\u00c0-\u024f](?:[\w-]|\.(?=\w)){0,80}/y;

/** The name at this place when the words before it announce one. */
export function readNamed(text: string, at: number): ReadPart | undefined {
  const sign = text.charAt(at - 1);
  if (sign === "=") return readPair(text, at);
  if (sign !== " " && sign !== "#") return undefined;
  const before = text.slice(Math.max(0, at - 32), at);
  return (PLACE_ENDS.test(before) ? readPlace(text, at, PLACES) : undefined) ??
    readAfterNoun(text, at, before);
}

/** `Unknown command: …`: all that follows is somebody's input. */
export function readRest(text: string, at: number): ReadPart | undefined {
  if (text.charAt(at - 1) !== " " || !/[:m]/.test(text.charAt(at - 2))) return undefined;
  return readPlace(text, at, RESTS);
}

function readPlace(text: string, at: number, places: readonly NamePlace[]): ReadPart | undefined {
  const before = text.slice(Math.max(0, at - 64), at);
  const place = places.find((place) => place.before.test(before));
  const name = place === undefined ? undefined : match(place.name, text, at);
  if (place === undefined || name === undefined) return undefined;
  const part = place.isValue === true ? { text: "<str>" } : { text: name, identifier: name };
  return { parts: [part], length: name.length };
}

/** `user=jane`, also where the value has a form of its own: who it was does not matter, in whatever form. */
export function readPerson(text: string, at: number): ReadPart | undefined {
  return text.charAt(at - 1) === "=" && PERSON_KEY.test(text.slice(Math.max(0, at - 16), at))
    ? readPair(text, at)
    : undefined;
}

/** `user=jane`, `rid=Kx82mQ`; what the pair says of the cause (`code=1006`, `reason=`) is no matter of this place. */
function readPair(text: string, at: number): ReadPart | undefined {
  const key = /([A-Za-z_]{1,24})=$/.exec(text.slice(Math.max(0, at - 26), at))?.[1]?.toLowerCase();
  if (key === undefined || !DATA_KEYS.has(key)) return undefined;
  const value = match(/\[redacted:[a-z-]{1,24}\]|[^\s,;&)\]}"'<]{1,200}/y, text, at);
  return value === undefined ? undefined : { parts: [{ text: "<str>" }], length: value.length };
}

function readAfterNoun(text: string, at: number, before: string): ReadPart | undefined {
  const noun = /([A-Za-z\u00c0-\u024f]{2,16})(?:,? (?:no\.|nr\.|number|id|with id|named|called))?:?[ #]{1,2}$/
    .exec(before)?.[1]
    ?.toLowerCase();
  if (noun === undefined) return undefined;
  if (PERSON_NOUNS.has(noun)) {
    const person = readFullName(text, at) ?? readSingleName(text, at, before);
    if (person !== undefined) return { parts: [{ text: "<name>" }], length: person.length };
  }
  if (/^(?:by|from|for|to|with|in|at|of|von|für|de|pour|para|an)$/.test(noun)) {
    const person = readFullName(text, at);
    if (person !== undefined) return { parts: [{ text: "<name>" }], length: person.length };
  }
  return (/^(?:channel|room|topic|key)$/.test(noun) ? readKey(text, at) : undefined) ??
    (NUMBERED_NOUNS.has(noun) ? readCode(text, at) : undefined);
}

function readFullName(text: string, at: number): string | undefined {
  const name = match(PERSON, text, at);
  if (name === undefined) return undefined;
  const last = name.slice(name.lastIndexOf(" ") + 1).toLowerCase();
  return PROGRAM_TITLES.has(last) ? undefined : name;
}

/**
 * `user jane not found`: one word, and the sentence goes on behind it. A word that could be any other one has to be
 * announced (`for user jane`) or to act: `customer import failed` is no customer.
 */
function readSingleName(text: string, at: number, before: string): string | undefined {
  const token = match(TOKEN, text, at);
  if (token === undefined || NO_NAMES.has(token.toLowerCase()) || token.includes("@")) return undefined;
  const isPlain = /^[A-Za-z]?[a-z]+$/.test(token) && !/(?:for|by|as|to) [a-z]{4,16}:? $/.test(before);
  return match(isPlain ? ACTS : GOES_ON, text, at + token.length) === undefined ? undefined : token;
}

/** `channel room:general`: what stands before the colon is the kind. */
function readKey(text: string, at: number): ReadPart | undefined {
  const [whole, kind] = /^([a-z_]{2,24}):[\w\u00c0-\ud7af.:@-]{1,100}/.exec(text.slice(at, at + 130)) ?? [];
  return whole === undefined ? undefined : { parts: [{ text: `${kind}:<id>` }], length: whole.length };
}

/** `seat 14C`, `coupon SUMMER24`, `SKU AB-1234-XL`. */
function readCode(text: string, at: number): ReadPart | undefined {
  const code = match(CODE, text, at);
  if (
    code === undefined || !/[A-Za-z]/.test(code) || code.includes("@") ||
    text.charAt(at + code.length) === "("
  ) {
    return undefined;
  }
  const isCode = /^[a-f]{6,40}$/.test(code) ||
    /\d/.test(code) && /^(?:[A-Z0-9]+(?:-[A-Z0-9]+)*|\S{5,})$/.test(code) ||
    /^[A-Z-]{5,}$/.test(code) &&
      /(?:coupon|voucher|promo|code) $/i.test(text.slice(Math.max(0, at - 12), at));
  if (!isCode || /^\d+(?:ms|s|m|h|d|kB|MB|GB|B)$/.test(code)) return undefined;
  return { parts: [{ text: "<id>" }], length: code.length };
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
