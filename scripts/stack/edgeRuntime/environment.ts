/**
 * Shows a function only the variables that are meant for it.
 *
 * Deno still needs some of the others, such as certificates, while it loads the function's modules, which
 * happens after this file has run. So those are hidden first and taken away when everything is loaded.
 *
 * @module
 */

import { type Members, redefine } from "./files.ts";

/** Hides what is not in `shown`; what is in `carried` stays in place until the module is loaded. */
export function hideEnvironment(deno: Members, shown: readonly string[], carried: readonly string[]): void {
  const { env } = Deno;
  for (const name of Object.keys(env.toObject())) {
    if (!shown.includes(name) && !carried.includes(name)) env.delete(name);
  }
  const hidden = new Set(carried.filter((name) => !shown.includes(name)));
  redefine(deno, "env", {
    get: (name: string) => hidden.has(name) ? undefined : env.get(name),
    has: (name: string) => !hidden.has(name) && env.has(name),
    set: (name: string, value: string) => {
      hidden.delete(name);
      env.set(name, value);
    },
    delete: (name: string) => env.delete(name),
    toObject: () => Object.fromEntries(Object.entries(env.toObject()).filter(([name]) => !hidden.has(name))),
  });
  addEventListener("load", () => {
    for (const name of hidden) env.delete(name);
    hidden.clear();
  }, { once: true });
}
