/** An object whose every member has a column of its own: `address: { city }` for `address_city`. @module */

import { fit, type Fitted, type Placing, put, said } from "../place.ts";
import type { ColumnView, KeyView } from "../rule.ts";
import { isPlainObject } from "../values.ts";
import { vetoOf } from "../vetoes.ts";
import { readName } from "../words.ts";

const MOST_MEMBERS = 30;

/** The rule `flattened_object`: all members or none, each by the equal name of parent and member. */
export const flattenedObject = {
  key: "flattened_object",
  confidence: 0.93,
  because: "every member has a column that is named after the key and the member",
  /** True when the key is placed. */
  place(key: KeyView, placing: Placing): boolean {
    if (!isPlainObject(key.value) || key.words.normal === "") return false;
    const isTwin = placing.table.unknown.some((other) => other !== key && other.words.normal === key.words.normal);
    const members = Object.entries(key.value);
    if (isTwin || members.length === 0 || members.length > MOST_MEMBERS) return false;
    const places = members.map(([member, value]) => placeOf(key, member, value, placing));
    const columns = new Set(places.map((place) => place?.column));
    if (places.some((place) => place === null) || columns.size < places.length) return false;
    for (const place of places) {
      put(placing, key.key, place!.column, place!.fitted);
      placing.applied.push({
        ...said(flattenedObject),
        action: "rename_column",
        from: key.key,
        to: place!.column.facts.name,
      });
    }
    return true;
  },
};

function placeOf(
  parent: KeyView,
  member: string,
  value: unknown,
  { table, healed }: Placing,
): { column: ColumnView; fitted: Fitted & { fits: true } } | null {
  const words = readName(member);
  const [column, second] = words.normal === "" ? [] : table.byNormal.get(parent.words.normal + words.normal) ?? [];
  if (column === undefined || second !== undefined || healed.has(column.facts.name)) return null;
  if (column.facts.generated === true || column.facts.identity === "always") return null;
  if (vetoOf({ key: column.facts.name, value, words: column.words }, column, table) !== null) return null;
  const fitted = fit(value, column);
  return fitted.fits ? { column, fitted } : null;
}
