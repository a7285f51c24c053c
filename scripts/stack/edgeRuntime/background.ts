/**
 * `EdgeRuntime.waitUntil`: work that goes on after the answer.
 *
 * As on the platform only a real promise is tracked. A query builder that merely has a `then` is neither
 * tracked nor started.
 *
 * @module
 */

const pending = new Set<Promise<unknown>>();

/** Gives functions their `EdgeRuntime`. */
export function installEdgeRuntime(): void {
  Object.defineProperty(globalThis, "EdgeRuntime", { value: { waitUntil }, configurable: true });
}

/** Settles when no background work is left, including work that began while this waited. */
export async function backgroundWork(): Promise<void> {
  while (pending.size > 0) await Promise.allSettled(pending);
}

function waitUntil(work: unknown): unknown {
  if (work instanceof Promise) {
    pending.add(work);
    // Not `finally`: its promise would reject as well, and the failure would be reported twice.
    work.then(() => pending.delete(work), () => pending.delete(work));
  }
  return work;
}
