/** Waiting, in the world of real time. @module */

import { lookUntil } from "../lib/lookUntil.ts";

/** Settles after so many milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** True when the condition held before the time was over; a condition that fails has not held yet. */
export async function heldWithin(
  timeoutMs: number,
  condition: () => Promise<boolean> | boolean,
): Promise<boolean> {
  const held = await lookUntil(
    () => Promise.resolve().then(condition).then((holds) => holds || undefined, () => undefined),
    { timeoutMs, everyMs: 100 },
  );
  return held === true;
}
