/** How much of its memory this isolate uses; the platform ends it at 256 MB. @module */

import { type HealthCheck, judgeFigure } from "./check.ts";

/** Bytes that the isolate uses; undefined where the runtime does not tell. */
export type MemoryReader = () => number | undefined;

/** The check. */
export function memoryCheck(read: MemoryReader = memoryOfIsolate): HealthCheck {
  return {
    name: "memory",
    limitMs: 1_000,
    look() {
      const bytes = read();
      if (bytes === undefined) {
        return Promise.resolve({ status: "unknown", reason: "the runtime does not tell its memory" });
      }
      const megabytes = Math.round(bytes / 1_048_576);
      const words = `the isolate uses ${megabytes} of 256 MB`;
      return Promise.resolve(judgeFigure({ words, value: megabytes, degraded: 180, unhealthy: 230 }));
    },
  };
}

/** The heap and what hangs on it: the resident size is that of all isolates together. */
function memoryOfIsolate(): number | undefined {
  try {
    const { heapTotal, external } = Deno.memoryUsage();
    return heapTotal + external;
  } catch {
    return undefined;
  }
}
