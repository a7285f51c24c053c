/** Sends what people should hear: no cycle, and in nobody's way. What it could not send waits in the outbox. @module */

import { type Clock, systemClock } from "../_shared/core/clock.ts";
import { messageOf } from "../_shared/core/errors.ts";
import type { Logger } from "../_shared/core/logger.ts";
import type { RpcPort } from "../_shared/core/ports.ts";
import { deliverNotifications, type NotificationChannels } from "../_shared/notifications.ts";
import type { RunCounters } from "./runCycles.ts";

/** What delivery needs of the function. */
export interface DeliveryMeans {
  db: RpcPort;
  logger: Logger;
  notifications?: NotificationChannels | undefined;
  clock?: Clock;
}

/** What came of one delivery. */
export interface Delivery {
  sent: number;
  failure?: string;
}

const BUDGET_MS = 8_000;

/** Delivers what is due; never rejects. */
export async function deliver(
  runId: string,
  { db, notifications, logger, clock = systemClock }: DeliveryMeans,
): Promise<Delivery> {
  if (notifications === undefined) return { sent: 0 };
  try {
    const untilMs = clock.monotonic() + BUDGET_MS;
    const { sent, failures } = await deliverNotifications(db, notifications, {
      untilMs,
      worker: `run:${runId}`,
      clock,
      logger,
    });
    return failures.length === 0 ? { sent } : { sent, failure: failures.join("; ").slice(0, 1_000) };
  } catch (thrown) {
    logger.error("notifications were not delivered", { runId, reason: messageOf(thrown) });
    return { sent: 0, failure: messageOf(thrown).slice(0, 1_000) };
  }
}

/** Puts deliveries into the counters of their run. */
export function addDelivery(counters: RunCounters, ...deliveries: readonly Delivery[]): void {
  for (const { sent, failure } of deliveries) {
    counters.notifications_sent += sent;
    if (failure !== undefined) counters.failed_cycles = { ...counters.failed_cycles, notifications: failure };
  }
}
