/** Slack's incoming webhook. It knows no key of idempotency: what may have been sent is sent again. @module */

import { type ChannelOptions, type NotificationChannel, withDefaults } from "./channel.ts";
import { buildNotificationMessage } from "./message.ts";
import { postToProvider, refusal } from "./post.ts";

/** Words of Slack after which no message will be taken until somebody changes the webhook. */
const CHANNEL_REFUSALS =
  /^(?:no_service|no_service_id|no_team|no_active_hooks|team_disabled|invalid_token|action_prohibited|posting_to_general_channel_denied|channel_not_found|channel_is_archived|user_not_found)/;

/** Makes the channel. */
export function slackChannel(url: string, options: ChannelOptions = {}): NotificationChannel {
  const { fetch, clock } = withDefaults(options);
  return {
    kind: "slack",
    send: (delivery, signal) =>
      postToProvider({
        provider: "Slack",
        url,
        headers: { "content-type": "application/json" },
        body: JSON.stringify(buildNotificationMessage(delivery).slack),
        signal,
        fetch,
        now: clock.now(),
      }, ({ status, text }) => {
        if (status === 200 && text.trim() === "ok") return { kind: "sent" };
        const reason = refusal("Slack", status, text);
        const isForever = CHANNEL_REFUSALS.test(text.trim()) || [401, 403, 404, 410].includes(status);
        return { kind: isForever ? "channel_refused" : "message_refused", reason };
      }),
  };
}
