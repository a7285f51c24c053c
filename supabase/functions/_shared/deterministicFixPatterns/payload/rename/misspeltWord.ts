/** One misspelt word: `descripton` for `description`; never between two words that are right. @module */

import type { NameRule } from "../rule.ts";
import { KNOWN_WORDS } from "../knownWords.ts";
import { isNear } from "../distance.ts";

const SHORTEST = 5;
/** So long that two right words are hardly ever this near. */
const LONG = 9;

function isMisspelling(one: string, other: string): boolean {
  if (one.length < SHORTEST || other.length < SHORTEST || one[0] !== other[0]) return false;
  const known = [one, other].filter(isKnown).length;
  if (known === 2) return false;
  const shorter = Math.min(one.length, other.length);
  if (known === 0) return shorter >= LONG && isNear(one, other, 1);
  return isNear(one, other, shorter >= LONG ? 2 : 1);
}

function isKnown(word: string): boolean {
  return KNOWN_WORDS.has(word) || KNOWN_WORDS.has(`${word}s`);
}

/** The rule `misspelt_word`. */
export const misspeltWord: NameRule = {
  key: "misspelt_word",
  confidence: 0.85,
  because: "one word of the name is misspelt on one side, and nothing else is near",
  find(key, table) {
    return table.columns.filter(({ words }) => {
      if (!words.plain || words.canon.length !== key.words.canon.length) return false;
      const differing = words.canon.flatMap((word, at) =>
        word === key.words.canon[at] ? [] : [[key.words.canon[at]!, word] as const]
      );
      return differing.length === 1 && isMisspelling(...differing[0]!);
    });
  },
};
