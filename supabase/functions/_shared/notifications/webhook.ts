/**
 * The generic webhook, signed as the Standard Webhooks specification says: `webhook-id`, `webhook-timestamp` (seconds)
 * and `webhook-signature`, an HMAC-SHA-256 over `id.timestamp.body`.
 *
 * The id stays the same when a message is sent again, so that a receiver can tell; the timestamp is that of the attempt,
 * so that it can refuse what is older than a few minutes.
 *
 * @module
 */

import { type ChannelOptions, type NotificationChannel, withDefaults } from "./channel.ts";
import { webhookBody } from "./message.ts";
import { postToProvider, refusal } from "./post.ts";

const encoder = new TextEncoder();
/** Answers after which no message will be taken until somebody changes address or secret. */
const CHANNEL_REFUSALS = [401, 403, 404, 405, 410];

/** Makes the channel. */
export function webhookChannel(
  { url, secret }: { url: string; secret: string },
  options: ChannelOptions = {},
): NotificationChannel {
  const { fetch, clock } = withDefaults(options);
  return {
    kind: "webhook",
    async send(delivery, signal) {
      const body = webhookBody(delivery);
      const timestamp = String(Math.floor(clock.now() / 1_000));
      return await postToProvider({
        provider: "the webhook",
        url,
        headers: {
          "content-type": "application/json",
          "webhook-id": delivery.id,
          "webhook-timestamp": timestamp,
          "webhook-signature": await signWebhook(secret, { id: delivery.id, timestamp, body }),
        },
        body,
        signal,
        fetch,
        now: clock.now(),
      }, ({ status, text }) => {
        if (status >= 200 && status < 300) return { kind: "sent" };
        const kind = CHANNEL_REFUSALS.includes(status) ? "channel_refused" : "message_refused";
        return { kind, reason: refusal("the webhook", status, text) };
      });
    },
  };
}

/** The signature of a request, as its header says it. A secret that begins with `whsec_` is base64 behind it. */
export async function signWebhook(
  secret: string,
  { id, timestamp, body }: { id: string; timestamp: string; body: string },
): Promise<string> {
  const key = await crypto.subtle.importKey(
    "raw",
    keyBytes(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    [
      "sign",
    ],
  );
  const signature = await crypto.subtle.sign("HMAC", key, encoder.encode(`${id}.${timestamp}.${body}`));
  return `v1,${btoa(String.fromCharCode(...new Uint8Array(signature)))}`;
}

function keyBytes(secret: string): ReturnType<TextEncoder["encode"]> {
  if (!secret.startsWith("whsec_")) return encoder.encode(secret);
  return Uint8Array.from(atob(secret.slice("whsec_".length)), (unit) => unit.charCodeAt(0));
}
