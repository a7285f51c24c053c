/** What forbids a mapping, whoever proposes it and however often it has been confirmed. @module */

import type { ColumnView, KeyView, TableView } from "./rule.ts";
import { OPPOSITES_OF } from "./opposites.ts";
import { MONEY, SENSITIVE } from "./protectedWords.ts";
import { ABSOLUTE, RELATIVE, UNITS } from "./units.ts";
import type { Words } from "./words.ts";

/** Why a mapping is forbidden. */
export type Veto = "sensitive" | "guarded_table" | "money" | "opposite" | "unit" | "relative_time";

/** The first veto against the key meaning the column, or null. */
export function vetoOf(
  key: KeyView,
  column: ColumnView,
  table: TableView,
  mayTouch: readonly string[] = [],
): Veto | null {
  if (isSensitive(key, column, mayTouch)) return "sensitive";
  if (table.isGuarded) return "guarded_table";
  if ([...key.words.canon, ...column.words.canon].some((word) => MONEY.has(word))) {
    return "money";
  }
  if (areOpposite(key.words, column.words)) return "opposite";
  if (unitsOf(key.words) !== unitsOf(column.words)) return "unit";
  return isRelative(key.words) !== isRelative(column.words) &&
      (isAbsolute(key.words) || isAbsolute(column.words))
    ? "relative_time"
    : null;
}

/** True for a column that decides about rights, identity, consent or money. */
export function isProtected({ words }: ColumnView): boolean {
  return [...words.tokens, ...words.canon].some((word) => SENSITIVE.has(word) || MONEY.has(word));
}

function isSensitive(key: KeyView, column: ColumnView, mayTouch: readonly string[]): boolean {
  const words = [...key.words.tokens, ...key.words.canon, ...column.words.tokens, ...column.words.canon];
  // Counted tokens are a model's, not a credential.
  const isCount = typeof key.value === "number" && column.type.family === "integer";
  const isApiKey = [key.words, column.words].some(({ canon }) =>
    canon.includes("api") && canon.includes("key")
  );
  return isApiKey || isRank(key.words) || isRank(column.words) ||
    words.some((word) => SENSITIVE.has(word) && !mayTouch.includes(word) && !(isCount && word === "token"));
}

/** The type of a user is a right in most projects. */
function isRank({ canon }: Words): boolean {
  return canon.some((word) => PERSONS.has(word)) && canon.some((word) => RANKS.has(word));
}

const PERSONS = new Set(["user", "member", "account", "person", "employee"]);
const RANKS = new Set(["type", "kind", "level", "group", "class", "tier"]);

function areOpposite(one: Words, other: Words): boolean {
  return one.canon.some((word) =>
    other.canon.some((peer) =>
      word !== peer && !one.canon.includes(peer) && !other.canon.includes(word) && opposes(word, peer)
    )
  );
}

const NEGATION = /^(?:un|in|im|dis|de|non|not)(.{4,})$/;

function opposes(word: string, peer: string): boolean {
  if (OPPOSITES_OF.get(word)?.some((group) => group.includes(peer)) === true) return true;
  return NEGATION.exec(word)?.[1] === peer || NEGATION.exec(peer)?.[1] === word;
}

/** A unit stands behind what it measures: `duration_ms`, never alone and never in front. */
function unitsOf({ tokens }: Words): string {
  return tokens.slice(1).filter((token) => Object.hasOwn(UNITS, token)).map((token) => UNITS[token]!).sort()
    .join(" ");
}

function isRelative({ tokens }: Words): boolean {
  return tokens.some((token) => RELATIVE.has(token));
}

function isAbsolute({ tokens }: Words): boolean {
  return tokens.some((token) => ABSOLUTE.has(token));
}
