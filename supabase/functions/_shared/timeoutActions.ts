/**
 * What the project does when work has taken too long, ready for `withTimeout`: its channel is told, an event remembers
 * it, and people hear of it when it happens often. What has to be cancelled and cleaned up only the author knows.
 *
 * @module
 */

import type { RpcPort } from "./core/ports.ts";
import { broadcastProjectEvent, createHealingEvent } from "./healingDb.ts";
import { timeoutAlert } from "./notifications.ts";
import type { TimeoutAction, TimeoutActions } from "./timeout.ts";

/** What the actions need. */
export interface ProjectTimeoutOptions {
  /** The SQL functions, with the service role. */
  db: RpcPort;
  functionName: string;
  /** Whose channel is told; without one nobody is. */
  projectId?: string;
  requestId?: string;
  /** The event on the channel; `generation:timeout`. */
  event?: string;
  /** Stops what a signal does not reach. */
  cancel?: TimeoutAction;
  /** Takes away what was left half done. */
  cleanUp?: TimeoutAction;
}

/**
 * The five actions of a project.
 *
 * @example
 * ```ts
 * import { withTimeout } from "./timeout.ts";
 * import { projectTimeoutActions } from "./timeoutActions.ts";
 *
 * const asked: string[] = [];
 * const db = { call: (name: string) => (asked.push(name), Promise.resolve([crypto.randomUUID()] as never)) };
 * const actions = projectTimeoutActions({ db, functionName: "generate", projectId: "p1" });
 * await withTimeout(() => new Promise(() => {}), 5, { operation: "generate", actions }).catch(() => {});
 * while (asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
 * if (asked.join() !== "broadcast_project_event,create_healing_events") throw new Error("unexpected");
 * ```
 */
export function projectTimeoutActions(options: ProjectTimeoutOptions): TimeoutActions {
  const { db, functionName, projectId, requestId, event = "generation:timeout", cancel, cleanUp } = options;
  return {
    ...(cancel === undefined ? {} : { cancel }),
    ...(cleanUp === undefined ? {} : { cleanUp }),
    ...(projectId === undefined ? {} : {
      broadcast: ({ operation, limitMs }) =>
        broadcastProjectEvent(db, projectId, event, {
          status: "error",
          message: `${operation} did not end within ${Math.round(limitMs / 1_000)} s`,
        }),
    }),
    learn: ({ operation, reason, limitMs, elapsedMs, rate }) =>
      createHealingEvent(db, {
        event_type: "timeout",
        category: "runtime",
        severity: "medium",
        result: "failure",
        message: `${operation} was ended: ${reason}`,
        function_name: functionName,
        duration_ms: elapsedMs,
        request_id: requestId ?? null,
        ...(projectId === undefined ? {} : { project_id: projectId }),
        details: { operation, reason, limit_ms: limitMs, ...rate },
      }),
    alert: timeoutAlert(db),
  };
}
