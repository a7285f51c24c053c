/**
 * A generator of broken JSON: seeded cases by category, each with the value that the rules want.
 *
 * @module
 */

import { STRUCTURE_DEFECTS } from "./brokenJson/defects.ts";
import type { BrokenCase } from "./brokenJson/drafts.ts";
import { createDice } from "./brokenJson/dice.ts";
import { SURROUNDING_DEFECTS } from "./brokenJson/surroundings.ts";

/** A case with its name. */
export interface NamedCase extends BrokenCase {
  id: string;
  category: string;
}

/** All categories in a fixed order. */
export const CATEGORIES: readonly string[] = [
  ...Object.keys(STRUCTURE_DEFECTS),
  ...Object.keys(SURROUNDING_DEFECTS),
];

/** `count` cases of every category; the same seed gives the same cases. */
export function brokenCases(seed: number, count: number): NamedCase[] {
  const cases: NamedCase[] = [];
  CATEGORIES.forEach((category, index) => {
    const make = STRUCTURE_DEFECTS[category] ?? SURROUNDING_DEFECTS[category];
    for (let i = 0; i < count && make !== undefined; i++) {
      cases.push({
        id: `${category}-${seed}-${i}`,
        category,
        ...make(createDice(seed * 100_003 + index * 1_009 + i)),
      });
    }
  });
  return cases;
}
