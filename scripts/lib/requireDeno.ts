/** Tells the owner of an old Deno so, before a module that it cannot load fails in its own words. @module */

import { printError } from "./print.ts";

/** The oldest Deno that the scripts run on: preloaded modules, detached children, `statfs`. */
export const OLDEST_DENO = "2.6.0";

/** Ends the process with code 1 and a sentence when this Deno is too old. */
export function requireDeno(version: string = Deno.version.deno): void {
  if (isAtLeast(version, OLDEST_DENO)) return;
  printError(`This Deno is ${version}, and the scripts need ${OLDEST_DENO} or newer.`);
  printError("Run `deno upgrade`, or use the newest one without installing it: npx -y deno@2 task <name>");
  Deno.exit(1);
}

/** Compares two versions by their numbers; what follows a hyphen does not count. */
export function isAtLeast(version: string, oldest: string): boolean {
  const [have, want] = [version, oldest].map((text) => text.split("-")[0]!.split(".").map(Number));
  for (const [index, number] of want!.entries()) {
    const own = have![index] ?? 0;
    if (own !== number) return own > number;
  }
  return true;
}
