import assert from "node:assert/strict";
import { createNotificationChannels } from "../../supabase/functions/_shared/notifications.ts";
import { setSetting } from "../helpers/contract.ts";
import { EMAIL, openNotifications, passTime, PHONE, raise, statesOf } from "../helpers/notifications.ts";

Deno.test("deliverNotifications() tells each channel what it takes, once, and says so in rows", async () => {
  await using all = await openNotifications();
  const { rpc, database, slack, resend, twilio, receiver } = all;
  assert.equal((await raise(rpc, "low one", "low")).kind, "raised");
  await raise(rpc, "high one", "high");
  await raise(rpc, "critical one", "critical");
  assert.equal((await all.deliver()).sent, 3 + 2 + 2 + 1);
  assert.equal((await all.deliver()).sent, 0);
  assert.deepEqual(receiver.taken.map(({ subject }) => subject), [
    "[critical] About critical one",
    "[high] About high one",
    "[low] About low one",
  ]);
  assert.deepEqual(slack.taken.map(({ text }) => text), [
    "[critical] About critical one",
    "[high] About high one",
  ]);
  assert.deepEqual(resend.taken.map(({ to }) => to), [[EMAIL], [EMAIL]]);
  assert.deepEqual(twilio.taken, [
    { to: PHONE, from: "+15005550006", body: "[critical] About critical one: Body of critical one" },
  ]);
  const log = await database.query(
    "select channel, count(*)::int as n from notification_log where status = 'sent' and attempt_count = 1 group by channel order by channel",
  );
  assert.deepEqual(log, [
    { channel: `email:${EMAIL}`, n: 2 },
    { channel: "in_app", n: 3 },
    { channel: "slack", n: 2 },
    { channel: `sms:${PHONE}`, n: 1 },
    { channel: "webhook", n: 3 },
  ]);
});

Deno.test("a channel that is not set up says why, and the others work", async () => {
  await using all = await openNotifications();
  await raise(all.rpc, "one", "critical");
  const { slack, problems: _problems } = all.environment;
  const channels = createNotificationChannels({
    slack: slack!,
    problems: { webhook: "WEBHOOK_URL is not set" },
  });
  assert.equal((await all.deliver({}, channels)).sent, 1);
  await raise(all.rpc, "two", "critical");
  const rows = await all.database.query(
    "select channel, status, reason from notification_log where channel = 'webhook'",
  );
  // The second one does not even enter the outbox of a channel that is known not to be there.
  assert.deepEqual(rows, [{ channel: "webhook", status: "skipped", reason: "WEBHOOK_URL is not set" }]);
  assert.equal((await all.deliver()).sent, 1);
  const again = await raise(all.rpc, "three", "critical");
  assert.equal(again.kind, "raised");
  assert.equal((await all.deliver()).sent, 4);
});

Deno.test("notify_admins() broadcasts on the private topic, and notices an error that realtime swallows", async () => {
  await using all = await openNotifications();
  await raise(all.rpc, "one");
  const [message] = await all.database.query(
    "select topic, event, private, payload - 'id' - 'notification_id' as payload from realtime.messages",
  );
  assert.deepEqual(message, {
    topic: "healing:notifications",
    event: "notification",
    private: true,
    payload: { kind: "alert", severity: "high", occurrence_count: 1 },
  });
  const superuser = await all.database.connect(new URL(all.database.superuserUrl).username);
  await superuser.query("alter table realtime.messages add constraint nothing_more check (false) not valid");
  assert.equal((await raise(all.rpc, "two")).kind, "raised");
  const [row] = await all.database.query(
    "select status, reason from notification_log where channel = 'in_app' and dedupe_key = 'two'",
  );
  assert.deepEqual(row, {
    status: "failed",
    reason: "realtime did not take the broadcast; its warning in the log says why",
  });
  assert.equal((await all.deliver()).sent, 2 * 3);
});

Deno.test("notify_admins() repeats itself only after the setting's time, or when it got worse", async () => {
  await using all = await openNotifications();
  const { rpc, database, slack } = all;
  const raised = async (severity: "medium" | "high" = "medium") => {
    const outcome = await raise(rpc, "one", severity);
    return outcome.kind === "raised" && outcome.told;
  };
  assert.equal(await raised(), true);
  for (let times = 0; times < 50; times++) assert.equal(await raised(), false);
  assert.equal(await raised("high"), true);
  assert.equal(await raised("high"), false);
  await passTime(database, 240 * 60 + 1);
  assert.equal(await raised("medium"), true);
  await all.deliver();
  // What waited had been about one subject: the messages of before still go, each as it was meant.
  assert.deepEqual(slack.taken.map(({ text }) => text), [
    "[high] still: About one",
    "[high] still: About one",
    "[medium] About one",
  ]);
  const [{ id }] = await database.query<{ id: string }>("select id from notifications") as [{ id: string }];
  await database.query("select mark_notifications_read(array[$1]::uuid[])", [id]);
  assert.equal(await raised("medium"), false, "it was told just now, whoever has read it since");
  const [held] = await database.query(
    "select status, held_because from notification_log where channel = 'slack' and read_at is null",
  );
  assert.deepEqual(held, { status: "held", held_because: "repeated" });
});

Deno.test("notify_admins() never fails its caller when the channels cannot be told, and tells them next time", async () => {
  await using all = await openNotifications();
  const { rpc, database, slack } = all;
  await database.query("alter function healing_private.fan_out_notification rename to fan_out_elsewhere");
  const outcome = await raise(rpc, "one", "critical");
  assert.deepEqual(outcome.kind === "raised" && [outcome.occurrenceCount, outcome.told], [1, false]);
  await database.query("alter function healing_private.fan_out_elsewhere rename to fan_out_notification");
  await raise(rpc, "one", "critical");
  await all.deliver();
  assert.deepEqual(slack.taken.map(({ text }) => text), ["[critical] still: About one"]);
});

Deno.test("a bad key disables its channel with a reason, once, and another key enables it", async () => {
  await using all = await openNotifications();
  const { rpc, database, resend } = all;
  const wrong = createNotificationChannels({
    ...all.environment,
    email: { ...all.environment.email!, apiKey: "re_another-key-of-some-length" },
  });
  await raise(rpc, "one");
  await all.deliver({}, wrong);
  await all.deliver({}, wrong);
  await passTime(database, 3_600);
  await all.deliver({}, wrong);
  assert.equal(resend.requests.length, 1);
  const [channel] = await database.query(
    "select status, reason from notification_channels where name = $1",
    [`email:${EMAIL}`],
  );
  assert.deepEqual(channel, {
    status: "disabled",
    reason: "Resend answered 401: validation_error API key is invalid",
  });
  const [told] = await database.query(
    "select severity, body from notifications where title like 'A channel of%'",
  );
  assert.deepEqual(told, {
    severity: "high",
    body: "Resend answered 401: validation_error API key is invalid",
  });
  await all.deliver();
  assert.deepEqual(resend.taken.map(({ subject }) => subject), [
    "[high] About one",
    "[high] A channel of notifications is disabled: email",
  ]);
});

Deno.test("an unknown number disables itself alone, until a person enables it", async () => {
  await using all = await openNotifications({ notification_phones: [PHONE, "+4915199999999"] });
  const { rpc, database, twilio } = all;
  twilio.always(({ body }) =>
    body.includes("99999999")
      ? Response.json({ code: 21211, message: "Invalid 'To' Phone Number", status: 400 }, { status: 400 })
      : undefined
  );
  await raise(rpc, "one", "critical");
  await all.deliver();
  await raise(rpc, "two", "critical");
  await all.deliver();
  assert.deepEqual(twilio.taken.map(({ to }) => to), [PHONE, PHONE]);
  assert.equal(twilio.requests.length, 3);
  twilio.always(() => undefined);
  await database.query(
    "select enable_notification_channel('sms:+4915199999999', 'it is in the network now')",
  );
  await all.deliver();
  assert.equal(twilio.taken.length, 4);
});

Deno.test("a message that a provider will never take fails alone, and the next one goes", async () => {
  await using all = await openNotifications();
  all.slack.answer(() => new Response("invalid_payload", { status: 400 }));
  await raise(all.rpc, "one");
  await raise(all.rpc, "two");
  await all.deliver();
  assert.deepEqual(await statesOf(all.database, "slack"), { failed: 1, sent: 1 });
  const [row] = await all.database.query("select reason from notification_log where status = 'failed'");
  assert.deepEqual(row, { reason: "Slack answered 400: invalid_payload" });
});

Deno.test("report_notification_channels() is for machines, and settings that make no sense are refused", async () => {
  await using all = await openNotifications();
  for (
    const [key, value] of [
      ["notification_time_zone", "Mars/Olympus"],
      ["notification_quiet_hours", "22-7"],
      ["notification_emails", ["a@b.de\r\nBcc: x@y.z"]],
      ["notification_phones", ["0151 1234"]],
      ["notification_min_severity_slack", "loud"],
      ["notification_emails", Array.from({ length: 21 }, (_, index) => `a${index}@example.com`)],
    ] as const
  ) await assert.rejects(setSetting(all.rpc, key, value), { code: "BAD_REQUEST" }, key);
  const asAnon = (name: string, args: Record<string, unknown>) => all.database.rpc(name, args, "anon");
  await assert.rejects(
    asAnon("notify_admins", { p_severity: "low", p_title: "", p_body: "", p_dedupe_key: "" }),
    {
      code: "42501",
    },
  );
  await assert.rejects(all.database.rpc("mark_notifications_read", { p_ids: [] }), { code: "PT403" });
  await assert.rejects(
    all.database.rpc("mute_notifications", {
      p_scope: "channel",
      p_target: "slack",
      p_minutes: 5,
      p_reason: "x",
    }),
    { code: "PT403" },
  );
});
