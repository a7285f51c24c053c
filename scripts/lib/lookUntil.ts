/** Waiting for what happens elsewhere. @module */

/** How long, and how often. */
export interface LookOptions {
  timeoutMs: number;
  everyMs: number;
}

/** Looks until there is something to see; undefined when the time is over. It looks at least once. */
export async function lookUntil<Seen>(
  look: () => Promise<Seen | undefined>,
  { timeoutMs, everyMs }: LookOptions,
): Promise<Seen | undefined> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined || performance.now() >= deadline) return seen;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
