/** What a notification says on each channel. @module */

import type { ErrorSeverity } from "../core/sqlState.ts";
import type { ClaimedNotification, NotificationContent, NotificationDigest } from "../healingDb.ts";
import { escapeHtml, escapeSlack, plainLine, plainText } from "./text.ts";

/** What a message is made from: a claimed delivery is one. */
export type NotificationFacts =
  & { severity: ErrorSeverity }
  & (
    | { kind: "alert" | "reminder" | "escalation"; content: NotificationContent }
    | { kind: "digest"; content: NotificationDigest }
  );

/** One message in every form that a channel needs; no form is longer than its provider takes. */
export interface NotificationMessage {
  /** One line, at most 150 characters. */
  subject: string;
  /** Plain text, at most 4,000 characters. */
  text: string;
  /** A whole document; everything foreign in it is escaped. */
  html: string;
  /** The body of a Slack webhook: foreign text is plain text there, which has no markup. */
  slack: { text: string; blocks: unknown[] };
  /** At most 300 characters. */
  sms: string;
}

const MAX_SUBJECT = 150;
const MAX_BODY = 3_500;
/** Slack takes 3,000 characters in a block of text. */
const MAX_SLACK = 2_900;
const MAX_SMS = 300;
const KIND_WORDS = { alert: "", reminder: "still: ", escalation: "unread: ", digest: "" } as const;

/**
 * Builds the message of a notification or a digest for all channels.
 *
 * @example
 * ```ts
 * import { buildNotificationMessage } from "../notifications.ts";
 *
 * const { subject, slack } = buildNotificationMessage({
 *   kind: "alert",
 *   severity: "high",
 *   content: {
 *     title: "checkout: <!channel> failed",
 *     body: "it failed",
 *     dedupe_key: "checkout",
 *     occurrence_count: 3,
 *     first_seen_at: "2026-01-01T00:00:00Z",
 *     last_seen_at: "2026-01-01T00:05:00Z",
 *   },
 * });
 * if (subject !== "[high] checkout: <!channel> failed") throw new Error(subject);
 * if (slack.text.includes("<")) throw new Error("markup");
 * ```
 */
export function buildNotificationMessage(facts: NotificationFacts): NotificationMessage {
  const { title, lines } = facts.kind === "digest" ? digestText(facts.content) : alertText(facts.content);
  const subject = plainLine(`[${facts.severity}] ${KIND_WORDS[facts.kind]}${title}`, MAX_SUBJECT);
  const body = plainText(lines.join("\n"), MAX_BODY);
  return {
    subject,
    text: `${subject}\n\n${body}`,
    html: `<!doctype html><html><body><h3>${escapeHtml(subject)}</h3><pre>${
      escapeHtml(body)
    }</pre></body></html>`,
    slack: {
      text: escapeSlack(subject),
      blocks: [
        { type: "header", text: { type: "plain_text", text: subject, emoji: false } },
        { type: "section", text: { type: "plain_text", text: plainText(body, MAX_SLACK), emoji: false } },
      ],
    },
    sms: plainLine(facts.kind === "digest" ? subject : `${subject}: ${facts.content.body}`, MAX_SMS),
  };
}

function alertText(content: NotificationContent): { title: string; lines: string[] } {
  const often = content.occurrence_count === 1
    ? `Once, at ${content.first_seen_at}`
    : `${content.occurrence_count} times, from ${content.first_seen_at} to ${content.last_seen_at}`;
  return {
    title: content.title,
    lines: [
      plainText(content.body, MAX_BODY - 800),
      "",
      often,
      `Subject: ${plainLine(content.dedupe_key, 300)}`,
    ],
  };
}

function digestText({ count, by_severity, lines }: NotificationDigest): { title: string; lines: string[] } {
  const worst = lines.map(({ severity, title, occurrence_count }) =>
    `[${severity}] ${plainLine(title, 140)}${occurrence_count > 1 ? ` (${occurrence_count} times)` : ""}`
  );
  const more = count - lines.length;
  return {
    title: `${count} ${count === 1 ? "notification was" : "notifications were"} held back`,
    lines: [
      Object.entries(by_severity).map(([severity, number]) => `${severity}: ${number}`).join(", "),
      "",
      ...worst,
      ...(more > 0 ? [`… and ${more} more: select * from notification_log`] : []),
    ],
  };
}

/** The body of the generic webhook, with the text sanitised like that of any other channel. */
export function webhookBody(delivery: ClaimedNotification): string {
  const { subject, text } = buildNotificationMessage(delivery);
  const own = delivery.kind === "digest"
    ? { count: delivery.content.count, by_severity: delivery.content.by_severity }
    : {
      dedupe_key: plainLine(delivery.content.dedupe_key, 300),
      occurrence_count: delivery.content.occurrence_count,
      first_seen_at: delivery.content.first_seen_at,
      last_seen_at: delivery.content.last_seen_at,
    };
  return JSON.stringify({
    type: `notification.${delivery.kind}`,
    id: delivery.id,
    severity: delivery.severity,
    subject,
    text,
    data: own,
  });
}
