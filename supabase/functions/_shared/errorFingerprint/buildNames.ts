/** File names of a build, without the hash that changes with each one. @module */

import { isVariable } from "./randomText.ts";

/** Eight signs of base64 for addresses, which may themselves hold a hyphen: `Cart-CqWm-2Ls.js`. */
const URL_HASH =
  /-(?=[\w-]{0,7}[A-Z\d])(?=\w{1,6}[_-])(?=[\w-]{0,7}\d|(?:[\w-]{0,7}[A-Z]){2})[\w-]{8}(?=\.[a-z]{2,4}$)/;

/** `index-4f2a1b3c.js` as `index.js`, `main.8f7e6d5c.chunk.js` as `main.chunk.js`. */
export function stripHash(name: string): string {
  const parts = name.replace(URL_HASH, "").split(/(?=[-.])/);
  const kept = parts.filter((part, index) => {
    const isEnding = index === parts.length - 1 && part.startsWith(".");
    return isEnding || !isHash(part.replace(/^[-.]/, ""));
  });
  return kept.join("").replace(/^[-.]+/, "") || name;
}

function isHash(word: string): boolean {
  if (/^[0-9a-f]{6,}$/i.test(word)) return /\d/.test(word) || /^[a-f]{8,}$/.test(word);
  // Eight signs of base32, as in `chunk-NUMECXU6.js`.
  if (/^\d+$/.test(word) || /^[A-Z2-7]{8}$/.test(word) || isVariable(word)) return true;
  if (word.length < 6 || word.length > 24) return false;
  const capitals = word.match(/[A-Z]/g)?.length ?? 0;
  const isMixed = /\d/.test(word) && /[A-Za-z]/.test(word) && (capitals > 0 || /[a-z]\d[a-z]/.test(word));
  return isMixed || word.length === 8 && capitals >= 2 && /[a-z]/.test(word);
}
