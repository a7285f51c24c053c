/** Notifications: the way into the outbox, and the way out of it. @module */

import type { Json, RpcPort } from "../core/ports.ts";
import type { ErrorSeverity } from "../core/sqlState.ts";

/** A kind of channel that something is sent over. */
export type NotificationChannelKind = "slack" | "webhook" | "email" | "sms";

/** What became of a notification that was raised. */
export interface RaisedNotification {
  id: string;
  /** 1 for a new one. */
  occurrence_count: number;
  /** Whether channels are told now; otherwise it was told not long ago, or waits for the digest. */
  told: boolean;
}

/** What a deliverer's environment says about one kind of channel. */
export interface NotificationChannelReport {
  kind: NotificationChannelKind;
  configured: boolean;
  /** Why it is not; never a secret. */
  reason: string;
  /** Tells one key from another without being one. */
  key_id: string | null;
}

/** A way to tell somebody. */
export interface StoredNotificationChannel {
  name: string;
  kind: NotificationChannelKind;
  /** Empty where the kind has none. */
  recipient: string;
}

/** What one message says of its notification; times are ISO 8601. */
export interface NotificationContent {
  title: string;
  body: string;
  dedupe_key: string;
  occurrence_count: number;
  first_seen_at: string;
  last_seen_at: string;
}

/** What a digest says: how many were held back, and the worst of them. */
export interface NotificationDigest {
  count: number;
  by_severity: Partial<Record<ErrorSeverity, number>>;
  lines: { severity: ErrorSeverity; title: string; occurrence_count: number }[];
}

/** A message that this worker holds. */
export type ClaimedNotification =
  & {
    id: string;
    claim_number: number;
    severity: ErrorSeverity;
    channel: string;
    channel_kind: NotificationChannelKind;
    recipient: string;
    /** How often it may have been sent before. */
    unknown_count: number;
  }
  & (
    | { kind: "alert" | "reminder" | "escalation"; content: NotificationContent }
    | { kind: "digest"; content: NotificationDigest }
  );

/** How a delivery ended. */
export type NotificationOutcome =
  | { kind: "sent"; providerId?: string | undefined }
  /** It was not sent, and may be tried again. */
  | { kind: "retry"; reason: string; afterMs?: number | undefined }
  /** It may have been sent. */
  | { kind: "unknown"; reason: string }
  /** This message will never be taken. */
  | { kind: "message_refused"; reason: string }
  /** Nothing will be taken until somebody changes the channel. */
  | { kind: "channel_refused"; reason: string };

/** Raises a notification, or counts up the unread one about the same subject. */
export function raiseNotification(
  db: RpcPort,
  notification: { severity: ErrorSeverity; title: string; body: string; dedupeKey: string; details: Json },
): Promise<RaisedNotification> {
  return db.call("notify_admins", {
    p_severity: notification.severity,
    p_title: notification.title,
    p_body: notification.body,
    p_dedupe_key: notification.dedupeKey,
    p_details: notification.details,
  });
}

/** Says which kinds of channels there are, and returns those to deliver on. */
export function reportNotificationChannels(
  db: RpcPort,
  reports: readonly NotificationChannelReport[],
): Promise<StoredNotificationChannel[]> {
  return db.call("report_notification_channels", { p_channels: reports });
}

/** Leases the next message of a channel; null when there is none or the channel may not get one now. */
export function claimNotification(
  db: RpcPort,
  claim: { channel: string; worker: string; leaseSeconds: number },
): Promise<ClaimedNotification | null> {
  return db.call("claim_notification", {
    p_channel: claim.channel,
    p_worker: claim.worker,
    p_lease_seconds: claim.leaseSeconds,
  });
}

/** Ends a leased message or puts it back; false when the lease is lost. */
export function finishNotification(
  db: RpcPort,
  delivery: Pick<ClaimedNotification, "id" | "claim_number">,
  outcome: NotificationOutcome,
): Promise<boolean> {
  const { kind } = outcome;
  return db.call("finish_notification", {
    p_delivery_id: delivery.id,
    p_claim_number: delivery.claim_number,
    p_outcome: {
      kind,
      reason: "reason" in outcome ? outcome.reason : null,
      provider_id: kind === "sent" ? outcome.providerId ?? null : null,
      after_ms: kind === "retry" ? Math.round(outcome.afterMs ?? 0) : null,
    },
  });
}
