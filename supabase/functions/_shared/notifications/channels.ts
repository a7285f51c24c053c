/** The channels that the environment sets up. @module */

import { sha256 } from "../core/sha256.ts";
import type { NotificationChannelKind, NotificationChannelReport } from "../healingDb.ts";
import type { ChannelOptions, NotificationChannel } from "./channel.ts";
import { emailChannel } from "./email.ts";
import type { NotificationSettings } from "./settings.ts";
import { slackChannel } from "./slack.ts";
import { smsChannel } from "./sms.ts";
import { webhookChannel } from "./webhook.ts";

/** What {@link deliverNotifications} sends with. */
export interface NotificationChannels {
  readonly byKind: ReadonlyMap<NotificationChannelKind, NotificationChannel>;
  /** What the database is told of all kinds, those that are not set up too. */
  reports(): Promise<NotificationChannelReport[]>;
}

const KINDS: readonly NotificationChannelKind[] = ["slack", "webhook", "email", "sms"];

/** Makes the channels of these settings. */
export function createNotificationChannels(
  settings: NotificationSettings,
  options: ChannelOptions = {},
): NotificationChannels {
  const { slack, webhook, email, sms } = settings;
  const made = [
    slack && slackChannel(slack.url, options),
    webhook && webhookChannel(webhook, options),
    email && emailChannel(email, options),
    sms && smsChannel(sms, options),
  ].filter((channel) => channel !== undefined);
  return {
    byKind: new Map(made.map((channel) => [channel.kind, channel])),
    reports: () => Promise.all(KINDS.map((kind) => reportOf(kind, settings))),
  };
}

async function reportOf(
  kind: NotificationChannelKind,
  settings: NotificationSettings,
): Promise<NotificationChannelReport> {
  const own = settings[kind];
  return {
    kind,
    configured: own !== undefined,
    reason: own === undefined ? settings.problems[kind] ?? "it is not set up" : "set up",
    // Twelve digits of a hash over a long secret: enough to see that it is another one.
    key_id: own === undefined ? null : (await sha256(JSON.stringify(own))).slice(0, 12),
  };
}
