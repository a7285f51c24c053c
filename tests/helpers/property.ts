/**
 * The adapter of fast-check: everything else imports it from here.
 *
 * Every run takes a new seed and prints it; `PROPERTY_SEED=<seed> deno task test tests/property` repeats a run.
 * With `CI` set the seed is always the same: whether a change lands must not be a matter of luck.
 *
 * @module
 */

import fc from "npm:fast-check@4.10.2";
import { print } from "../../scripts/lib/print.ts";

export { fc };

/** How thorough a property is tried. */
export interface PropertyOptions {
  /** How many inputs are tried; 200. */
  runs?: number;
}

const SEED_IN_CI = 20_261_121;

/** The seed of this process. */
const seed = Number(
  Deno.env.get("PROPERTY_SEED") ?? (Deno.env.has("CI") ? SEED_IN_CI : Math.floor(Math.random() * 2 ** 31)),
);
print(`property seed ${seed}`);

/** Fails with the smallest counterexample when the property does not hold for every input tried. */
export function assertProperty<Inputs>(property: fc.IProperty<Inputs>, options: PropertyOptions = {}): void {
  fc.assert(property, { seed, numRuns: options.runs ?? 200 });
}

/** As {@link assertProperty}, for a property that waits. */
export async function assertAsyncProperty<Inputs>(
  property: fc.IAsyncProperty<Inputs>,
  options: PropertyOptions = {},
): Promise<void> {
  await fc.assert(property, { seed, numRuns: options.runs ?? 200 });
}
