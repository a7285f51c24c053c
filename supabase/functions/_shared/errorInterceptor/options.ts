/** How a function is wrapped. @module */

import type { PlatformSettings } from "../core/settings.ts";
import type { RequestMonitor } from "../requestObserver.ts";
import type { Reporter } from "./reporting.ts";

/** How a function is wrapped. */
export interface SelfHealingOptions {
  /** Name under which its errors are grouped. */
  functionName: string;
  /**
   * Calls in all for a failure that passes by itself; 3. Only requests that may be repeated are: `GET` and `HEAD`,
   * and others when they carry an `idempotency-key` header.
   */
  maxAttempts?: number;
  /** Milliseconds since the request came in after which no further attempt begins: the caller waits; 5,000. */
  retryWithinMs?: number;
  /**
   * `true` queues a failed request for replay when its fault is mended, if it carries an `idempotency-key` header
   * and no person's token. The function has to honour that key.
   */
  replay?: boolean;
  projectId?: string;
  settings?: PlatformSettings;
  reporter?: () => Promise<Reporter>;
  /** Told of each request, its duration and its outcome; the isolate's own when left out. */
  monitor?: RequestMonitor;
}
