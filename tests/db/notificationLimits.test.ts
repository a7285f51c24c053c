/** What is held back, why, and what becomes of it. */

import assert from "node:assert/strict";
import { setSetting } from "../helpers/contract.ts";
import {
  connectMany,
  NO_LIMITS,
  openNotifications,
  passTime,
  raise,
  statesOf,
} from "../helpers/notifications.ts";
import { answers, hangs, tooManyRequests } from "../helpers/providers.ts";

type All = Awaited<ReturnType<typeof openNotifications>>;

/** Delivers every half minute for so long. */
async function deliverFor(all: All, seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 30) {
    await all.deliver();
    await passTime(all.database, 30);
  }
}

Deno.test("a storm of 10,000 errors of 3 kinds is 3 messages a channel", async () => {
  await using all = await openNotifications();
  await using producers = await connectMany(all.database, 8);
  await Promise.all(producers.map(async ({ connection }) => {
    for (let number = 0; number < 1_250; number++) {
      await connection.rpc.call("notify_admins", {
        p_severity: "high",
        p_title: "An error",
        p_body: "again",
        p_dedupe_key: `kind ${number % 3}`,
        p_details: "{}",
      });
    }
  }));
  await deliverFor(all, 3_600);
  const rows = await all.database.query("select occurrence_count from notifications order by 1 desc");
  assert.equal(rows.reduce((sum, { occurrence_count }) => sum + Number(occurrence_count), 0), 10_000);
  assert.equal(rows.length, 3);
  assert.deepEqual([all.slack.taken.length, all.receiver.taken.length, all.resend.taken.length], [3, 3, 3]);
});

Deno.test("a storm of 300 subjects is 20 messages an hour, 5 a minute, and one digest", async () => {
  await using all = await openNotifications();
  const { database, slack } = all;
  for (let number = 0; number < 300; number++) await raise(all.rpc, `subject ${number}`);
  await all.deliver();
  assert.equal(slack.taken.length, 5);
  for (let minute = 0; minute < 10; minute++) {
    await passTime(database, 61);
    await all.deliver();
    assert.equal(slack.taken.length, Math.min(20, 10 + 5 * minute));
  }
  await passTime(database, 3_600);
  for (let times = 0; times < 3; times++) await all.deliver();
  const digests = slack.taken.slice(20);
  assert.deepEqual(digests.map(({ text }) => text), ["[high] 280 notifications were held back"]);
  assert.match(
    digests[0]!.blocks[1]!.text.text,
    /^high: 280\n\n\[high\] About subject 20\n[^]*… and 260 more/,
  );
  assert.deepEqual(await statesOf(database, "slack"), { sent: 21, digested: 280 });
  const rows = await database.query(
    "select distinct reason from notification_log where status = 'digested' and channel = 'slack'",
  );
  assert.deepEqual(rows, [{
    reason:
      "in a digest; held before: more messages than the channel gets in an hour; the digest is sent: sent",
  }]);
});

Deno.test("the limits of critical messages are their own", async () => {
  await using all = await openNotifications({
    notification_max_per_hour: 1,
    notification_max_per_minute: 100,
  });
  for (let number = 0; number < 8; number++) await raise(all.rpc, `high ${number}`);
  for (let number = 0; number < 35; number++) await raise(all.rpc, `critical ${number}`, "critical");
  await all.deliver();
  const of = (severity: string) =>
    all.slack.taken.filter(({ text }) => text.startsWith(`[${severity}]`)).length;
  assert.deepEqual([of("critical"), of("high")], [30, 1]);
  assert.equal(all.twilio.taken.length, 5);
  assert.deepEqual(await statesOf(all.database, "slack"), { sent: 31, held: 12 });
});

Deno.test("a provider that is down for an hour gets its backlog in order of severity, without a burst", async () => {
  await using all = await openNotifications({
    notification_max_per_hour: 100,
    notification_escalation_minutes: 0,
  });
  const { database, slack, receiver } = all;
  slack.always(answers(503, "down"));
  const severities = ["medium", "critical", "high"] as const;
  for (let minute = 0; minute < 60; minute++) {
    if (minute < 24) await raise(all.rpc, `subject ${minute}`, severities[minute % 3]);
    await all.deliver();
    await passTime(database, 60);
  }
  assert.equal(slack.taken.length, 0);
  assert.ok(slack.requests.length < 15, `${slack.requests.length} tries in an hour of failures`);
  assert.equal(receiver.taken.length, 24, "the webhook does not wait for Slack");
  slack.always(() => undefined);
  await passTime(database, 900);
  const perMinute: number[] = [];
  for (let minute = 0; minute < 8; minute++) {
    const before = slack.taken.length;
    await all.deliver();
    perMinute.push(slack.taken.length - before);
    await passTime(database, 61);
  }
  assert.deepEqual(
    perMinute,
    [5, 5, 5, 5, 5, 5, 2, 0].map((most, index) => Math.min(most, perMinute[index]!)),
  );
  const order = slack.taken.map(({ text }) => text.split("]")[0]!.slice(1));
  assert.deepEqual(order, [
    ...Array(8).fill("critical"),
    ...Array(8).fill("high"),
    ...Array(8).fill("medium"),
  ]);
});

Deno.test("a channel that hangs or fails never delays another", async () => {
  await using all = await openNotifications();
  all.slack.always(hangs());
  all.resend.always(answers(500, "broken"));
  await raise(all.rpc, "one", "critical");
  const delivering = all.deliver({ sendTimeoutMs: 3_000 });
  await all.receiver.received(1);
  await all.twilio.received(1);
  const { sent, unknown } = await delivering;
  assert.deepEqual({ sent, unknown }, { sent: 2, unknown: 2 });
  const rows = await all.database.query(
    "select reason from notification_log where status = 'pending' order by channel",
  );
  assert.deepEqual(rows, [
    { reason: "waits after: Resend answered 500" },
    { reason: "waits after: Slack did not answer in time" },
  ]);
});

Deno.test("retry-after is respected, and what goes again has the same key and text", async () => {
  await using all = await openNotifications();
  all.resend.answer(tooManyRequests(120));
  await raise(all.rpc, "one");
  await all.deliver();
  await raise(all.rpc, "one");
  await passTime(all.database, 100);
  await all.deliver();
  assert.equal(all.resend.requests.length, 1);
  await passTime(all.database, 21);
  await all.deliver();
  const [first, second] = all.resend.requests;
  assert.equal(second!.body, first!.body);
  assert.equal(second!.headers.get("idempotency-key"), first!.headers.get("idempotency-key"));
  assert.equal(all.resend.taken.length, 1);
});

Deno.test("what cannot be sent for the setting's time is given up, and its row says so", async () => {
  await using all = await openNotifications({ notification_give_up_hours: 2 });
  all.slack.always(answers(503, "down"));
  await raise(all.rpc, "one");
  for (let quarter = 0; quarter < 10; quarter++) {
    await all.deliver();
    await passTime(all.database, 901);
  }
  await all.deliver();
  const [row] = await all.database.query(
    "select status, reason from notification_log where channel = 'slack'",
  );
  assert.deepEqual(row, {
    status: "failed",
    reason: "given up after 02:00:00; the channel is enabled: Slack answered 503",
  });
});

Deno.test("quiet hours hold all but critical messages, and a digest follows", async () => {
  const [hour, minute] = new Date().toISOString().slice(11, 16).split(":").map(Number) as [number, number];
  const clock = (change: number) => {
    const total = (hour * 60 + minute + change + 1_440) % 1_440;
    return `${String(Math.floor(total / 60)).padStart(2, "0")}:${String(total % 60).padStart(2, "0")}`;
  };
  await using all = await openNotifications({ notification_quiet_hours: `${clock(-30)}-${clock(30)}` });
  await raise(all.rpc, "one");
  await raise(all.rpc, "two", "critical");
  await all.deliver();
  assert.deepEqual(all.slack.taken.map(({ text }) => text), ["[critical] About two"]);
  const [held] = await all.database.query(
    "select held_because, due_at > now() as later from notification_log where channel = 'slack' and status = 'held'",
  );
  assert.deepEqual(held, { held_because: "quiet_hours", later: true });
  await setSetting(all.rpc, "notification_quiet_hours", "");
  await passTime(all.database, 3_600);
  await all.deliver();
  assert.equal(all.slack.taken.at(-1)!.text, "[high] 1 notification was held back");
});

Deno.test("an unread critical notification goes to everybody once more, and a read one does not", async () => {
  await using all = await openNotifications({ notification_escalation_phones: ["+4915177777777"] });
  const { database, slack, twilio } = all;
  await raise(all.rpc, "read one", "critical");
  await raise(all.rpc, "unread one", "critical");
  await raise(all.rpc, "high one", "high");
  await all.deliver();
  await database.query(
    "select mark_notifications_read(array(select id from notifications where dedupe_key = 'read one'))",
  );
  await passTime(database, 30 * 60 + 1);
  await Promise.all([all.deliver(), all.deliver()]);
  await passTime(database, 30 * 60 + 1);
  await all.deliver();
  assert.deepEqual(slack.taken.slice(3).map(({ text }) => text), ["[critical] unread: About unread one"]);
  assert.deepEqual(
    twilio.taken.map(({ to }) => to),
    ["+4915112345678", "+4915112345678", "+4915112345678", "+4915177777777"].sort(),
  );
});

Deno.test("claim_notification() finds the next message by an index, whatever the backlog", async () => {
  await using all = await openNotifications(NO_LIMITS);
  await all.database.query(
    `with raised as (
       insert into notifications (severity, title, body, dedupe_key)
       select 'high', 'About ' || n, 'b', 'subject ' || n from generate_series(1, 20000) as n returning id)
     insert into notification_deliveries (notification_id, channel, severity) select id, 'slack', 'high' from raised`,
  );
  await all.database.query("analyze notification_deliveries");
  const plan = await all.database.query<{ "QUERY PLAN": string }>(
    `explain select * from notification_deliveries
     where channel = 'slack' and (status = 'pending' and due_at <= now() or status = 'sending' and lease_expires_at < now())
     order by severity_rank desc, created_at limit 1`,
  );
  assert.match(
    plan.map((row) => row["QUERY PLAN"]).join("\n"),
    /Index Scan using notification_deliveries_next_idx/,
  );
});
