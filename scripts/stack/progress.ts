/** Says what takes long. @module */

/** Gets a line when a step takes longer than it should feel. */
export type OnProgress = (line: string) => void;

const QUIET_MS = 2_000;

/** Does the work; when it takes more than two seconds, says every two seconds that it still goes on. */
export async function withProgress<T>(
  label: string,
  onProgress: OnProgress | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const startedAt = performance.now();
  const timer = setInterval(() => {
    onProgress?.(`${label} (${Math.round((performance.now() - startedAt) / 1_000)} s)`);
  }, QUIET_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
