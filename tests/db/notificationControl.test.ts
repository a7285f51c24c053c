/** What people and the schedule do about notifications. */

import assert from "node:assert/strict";
import { createNotificationChannels } from "../../supabase/functions/_shared/notifications.ts";
import { setSetting } from "../helpers/contract.ts";
import { openNotifications, passTime, raise } from "../helpers/notifications.ts";
import { answers } from "../helpers/providers.ts";

Deno.test("a muted subject and a muted channel are held with who and why, and go on afterwards", async () => {
  await using all = await openNotifications();
  const { database, slack, receiver } = all;
  await database.query("select mute_notifications('subject', 'breaker:*', 60, 'we know')");
  await database.query("select mute_notifications('channel', 'webhook', 60, 'it moves')");
  await raise(all.rpc, "breaker:a", "critical");
  await raise(all.rpc, "other");
  await all.deliver();
  assert.deepEqual(slack.taken.map(({ text }) => text), ["[high] About other"]);
  assert.equal(receiver.requests.length, 0);
  const rows = await database.query(
    "select channel, dedupe_key, reason from notification_log where status = 'held' and channel in ('slack', 'webhook') order by 1, 2",
  );
  assert.deepEqual(rows, [
    { channel: "slack", dedupe_key: "breaker:a", reason: "muted by postgres: we know" },
    { channel: "webhook", dedupe_key: "breaker:a", reason: "muted by postgres: it moves" },
    { channel: "webhook", dedupe_key: "other", reason: "muted by postgres: it moves" },
  ]);
  await database.query("select unmute_notifications('channel', 'webhook', 'it is there')");
  await all.deliver();
  assert.deepEqual(receiver.taken.map(({ subject }) => subject), ["[high] About other"]);
  await passTime(database, 3_601);
  await all.deliver();
  assert.equal(slack.taken.at(-1)!.text, "[critical] 1 notification was held back");
  const mutes = await database.query(
    "select target, ended_by, ended_reason from notification_mutes where ended_at is not null",
  );
  assert.deepEqual(mutes, [{ target: "webhook", ended_by: "postgres", ended_reason: "it is there" }]);
});

Deno.test("a critical notification dispatches the engine at once, once in ten seconds, and the minute job what is due", async () => {
  await using all = await openNotifications();
  const { database } = all;
  const kicks = async () =>
    (await database.query("select from healing_runs where trigger = 'notification'")).length;
  const minuteJob = async () =>
    (await database.query("select dispatch_notifications() as is_due"))[0]!.is_due;
  await raise(all.rpc, "before any channel is known", "critical");
  assert.equal(await kicks(), 0);
  await all.deliver();
  await raise(all.rpc, "high", "high");
  assert.equal(await kicks(), 0);
  for (let number = 0; number < 5; number++) await raise(all.rpc, `critical ${number}`, "critical");
  assert.equal(await kicks(), 1);
  await passTime(database, 11);
  assert.equal(await minuteJob(), true);
  assert.equal(await kicks(), 2);
  await setSetting(all.rpc, "notification_max_per_minute", 100);
  await setSetting(all.rpc, "notification_sms_max_per_hour", 100);
  await all.deliver();
  assert.equal(await minuteJob(), false);
  all.slack.always(answers(503, "down"));
  await raise(all.rpc, "another");
  await all.deliver(undefined, createNotificationChannels(all.environment));
  assert.equal(await minuteJob(), false, "a channel that pauses needs no deliverer");
  await passTime(database, 16);
  assert.equal(await minuteJob(), true);
});
