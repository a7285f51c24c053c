/** Many producers and deliverers at once, and deliverers that are killed: nothing is lost, and what is doubled is counted. */

import assert from "node:assert/strict";
import { deliverNotifications } from "../../supabase/functions/_shared/notifications.ts";
import {
  connectMany,
  NO_LIMITS,
  openNotifications,
  passTime,
  raise,
  statesOf,
} from "../helpers/notifications.ts";
import { waitFor } from "../helpers/waiting.ts";

const PRODUCERS = 64;
const DELIVERERS = 4;
const EACH = 5;

Deno.test("64 producers and 4 deliverers at once: each message arrives, and twice only where its end was unknown", async () => {
  await using all = await openNotifications({ ...NO_LIMITS, notification_escalation_minutes: 0 });
  const { database, slack, receiver, resend } = all;
  await using producers = await connectMany(database, PRODUCERS);
  await using deliverers = await connectMany(database, DELIVERERS);
  // Every tenth message is taken by Slack and its answer never comes; every seventh meets a limit.
  slack.always(() => {
    if (slack.requests.length % 7 === 0) return new Response("rate_limited", { status: 429 });
    if (slack.requests.length % 10 !== 0) return undefined;
    const { text } = JSON.parse(slack.requests.at(-1)!.body);
    slack.taken.push({ text, blocks: [] });
    return new Response("rollup_error", { status: 500 });
  });
  let isRaising = true;
  const delivering = deliverers.map(async ({ rpc }) => {
    const deliver = () => deliverNotifications(rpc, all.channels);
    while (isRaising) await deliver();
  });
  await Promise.all(producers.map(async ({ rpc }, producer) => {
    for (let number = 0; number < EACH; number++) {
      const outcome = await raise(rpc, `subject ${producer}-${number}`, number === 0 ? "critical" : "high");
      assert.equal(outcome.kind, "raised");
      // A neighbour raises it too: it is one notification.
      await raise(rpc, `subject ${(producer + 1) % PRODUCERS}-${number}`, number === 0 ? "critical" : "high");
    }
  }));
  isRaising = false;
  await Promise.all(delivering);
  for (let round = 0; round < 200 && (await statesOf(database, "slack")).pending; round++) {
    await passTime(database, 1_000);
    await Promise.all(deliverers.map(({ rpc }) => deliverNotifications(rpc, all.channels)));
  }
  const total = PRODUCERS * EACH;
  for (const channel of ["slack", "webhook", "email:ops@example.com"]) {
    assert.deepEqual(await statesOf(database, channel), { sent: total }, channel);
  }
  assert.deepEqual([receiver.taken.length, resend.taken.length], [total, total]);
  assert.deepEqual([receiver.requests.length, resend.requests.length], [total, total]);
  const [{ unknown }] = await database.query<{ unknown: number }>(
    "select sum(unknown_count)::int as unknown from notification_deliveries where channel = 'slack'",
  ) as [{ unknown: number }];
  assert.ok(unknown > 10, `${unknown} unknown ends`);
  assert.equal(new Set(slack.taken.map(({ text }) => text)).size, total);
  assert.equal(slack.taken.length, total + unknown, "one message more for each end that was unknown");
  const [row] = await database.query(
    "select deadlocks::int as deadlocks from pg_stat_database where datname = current_database()",
  );
  assert.deepEqual(row, { deadlocks: 0 });
});

for (
  const { step, sentBefore } of [
    { step: "beforeSend", sentBefore: 0 },
    { step: "afterSend", sentBefore: 1 },
    { step: "beforeMark", sentBefore: 1 },
  ]
) {
  Deno.test(`a deliverer killed at the step ${step} leaves its messages to the next one`, async () => {
    await using all = await openNotifications(NO_LIMITS);
    const { database, slack, resend, receiver } = all;
    await raise(all.rpc, "one");
    const victim = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--allow-all",
        new URL("../helpers/hangingDeliverer.ts", import.meta.url).pathname,
        database.url,
        JSON.stringify(all.environment),
        step,
      ],
      stdout: "null",
      stderr: "null",
    }).spawn();
    await waitFor("the deliverer to hang on three channels", async () => {
      const rows = await database.query("select from notification_deliveries where status = 'sending'");
      return rows.length === 3 &&
        slack.taken.length + resend.taken.length + receiver.taken.length === 3 * sentBefore;
    }, 30_000);
    victim.kill("SIGKILL");
    await victim.status;

    assert.equal((await all.deliver()).sent, 0, "its lease holds");
    await passTime(database, 601);
    assert.equal((await all.deliver()).sent, 3);
    // Slack knows no key of idempotency; the others recognise the message.
    assert.deepEqual([slack.taken.length, resend.taken.length, receiver.taken.length], [
      1 + sentBefore,
      1,
      1,
    ]);
    assert.equal(resend.requests.length, 1 + sentBefore);
    const rows = await database.query(
      "select distinct status, attempt_count, unknown_count from notification_deliveries where channel <> 'in_app'",
    );
    assert.deepEqual(rows, [{ status: "sent", attempt_count: 2, unknown_count: 1 }]);
  });
}

Deno.test("finish_notification() of a deliverer that lost its lease changes nothing", async () => {
  await using all = await openNotifications();
  await raise(all.rpc, "one");
  await all.rpc.call("report_notification_channels", { p_channels: await all.channels.reports() });
  const claim = () =>
    all.rpc.call<{ id: string; claim_number: number }>("claim_notification", {
      p_channel: "slack",
      p_worker: "a",
      p_lease_seconds: 30,
    });
  const first = await claim();
  await passTime(all.database, 31);
  const second = await claim();
  assert.equal(first.id, second.id);
  const finish = (number: number, kind: string) =>
    all.rpc.call("finish_notification", {
      p_delivery_id: first.id,
      p_claim_number: number,
      p_outcome: JSON.stringify({ kind, reason: "late" }),
    });
  assert.equal(await finish(first.claim_number, "channel_refused"), false);
  assert.equal(await finish(second.claim_number, "sent"), true);
  assert.equal(await finish(second.claim_number, "sent"), false);
  const [row] = await all.database.query("select status from notification_channels where name = 'slack'");
  assert.deepEqual(row, { status: "enabled" });
});
