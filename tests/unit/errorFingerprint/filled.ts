/**
 * Causes written once, met four times: each `{kind}` in a message is filled from a pool of real-looking values.
 *
 * The pools hold on purpose what differs in form within a kind: short and long, with and without digits, of several
 * languages. Which values an occurrence gets depends on the template alone, so the sets are the same in every run.
 *
 * @module
 */

import type { Cause } from "./cause.ts";
import { POOLS } from "./pools.ts";

/** How often each cause is met. */
const OCCURRENCES = 4;

/** One cause for each template, all with the same code and type. */
export function filled(
  code: string | undefined,
  type: string | undefined,
  ...templates: readonly string[]
): Cause[] {
  return templates.map((template) => ({
    name: template,
    variants: fill(template).map((message) => ({ message, code, type })),
  }));
}

/** As {@link filled} for one template, with a stack whose values are filled as well. */
export function filledAt(type: string, message: string, stack: string): Cause {
  const texts = fill(`${message}\u0000${stack}`);
  return {
    name: `${message} ${stack.split("\n")[0]}`,
    variants: texts.map((text) => {
      const [said = "", frames = ""] = text.split("\u0000");
      return { type, message: said, stack: `${type}: ${said}\n${frames}` };
    }),
  };
}

function fill(template: string): string[] {
  const start = [...template].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)!) % 9973, 7);
  return Array.from({ length: OCCURRENCES }, (_, occurrence) => {
    let place = 0;
    return template.replace(/\{([a-zA-Z0-9]+)\}/g, (whole, kind: string) => {
      const pool = POOLS[kind];
      if (pool === undefined) throw new RangeError(`There is no pool for ${whole} in: ${template}`);
      place += 1;
      return pool[(start + place * 5 + occurrence) % pool.length]!;
    });
  });
}
