/** Takes an object apart into columns: all of its members or none. @module */

import { isComputed } from "../../core/columns.ts";
import { fit, type Fitted, type Placing, put, said } from "./place.ts";
import type { ColumnView, KeyView } from "./rule.ts";
import { isPlainObject } from "./values.ts";
import { vetoOf } from "./vetoes.ts";
import { readName } from "./words.ts";

const MOST_MEMBERS = 30;

interface Place {
  column: ColumnView;
  fitted: Fitted & { fits: true };
}

/** Places every member in the one column that `columnsOf` has for its normalised name; false when one has none. */
export function placeMembers(
  rule: { key: string; confidence: number },
  key: KeyView,
  placing: Placing,
  columnsOf: (member: string) => readonly ColumnView[],
): boolean {
  if (!isPlainObject(key.value) || key.words.normal === "" || hasTwin(key, placing)) return false;
  const members = Object.entries(key.value);
  if (members.length === 0 || members.length > MOST_MEMBERS) return false;
  const places = members.map(([member, value]) => {
    const name = readName(member).normal;
    return name === "" ? null : placeOf(value, columnsOf(name), placing);
  });
  const taken = new Set(places.map((place) => place?.column));
  if (places.includes(null) || taken.size < places.length) return false;
  for (const place of places as Place[]) {
    put(placing, key.key, place.column, place.fitted);
    placing.applied.push({
      ...said(rule),
      action: "rename_column",
      from: key.key,
      to: place.column.facts.name,
    });
  }
  return true;
}

/** Two objects under one name would fill the same columns. */
function hasTwin(key: KeyView, { table }: Placing): boolean {
  return table.unknown.some((other) => other !== key && other.words.normal === key.words.normal);
}

function placeOf(value: unknown, columns: readonly ColumnView[], { table, healed }: Placing): Place | null {
  const [column, second] = columns;
  if (column === undefined || second !== undefined || isComputed(column.facts)) return null;
  if (healed.has(column.facts.name) || table.row.has(column.facts.name)) return null;
  // The names are equal; what is left to forbid is what the column itself decides about.
  if (vetoOf({ key: column.facts.name, value, words: column.words }, column, table) !== null) return null;
  const fitted = fit(value, column);
  return fitted.fits ? { column, fitted } : null;
}
