/** Work that goes on after the answer has gone out. @module */

interface Runtime {
  EdgeRuntime?: { waitUntil(promise: Promise<unknown>): void };
}

/** Keeps the worker alive until the work ends; a failure of the work is swallowed, since nobody waits for it. */
export function runInBackground(work: () => Promise<unknown>): void {
  // The runtime tracks real promises only.
  const promise = (async () => {
    try {
      await work();
    } catch {
      // Whoever starts background work reports its failures inside it.
    }
  })();
  (globalThis as Runtime).EdgeRuntime?.waitUntil(promise);
}
