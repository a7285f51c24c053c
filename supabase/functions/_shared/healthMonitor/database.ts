/** Whether the database answers soon, takes connections and writes, and nobody in it waits for long. @module */

import { type Clock, systemClock } from "../core/clock.ts";
import { HealingError } from "../core/errors.ts";
import type { RpcPort } from "../core/ports.ts";
import { type DatabaseHealth, getDatabaseHealth } from "../healthDb.ts";
import { type Figure, type HealthCheck, type HealthLook, judgeFigure, worstOf } from "./check.ts";

/** From where on a figure is degraded, and from where on unhealthy. */
type Bounds = readonly [degraded: number, unhealthy: number];

/** What counts as bad. */
export interface DatabaseBounds {
  latencyMs: Bounds;
  connectionsPercent: Bounds;
  transactionS: Bounds;
  lockWaitS: Bounds;
  spacePercent: Bounds;
}

const BOUNDS: DatabaseBounds = {
  latencyMs: [500, 2_000],
  connectionsPercent: [80, 95],
  transactionS: [600, 3_600],
  lockWaitS: [10, 60],
  spacePercent: [80, 95],
};

/** The check; the latency is the round trip of the question itself. */
export function databaseCheck(
  db: RpcPort,
  bounds: Partial<DatabaseBounds> = {},
  clock: Clock = systemClock,
): HealthCheck {
  return {
    name: "database",
    limitMs: 10_000,
    async look() {
      const startedAt = clock.monotonic();
      const health = await getDatabaseHealth(db).catch((cause) => {
        throw new HealingError("UNAVAILABLE", "The database does not answer", { cause });
      });
      const latencyMs = Math.round(clock.monotonic() - startedAt);
      const figures = figuresOf(health, latencyMs, { ...BOUNDS, ...bounds });
      return worstOf([writing(health), ...figures.map(judgeFigure)], { latency_ms: latencyMs, ...health });
    },
  };
}

function figuresOf(health: DatabaseHealth, latencyMs: number, bounds: DatabaseBounds): Figure[] {
  const connections = percentOf(health.connections_used, health.connections_max);
  const space = percentOf(health.database_bytes, health.limit_mb * 1_048_576);
  const figure = (value: number, [degraded, unhealthy]: Bounds, words: string) => ({
    words,
    value,
    degraded,
    unhealthy,
  });
  return [
    figure(latencyMs, bounds.latencyMs, `the database answers in ${latencyMs} ms`),
    figure(
      connections,
      bounds.connectionsPercent,
      `${health.connections_used} of ${health.connections_max} connections are used`,
    ),
    figure(
      health.oldest_transaction_s,
      bounds.transactionS,
      `a transaction has been open for ${health.oldest_transaction_s} s`,
    ),
    figure(
      health.longest_lock_wait_s,
      bounds.lockWaitS,
      `${health.lock_waits} wait for a lock, the longest for ${health.longest_lock_wait_s} s`,
    ),
    figure(space, bounds.spacePercent, `the database takes ${space} % of its space`),
  ];
}

function writing({ read_only: isReadOnly }: DatabaseHealth): HealthLook {
  return isReadOnly
    ? {
      status: "unhealthy",
      reason: "the database only reads, which the platform sets when its disk is full",
    }
    : { status: "healthy", reason: "the database writes" };
}

/** 0 when the whole is not known. */
function percentOf(share: number, whole: number): number {
  return whole > 0 ? Math.round(1_000 * share / whole) / 10 : 0;
}
