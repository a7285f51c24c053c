/** Waiting, in the world of real time. @module */

/** Settles after so many milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** True when the condition held before the time was over; a condition that fails has not held yet. */
export async function heldWithin(
  timeoutMs: number,
  condition: () => Promise<boolean> | boolean,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    if (await Promise.resolve().then(condition).catch(() => false)) return true;
    if (performance.now() > deadline) return false;
    await pause(100);
  }
}
