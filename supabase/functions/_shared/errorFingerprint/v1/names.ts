/** Names that are written without quotes: `function f(text)`, `permission denied for table t`. @module */

import type { ReadPart } from "./message.ts";

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
  { before: /(?:Invalid key|for user): $/, name: /[^]{1,1000}$/y, isValue: true },
];

/** The name at this place when the words before it announce one. */
export function readNamed(text: string, at: number): ReadPart | undefined {
  if (text.charAt(at - 1) !== " ") return undefined;
  const before = text.slice(Math.max(0, at - 48), at);
  const place = PLACES.find((place) => place.before.test(before));
  if (place === undefined) return undefined;
  place.name.lastIndex = at;
  const name = place.name.exec(text)?.[0];
  if (name === undefined) return undefined;
  const part = place.isValue === true ? { text: "<str>" } : { text: name, identifier: name };
  return { parts: [part], length: name.length };
}
