/** The elements of a list take the form of their type, all or none. @module */

import type { CastRule, ColumnView } from "../rule.ts";
import { booleanText } from "./booleanText.ts";
import { numberText } from "./numberText.ts";

const ELEMENT_RULES: readonly CastRule[] = [numberText, booleanText];

/** The rule `array_elements`. */
export const arrayElements: CastRule = {
  key: "array_elements",
  confidence: 0.9,
  because: "each element is exactly a value of the type",
  families: ["array"],
  cast: (value, column) => Array.isArray(value) ? castElements(value, column) : undefined,
};

/** The list with each text in the form of the element's type; undefined when there is nothing to do. */
export function castElements(items: readonly unknown[], column: ColumnView): unknown[] | undefined {
  const element = column.type.family === "array" ? column.type.element.family : null;
  const rules = ELEMENT_RULES.filter((rule) => element !== null && rule.families.includes(element));
  if (rules.length === 0 || !items.some((item) => typeof item === "string")) return undefined;
  const cast = items.map((item) =>
    rules.map((rule) => rule.cast(item, column)).find((one) => one !== undefined) ?? item
  );
  return cast.some((item, at) => item !== items[at]) ? cast : undefined;
}
