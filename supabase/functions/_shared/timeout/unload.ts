/** The worker's last moment, in which work that still goes on is ended. @module */

const running = new Set<() => void>();
let isListening = false;

/** Calls `end` when the worker is about to end; the answer takes it back. */
export function onUnload(end: () => void): () => void {
  if (!isListening) {
    isListening = true;
    globalThis.addEventListener("beforeunload", endAll);
  }
  running.add(end);
  return () => void running.delete(end);
}

function endAll(): void {
  for (const end of [...running]) end();
}
