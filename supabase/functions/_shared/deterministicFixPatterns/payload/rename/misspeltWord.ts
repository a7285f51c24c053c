/** One misspelt word: `descripton` for `description`; never between two words that are right. @module */

import type { NameRule } from "../rule.ts";
import { KNOWN_WORDS } from "../knownWords.ts";
import { isNear } from "../distance.ts";

const SHORTEST = 5;
/** From here a changed letter makes a misspelling more often than another word. */
const CHANGEABLE = 7;
/** So long that two right words are hardly ever this near. */
const LONG = 9;

function isMisspelling(one: string, other: string): boolean {
  const shorter = Math.min(one.length, other.length);
  if (shorter < SHORTEST || one[0] !== other[0]) return false;
  const known = [one, other].filter(isKnown).length;
  if (known === 2) return false;
  const edit = editBetween(one, other);
  if (edit === null) {
    return shorter >= LONG && known === 1 && isNear(one, other, 2) && haveSameLetters(one, other);
  }
  if (known === 0) return shorter >= LONG && edit !== "changed";
  return edit !== "changed" || shorter >= CHANGEABLE;
}

/** `payer` and `payee`, `plan` and `plane`: a word that ends in another letter is another word. */
function editBetween(one: string, other: string): "swapped" | "missing" | "changed" | null {
  if (!isNear(one, other, 1)) return null;
  if (one.length === other.length) {
    const isSwap = [...one].sort().join() === [...other].sort().join();
    return isSwap ? "swapped" : one.at(-1) === other.at(-1) ? "changed" : null;
  }
  return one.at(-1) === other.at(-1) ? "missing" : null;
}

function haveSameLetters(one: string, other: string): boolean {
  return [...new Set(one)].sort().join("") === [...new Set(other)].sort().join("");
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
