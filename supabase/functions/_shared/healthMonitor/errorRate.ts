/** How many requests fail, how many time out, and how long they take. @module */

import type { Json, RpcPort } from "../core/ports.ts";
import { getRequestHealth } from "../healthDb.ts";
import { type HealthCheck, judgeFigure, worstOf } from "./check.ts";

/** Fewer requests tell no rate: one failure of one is no fault of half the system. */
const LEAST_REQUESTS = 10;

/** The check, over the last quarter of an hour. */
export function errorRateCheck(db: RpcPort): HealthCheck {
  return {
    name: "error_rate",
    limitMs: 10_000,
    async look() {
      const health = await getRequestHealth(db, "15 minutes");
      const { total_requests: total, error_rate: errors, timeout_rate: timeouts, p95_ms: p95 } = health;
      const details = { ...health } satisfies Json;
      if (errors === null || total < LEAST_REQUESTS) {
        const reason = `${total} requests in 15 minutes: a rate takes at least ${LEAST_REQUESTS}`;
        return { status: "unknown", reason, measured: total, threshold: LEAST_REQUESTS, details };
      }
      const seconds = Math.round((p95 ?? 0) / 100) / 10;
      return worstOf([
        judgeFigure({ words: `${errors} % of requests fail`, value: errors, degraded: 25, unhealthy: 50 }),
        judgeFigure({
          words: `${timeouts ?? 0} % of requests time out`,
          value: timeouts ?? 0,
          degraded: 10,
          unhealthy: 20,
        }),
        judgeFigure({
          words: `5 % of requests take ${seconds} s or longer`,
          value: seconds,
          degraded: 120,
          unhealthy: 240,
        }),
      ], details);
    },
  };
}
