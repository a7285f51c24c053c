/** Private key blocks, whole or cut off. @module */

import { placeholder } from "./rule.ts";

const BEGIN = /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
const END = /-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
/** What a key that lost its end line looks like: a body follows, perhaps after header lines. */
const BODY_START = /^(?:\s|\\[nr]|[A-Za-z-]{1,24}: [^\n\\]{0,80}){0,12}[A-Za-z0-9+/=]{12}/;

/** Replaces private keys. Public keys and certificates are no secrets and stay. */
export function redactPemBlocks(text: string): string {
  if (!text.includes("PRIVATE KEY")) return text;
  const ends = [...text.matchAll(END)].map((match) => match.index + match[0].length);
  let result = "";
  let position = 0;
  let next = 0;
  for (const match of text.matchAll(BEGIN)) {
    if (match.index < position) continue;
    const bodyAt = match.index + match[0].length;
    while (next < ends.length && ends[next]! <= bodyAt) next += 1;
    const isCut = next >= ends.length;
    if (isCut && !BODY_START.test(text.slice(bodyAt, bodyAt + 1_500))) continue;
    result += text.slice(position, match.index) + placeholder("private-key");
    position = ends[next] ?? text.length;
  }
  return result + text.slice(position);
}
