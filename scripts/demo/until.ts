/** Waiting for what happens elsewhere. @module */

import { lookUntil } from "../lib/lookUntil.ts";

/** Waits for a condition; throws when it has not come true in time. */
export async function until(
  what: string,
  condition: () => Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  const came = await lookUntil(async () => await condition() || undefined, { timeoutMs, everyMs: 15 });
  if (!came) throw new Error(`${what} did not happen within ${timeoutMs} ms`);
}
