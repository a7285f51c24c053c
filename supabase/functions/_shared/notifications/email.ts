/** E-mail by Resend. The delivery's id is the key of idempotency, under which Resend sends once in 24 hours. @module */

import type { NotificationOutcome } from "../healingDb.ts";
import { type ChannelOptions, type NotificationChannel, withDefaults } from "./channel.ts";
import { buildNotificationMessage } from "./message.ts";
import { postToProvider, type ProviderAnswer, refusal } from "./post.ts";

/** What is needed to send e-mail. */
export interface EmailAccount {
  apiKey: string;
  /** The sender, such as `Healing <healing@example.com>`; its domain is verified with Resend. */
  from: string;
  /** Resend's own. */
  baseUrl: string;
}

/** Errors that say nothing against the account or the recipient. */
const PASSING = new Set([
  "concurrent_idempotent_requests",
  "rate_limit_exceeded",
  "daily_quota_exceeded",
  "monthly_quota_exceeded",
]);
/** The address or what is in the message is refused, not the account. */
const MESSAGE = new Set([
  "invalid_idempotent_request",
  "invalid_idempotency_key",
  "missing_required_field",
  "invalid_parameter",
]);

/** Makes the channel. */
export function emailChannel(
  account: EmailAccount,
  options: ChannelOptions = {},
): NotificationChannel {
  const { fetch, clock } = withDefaults(options);
  return {
    kind: "email",
    send(delivery, signal) {
      const { subject, text, html } = buildNotificationMessage(delivery);
      return postToProvider({
        provider: "Resend",
        url: `${account.baseUrl}/emails`,
        headers: {
          authorization: `Bearer ${account.apiKey}`,
          "content-type": "application/json",
          "idempotency-key": `healing-${delivery.id}`,
        },
        body: JSON.stringify({ from: account.from, to: [delivery.recipient], subject, text, html }),
        signal,
        fetch,
        now: clock.now(),
      }, judge);
    },
  };
}

function judge(answer: ProviderAnswer): NotificationOutcome {
  const { status, text, afterMs } = answer;
  const { id, name = "", message = text } = fieldsOf(text);
  if (status >= 200 && status < 300) return { kind: "sent", providerId: id };
  const reason = refusal("Resend", status, `${name} ${message}`);
  if (PASSING.has(name)) return { kind: "retry", reason, afterMs };
  return { kind: MESSAGE.has(name) ? "message_refused" : "channel_refused", reason };
}

function fieldsOf(text: string): { id?: string; name?: string; message?: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter(([, field]) => typeof field === "string"));
  } catch {
    return {};
  }
}
