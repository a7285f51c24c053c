/**
 * A process that delivers and hangs at one step, to be killed there. Arguments: the database's URL, the settings of the
 * channels as JSON, and the step: `beforeSend`, `afterSend` (the provider has answered) or `beforeMark`.
 *
 * @module
 */

import {
  createNotificationChannels,
  deliverNotifications,
} from "../../supabase/functions/_shared/notifications.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";

const [url, settings, step] = Deno.args as [string, string, string];
const { rpc } = await openDirectConnection(url);
// A timer keeps the process from ending by itself.
const hang = () => new Promise<never>((_, reject) => setTimeout(reject, 600_000));
const channels = createNotificationChannels(JSON.parse(settings), {
  fetch: async (input, init) => {
    if (step === "beforeSend") return await hang();
    const answer = await fetch(input, init);
    return step === "afterSend" ? await hang() : answer;
  },
});
const db: typeof rpc = {
  call: (name, args) => name === "finish_notification" ? hang() : rpc.call(name, args),
};
await deliverNotifications(db, channels, { sendTimeoutMs: 60_000, worker: "killed" });
