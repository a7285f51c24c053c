/** Causes with values of their own: each `{}` of a message is filled from the list at its place. @module */

import type { Cause } from "./cause.ts";

/** One cause, met as often as its longest list has values; shorter lists start again. */
export function varied(
  type: string | undefined,
  template: string,
  ...values: readonly (readonly string[])[]
): Cause {
  const count = Math.max(...values.map((list) => list.length));
  return {
    name: template,
    variants: Array.from({ length: count }, (_, occurrence) => {
      let place = 0;
      const message = template.replace(/\{\}/g, () => {
        const list = values[place++] ?? [];
        return list[occurrence % list.length] ?? "";
      });
      return { message, type };
    }),
  };
}
