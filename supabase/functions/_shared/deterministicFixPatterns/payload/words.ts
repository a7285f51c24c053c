/** Names in words: cut apart, spelled out, in the singular. @module */

import { ABBREVIATIONS } from "./abbreviations.ts";

/** A name, read. */
export interface Words {
  /** Lower case without accents, separators and case. */
  normal: string;
  /** The words as they stand, in lower case. */
  tokens: readonly string[];
  /** The words spelled out, in one text without blanks. */
  spelled: string;
  /** The words spelled out and in the singular. */
  canon: readonly string[];
  /** {@link canon} in one text. */
  phrase: string;
  /** False for a name that only an equal name can match: other scripts, signs, far too long. */
  plain: boolean;
}

/** Postgres cuts names at 63 bytes; what is much longer means no column. */
const LONGEST_NAME = 100;
const NOTHING: Words = { normal: "", tokens: [], spelled: "", canon: [], phrase: "", plain: false };

/** Names come again with every row, and reading one costs more than looking it up. */
const read = new Map<string, Words>();
const MOST_REMEMBERED = 2_000;

/** Reads a name; one with control signs, quotes or punctuation in it means nothing. */
export function readName(name: string): Words {
  const known = read.get(name);
  if (known !== undefined) return known;
  const words = parseName(name);
  if (read.size >= MOST_REMEMBERED) read.clear();
  if (name.length <= LONGEST_NAME) read.set(name, words);
  return words;
}

function parseName(name: string): Words {
  if (name.length > LONGEST_NAME || !/^[\p{L}\p{M}\p{N}_ .-]+$/u.test(name)) return NOTHING;
  const plainText = name.normalize("NFKD").replace(/\p{M}/gu, "");
  const normal = plainText.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  const tokens = plainText
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, "$1 $2")
    .toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((token) => token !== "");
  // Only alone: `long_name` is a name.
  const spelled = normal === "long" ? ["longitude"] : tokens.flatMap(spellOut);
  const canon = spelled.map(singular);
  return {
    normal,
    tokens,
    spelled: spelled.join(""),
    canon,
    phrase: canon.join(" "),
    plain: /^[a-z0-9]+$/.test(normal),
  };
}

function spellOut(token: string): readonly string[] {
  return Object.hasOwn(ABBREVIATIONS, token) ? ABBREVIATIONS[token]!.split(" ") : [token];
}

/** `categories` → `category`, `files` → `file`; `status` and `address` stay. */
export function singular(word: string): string {
  if (word.length < 4 || /(?:ss|us|is)$/.test(word)) return word;
  if (word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  return word.endsWith("s") ? word.slice(0, -1) : word;
}
