/**
 * Tells people what they should know, without tiring them.
 *
 * A notification is one row per subject; repeats count it up. Whatever is new, worse or has gone on for long goes into
 * an outbox in the same transaction, one message per channel, and {@link deliverNotifications} sends it at least once:
 * to Slack, to a signed webhook, by e-mail and by SMS. The database holds back what is muted, what falls into quiet hours
 * and what exceeds a channel's limits, and joins it into a digest; `notification_log` says what became of each message.
 *
 * @module
 */

export {
  buildNotificationMessage,
  type NotificationFacts,
  type NotificationMessage,
} from "./notifications/message.ts";
export {
  type AdminNotification,
  breakerAlert,
  type HealthCheckFailure,
  notifyAdmins,
  notifyAdminsOfHealingEvent,
  notifyAdminsOfHealthCheckFailure,
  type NotifyOutcome,
  timeoutAlert,
} from "./notifications/notify.ts";
export { createNotificationChannels, type NotificationChannels } from "./notifications/channels.ts";
export type { ChannelOptions, NotificationChannel } from "./notifications/channel.ts";
export { type NotificationSettings, readNotificationSettings } from "./notifications/settings.ts";
export { deliverNotifications, type DeliverOptions, type DeliveryReport } from "./notifications/deliver.ts";
export { signWebhook } from "./notifications/webhook.ts";
