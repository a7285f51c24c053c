/**
 * Empties the outbox: each channel on its own, so that one that is slow or down holds up no other.
 *
 * A message is claimed, sent and finished by itself. Whoever dies in between leaves a lease that ends, and the next
 * deliverer sends the message again, under the same id: at least once.
 *
 * @module
 */

import { type Clock, systemClock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import { type Logger, silentLogger } from "../core/logger.ts";
import { type Random, systemRandom } from "../core/random.ts";
import {
  type ClaimedNotification,
  claimNotification,
  finishNotification,
  type NotificationOutcome,
  reportNotificationChannels,
  type RpcPort,
  type StoredNotificationChannel,
} from "../healingDb.ts";
import type { NotificationChannel } from "./channel.ts";
import type { NotificationChannels } from "./channels.ts";

/** How to deliver. */
export interface DeliverOptions {
  /** Nothing is begun after this time of the monotonic clock, and what runs is aborted. */
  untilMs?: number;
  /** Who delivers; a random id. */
  worker?: string;
  /** The longest that a provider may take; 10,000. */
  sendTimeoutMs?: number;
  clock?: Clock;
  random?: Random;
  logger?: Logger;
}

/** What a delivery did. */
export interface DeliveryReport {
  /** Messages that a provider took. */
  sent: number;
  /** Messages that wait for another try. */
  retried: number;
  /** Of these, messages that may have been sent. */
  unknown: number;
  /** Messages that will never be sent. */
  refused: number;
  /** Messages whose end could not be stored or belonged to another deliverer by then. */
  lost: number;
  /** Why channels were left, one sentence each; never a secret. */
  failures: string[];
}

/** The database calls around a send may take this much longer than the send itself before the lease ends. */
const LEASE_RESERVE_MS = 20_000;
const SEND_TIMEOUT_MS = 10_000;
/** A send that has less time than this would only end unknown. */
const SHORTEST_SEND_MS = 500;

/**
 * Sends what is due on every channel until nothing is, the limits are reached or the time is up. Rejects only when the
 * channels themselves cannot be read.
 */
export async function deliverNotifications(
  db: RpcPort,
  channels: NotificationChannels,
  options: DeliverOptions = {},
): Promise<DeliveryReport> {
  const report: DeliveryReport = { sent: 0, retried: 0, unknown: 0, refused: 0, lost: 0, failures: [] };
  const stored = await reportNotificationChannels(db, await channels.reports());
  const deliverer = new Deliverer(db, options, report);
  await Promise.all(stored.map(async (channel) => {
    const sender = channels.byKind.get(channel.kind);
    if (sender !== undefined) await deliverer.empty(channel, sender);
  }));
  return report;
}

class Deliverer {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #worker: string;
  readonly #untilMs: number;
  readonly #sendTimeoutMs: number;

  constructor(
    private readonly db: RpcPort,
    options: DeliverOptions,
    private readonly report: DeliveryReport,
  ) {
    const { sendTimeoutMs = SEND_TIMEOUT_MS, untilMs = Number.POSITIVE_INFINITY } = options;
    if (!(sendTimeoutMs >= SHORTEST_SEND_MS && sendTimeoutMs <= 60_000)) {
      throw new RangeError(
        `Cannot deliver as "sendTimeoutMs" must be between ${SHORTEST_SEND_MS} and 60000: current value is ${sendTimeoutMs}`,
      );
    }
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#worker = options.worker ?? `deliverer:${(options.random ?? systemRandom).uuid()}`;
    this.#untilMs = untilMs;
    this.#sendTimeoutMs = sendTimeoutMs;
  }

  /** Sends one channel's messages, one after the other. */
  async empty(channel: StoredNotificationChannel, sender: NotificationChannel): Promise<void> {
    try {
      while (this.#timeLeft() >= SHORTEST_SEND_MS) {
        const delivery = await claimNotification(this.db, {
          channel: channel.name,
          worker: this.#worker,
          leaseSeconds: Math.ceil((this.#sendTimeoutMs + LEASE_RESERVE_MS) / 1_000),
        });
        if (delivery === null) return;
        await this.#finish(delivery, await this.#send(sender, delivery));
      }
    } catch (thrown) {
      // The lease gives back what was claimed; the other channels go on.
      this.report.lost++;
      this.report.failures.push(`${channel.kind}: ${messageOf(thrown).slice(0, 200)}`);
      this.#logger.error("a channel was left", {
        channel: channel.kind,
        reason: messageOf(thrown).slice(0, 200),
      });
    }
  }

  async #send(sender: NotificationChannel, delivery: ClaimedNotification): Promise<NotificationOutcome> {
    const ending = new AbortController();
    const timeoutMs = Math.min(this.#sendTimeoutMs, this.#timeLeft());
    const watching = this.#clock.sleep(timeoutMs, ending.signal).then(
      () => ending.abort(new DOMException("The time is up", "TimeoutError")),
      () => undefined,
    );
    try {
      return await sender.send(delivery, ending.signal);
    } catch {
      // A channel should not reject; what it threw may hold its address.
      return { kind: "unknown", reason: "the channel failed while it was sending" };
    } finally {
      ending.abort();
      await watching;
    }
  }

  async #finish(delivery: ClaimedNotification, outcome: NotificationOutcome): Promise<void> {
    const { report } = this;
    if (!await finishNotification(this.db, delivery, outcome)) report.lost++;
    if (outcome.kind === "sent") report.sent++;
    else if (outcome.kind === "retry" || outcome.kind === "unknown") report.retried++;
    else report.refused++;
    if (outcome.kind === "unknown") report.unknown++;
    if ("reason" in outcome) {
      this.#logger.warn("a notification was not sent", {
        channel: delivery.channel_kind,
        delivery: delivery.id,
        outcome: outcome.kind,
        reason: outcome.reason,
      });
    }
  }

  #timeLeft(): number {
    return this.#untilMs - this.#clock.monotonic();
  }
}
