/** Finds the columns that the unknown keys of a row mean, one key to one column. @module */

import { isComputed } from "../../core/columns.ts";
import { fit, type Fitted, park, placeNamed, type Placing, put, said } from "./place.ts";
import { confirmedMapping } from "./learned/confirmedMapping.ts";
import { embeddedObject } from "./learned/embeddedObject.ts";
import { spreadObject } from "./learned/spreadObject.ts";
import { catchAllJson } from "./learned/catchAllJson.ts";
import { flattenedObject } from "./rename/flattenedObject.ts";
import { normalisedName } from "./rename/normalisedName.ts";
import { undefinedLeftOut } from "./field/undefinedLeftOut.ts";
import { NAME_RULES } from "./rules.ts";
import type { ColumnView, KeyView, NameRule, TableView } from "./rule.ts";
import { isReference, isTemporal, isUrl } from "./values.ts";
import { vetoOf } from "./vetoes.ts";
import type { Words } from "./words.ts";

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
    for (const key of keys) {
      park(placing, key.key, isTaken ? "column_is_given" : "several_keys_for_one_column");
    }
    return;
  }
  for (const { key, value } of keys) {
    if (placeNamed(placing, key, value, column)) {
      placing.applied.push({
        ...said(normalisedName),
        action: "rename_column",
        from: key,
        to: column.facts.name,
      });
    }
  }
}

/** What a key means: what has been confirmed, else at most one column by the strongest rule that knows the key. */
function meaningOf(key: KeyView, placing: Placing): Meaning[] {
  const confirmed = confirmedMapping.findAmong(key, placing.table, placing.confirmed);
  const learned = judged(key, { rule: confirmedMapping, columns: confirmed }, placing);
  return learned.length > 0 ? learned : judged(key, byRules(key, placing.table), placing);
}

function judged(key: KeyView, { rule, columns }: Found, placing: Placing): Meaning[] {
  const [column, second] = columns;
  if (column === undefined || second !== undefined || !isFree(column, placing)) return [];
  if (vetoOf(key, column, placing.table, rule.mayTouch) !== null) return [];
  const isConfirmed = rule === confirmedMapping;
  // What takes everything takes a single value as a member, not as the whole.
  if (isConfirmed && column.type.family === "json" && typeof key.value !== "object") return [];
  const fitted = fit(key.value, column, { isConfirmed });
  if (!fitted.fits) return [];
  return rule.strength !== undefined || !hasRival(key, column, placing)
    ? [{ key, column, rule, fitted }]
    : [];
}

interface Found {
  rule: NameRule;
  columns: readonly ColumnView[];
}

function byRules(key: KeyView, table: TableView): Found {
  for (const rule of key.words.plain ? NAME_RULES : []) {
    const columns = rule.find(key, table);
    if (columns.length > 0) return { rule, columns };
  }
  return { rule: confirmedMapping, columns: [] };
}

/** A column that the row names itself is never overwritten, and one that the database makes is never given. */
function isFree(column: ColumnView, { healed, table }: Placing): boolean {
  const { name } = column.facts;
  return !healed.has(name) && !table.row.has(name) && !isComputed(column.facts);
}

/** Another free column of the same kind (`model_name` for `name`) that would take the value as well. */
function hasRival(key: KeyView, column: ColumnView, placing: Placing): boolean {
  const kinds = [kindOf(key.words, key.value), kindOf(column.words, key.value)];
  return placing.table.columns.some((other) =>
    other !== column && kinds.includes(kindOf(other.words, key.value)) && isFree(other, placing) &&
    fit(key.value, other).fits
  );
}

/** What a thing is stands at the end of its name, before an ending that tells how it is given and the value shows. */
function kindOf({ canon }: Words, value: unknown): string {
  const last = canon.at(-1) ?? "";
  const isHow = ENDINGS.get(last)?.(value) ?? false;
  return (isHow ? canon.at(-2) : undefined) ?? last;
}

const ENDINGS: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ["id", isReference],
  ...["at", "on", "date", "time", "datetime", "timestamp"].map((word) => [word, isTemporal] as const),
  ...["url", "uri", "link", "href"].map((word) => [word, isUrl] as const),
]);

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
  const isDone = flattenedObject.place(key, placing) || spreadObject.place(key, placing) ||
    embeddedObject.place(key, placing) || catchAllJson.place(key, placing);
  if (!isDone) park(placing, key.key, "unknown");
}
