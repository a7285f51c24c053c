/** A way to send: what every channel gets and gives. @module */

import { type Clock, systemClock } from "../core/clock.ts";
import type { ClaimedNotification, NotificationChannelKind, NotificationOutcome } from "../healingDb.ts";

/** Sends messages of one kind. */
export interface NotificationChannel {
  readonly kind: NotificationChannelKind;
  /** Sends one message; never rejects. */
  send(delivery: ClaimedNotification, signal: AbortSignal): Promise<NotificationOutcome>;
}

/** What channels may be given. */
export interface ChannelOptions {
  fetch?: typeof fetch;
  clock?: Clock;
}

/** The options with their defaults. */
export function withDefaults(options: ChannelOptions): Required<ChannelOptions> {
  return { fetch: options.fetch ?? fetch, clock: options.clock ?? systemClock };
}
