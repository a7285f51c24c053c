/** Finds the columns that the unknown keys of a row mean, one key to one column. @module */

import { fit, type Fitted, park, placeNamed, type Placing, put, said } from "./place.ts";
import { confirmedMapping } from "./learned/confirmedMapping.ts";
import { embeddedObject } from "./learned/embeddedObject.ts";
import { catchAllJson } from "./learned/catchAllJson.ts";
import { flattenedObject } from "./rename/flattenedObject.ts";
import { normalisedName } from "./rename/normalisedName.ts";
import { undefinedLeftOut } from "./field/undefinedLeftOut.ts";
import { NAME_RULES } from "./rules.ts";
import type { ColumnView, KeyView, NameRule, TableView } from "./rule.ts";
import { vetoOf } from "./vetoes.ts";

interface Meaning {
  key: KeyView;
  column: ColumnView;
  rule: NameRule;
  fitted: Fitted & { fits: true };
}

/** More unknown keys than this are no misnamed columns; only equal names count then, so that time stays linear. */
const MOST_JUDGED = 100;

/** Places every key that is no column, or parks it. */
export function placeUnknown(placing: Placing): void {
  const open = placeEqual(placing);
  const judged = placing.table.unknown.length > MOST_JUDGED ? [] : open;
  const meanings = judged.flatMap((key) => meaningOf(key, placing));
  const settled = new Set(meanings.filter((meaning) => isAlone(meaning, meanings)));
  for (const { key, column, rule, fitted } of settled) {
    placing.applied.push({ ...said(rule), action: "rename_column", from: key.key, to: column.facts.name });
    put(placing, key.key, column, fitted);
  }
  const done = new Set([...settled].map(({ key }) => key.key));
  for (const key of open) if (!done.has(key.key)) placeTakenApart(placing, key);
}

/** Keys that are equal to a column but for case and separators; what is left comes back. */
function placeEqual(placing: Placing): KeyView[] {
  const open: KeyView[] = [];
  const targets = new Map<string, KeyView[]>();
  for (const key of placing.table.unknown) {
    if (key.value === undefined) {
      placing.applied.push({ ...said(undefinedLeftOut), action: "drop_field", from: key.key, to: key.key });
      continue;
    }
    const columns = normalisedName.find(key, placing.table);
    const name = columns[0]?.facts.name;
    if (columns.length !== 1 || name === undefined) open.push(key);
    else if (targets.has(name)) targets.get(name)!.push(key);
    else targets.set(name, [key]);
  }
  for (const [name, keys] of targets) placeOneOf(placing, placing.table.byName.get(name)!, keys);
  return open;
}

function placeOneOf(placing: Placing, column: ColumnView, keys: readonly KeyView[]): void {
  const isTaken = placing.table.row.has(column.facts.name);
  if (isTaken || keys.some(({ value }) => !Object.is(value, keys[0]!.value))) {
    for (const key of keys) park(placing, key.key, isTaken ? "column_is_given" : "several_keys_for_one_column");
    return;
  }
  for (const { key, value } of keys) {
    if (placeNamed(placing, key, value, column)) {
      placing.applied.push({ ...said(normalisedName), action: "rename_column", from: key, to: column.facts.name });
    }
  }
}

/** What a key means: at most one column, by the strongest rule that knows the key. */
function meaningOf(key: KeyView, placing: Placing): Meaning[] {
  const confirmed = confirmedMapping.findAmong(key, placing.table, placing.confirmed);
  const found = confirmed.length > 0 ? { rule: confirmedMapping, columns: confirmed } : byRules(key, placing.table);
  const column = found?.columns[0];
  if (found === null || column === undefined || found.columns.length > 1) return [];
  if (!isFree(column, placing) || vetoOf(key, column, placing.table, found.rule.mayTouch) !== null) return [];
  const fitted = fit(key.value, column, { isConfirmed: found.rule === confirmedMapping });
  if (!fitted.fits) return [];
  const isCertain = found.rule.strength !== undefined;
  return isCertain || !hasRival(key, column, placing) ? [{ key, column, rule: found.rule, fitted }] : [];
}

function byRules(key: KeyView, table: TableView): { rule: NameRule; columns: readonly ColumnView[] } | null {
  if (!key.words.plain) return null;
  for (const rule of NAME_RULES) {
    const columns = rule.find(key, table);
    if (columns.length > 0) return { rule, columns };
  }
  return null;
}

/** A column that the row names itself is never overwritten, and one that the database makes is never given. */
function isFree(column: ColumnView, { healed, table }: Placing): boolean {
  const { name, generated, identity } = column.facts;
  return !healed.has(name) && !table.row.has(name) && generated !== true && identity !== "always";
}

/** Another free column of the same kind (`model_name` for `name`) that would take the value as well. */
function hasRival(key: KeyView, column: ColumnView, placing: Placing): boolean {
  const head = key.words.canon.at(-1);
  return placing.table.columns.some((other) =>
    other !== column && other.words.canon.at(-1) === head && isFree(other, placing) &&
    fit(key.value, other).fits
  );
}

/** Two keys for one column are none, unless they say the same by confirmed mappings. */
function isAlone(meaning: Meaning, all: readonly Meaning[]): boolean {
  return all.every((other) =>
    other === meaning || other.column !== meaning.column ||
    (meaning.rule === confirmedMapping && other.rule === confirmedMapping &&
      Object.is(meaning.key.value, other.key.value))
  );
}

/** An object that is spread over columns, or a part of one that has been confirmed; else the key is parked. */
function placeTakenApart(placing: Placing, key: KeyView): void {
  const isDone = flattenedObject.place(key, placing) || embeddedObject.place(key, placing) ||
    catchAllJson.place(key, placing);
  if (!isDone) park(placing, key.key, "unknown");
}
