/** SMS by Twilio. It knows no key of idempotency: what may have been sent is sent again. @module */

import type { NotificationOutcome } from "../healingDb.ts";
import { type ChannelOptions, type NotificationChannel, withDefaults } from "./channel.ts";
import { buildNotificationMessage } from "./message.ts";
import { postToProvider, type ProviderAnswer, refusal } from "./post.ts";

/** What is needed to send SMS. */
export interface SmsAccount {
  accountSid: string;
  authToken: string;
  /** A number or an alphanumeric sender of the account. */
  from: string;
  /** Twilio's own. */
  baseUrl: string;
}

/** Codes that refuse the text alone: no body, too long, refused content. */
const MESSAGE_CODES = new Set([21602, 21617, 21605, 30007]);
const TOO_MANY = 20429;

/** Makes the channel. */
export function smsChannel(account: SmsAccount, options: ChannelOptions = {}): NotificationChannel {
  const { fetch, clock } = withDefaults(options);
  const { accountSid, authToken, from, baseUrl } = account;
  return {
    kind: "sms",
    send: (delivery, signal) =>
      postToProvider({
        provider: "Twilio",
        url: `${baseUrl}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`,
        headers: {
          authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}`,
          "content-type": "application/x-www-form-urlencoded",
        },
        body: new URLSearchParams({
          To: delivery.recipient,
          From: from,
          Body: buildNotificationMessage(delivery).sms,
        }).toString(),
        signal,
        fetch,
        now: clock.now(),
      }, judge),
  };
}

function judge({ status, text, afterMs }: ProviderAnswer): NotificationOutcome {
  const { sid, code, message } = fieldsOf(text);
  if (status >= 200 && status < 300) return { kind: "sent", providerId: sid };
  const reason = refusal("Twilio", status, code === undefined ? text : `${code} ${message}`);
  if (code === TOO_MANY) return { kind: "retry", reason, afterMs };
  return {
    kind: code !== undefined && MESSAGE_CODES.has(code) ? "message_refused" : "channel_refused",
    reason,
  };
}

function fieldsOf(text: string): { sid?: string; code?: number; message?: string } {
  try {
    const { sid, code, message } = JSON.parse(text);
    return {
      ...(typeof sid === "string" ? { sid } : {}),
      ...(typeof code === "number" ? { code } : {}),
      ...(typeof message === "string" ? { message } : {}),
    };
  } catch {
    return {};
  }
}
