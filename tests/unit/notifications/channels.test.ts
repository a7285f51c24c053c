import assert from "node:assert/strict";
import {
  breakerAlert,
  createNotificationChannels,
  type NotificationChannels,
  type NotificationSettings,
  notifyAdminsOfHealingEvent,
  notifyAdminsOfHealthCheckFailure,
  signWebhook,
  timeoutAlert,
} from "../../../supabase/functions/_shared/notifications.ts";
import type {
  ClaimedNotification,
  NotificationChannelKind,
  NotificationOutcome,
} from "../../../supabase/functions/_shared/healingDb.ts";
import {
  answers,
  type ProviderBehaviour,
  RESEND_KEY,
  startResendServer,
  startSlackServer,
  startTwilioServer,
  startWebhookReceiver,
  tooManyRequests,
  TWILIO_SID,
  TWILIO_TOKEN,
  WEBHOOK_SECRET,
} from "../../helpers/providers.ts";

const CONTENT = {
  title: "A",
  body: "b",
  dedupe_key: "k",
  occurrence_count: 1,
  first_seen_at: "2026-01-01T00:00:00Z",
  last_seen_at: "2026-01-01T00:00:00Z",
};

function delivery(kind: NotificationChannelKind, recipient = ""): ClaimedNotification {
  const id = crypto.randomUUID();
  const own = {
    id,
    claim_number: 1,
    severity: "critical" as const,
    channel: kind,
    channel_kind: kind,
    recipient,
  };
  return { ...own, unknown_count: 0, kind: "alert", content: CONTENT };
}

function send(
  channels: NotificationChannels,
  kind: NotificationChannelKind,
  recipient = "",
): Promise<NotificationOutcome> {
  return channels.byKind.get(kind)!.send(delivery(kind, recipient), AbortSignal.timeout(5_000));
}

function channelsOf(settings: Omit<NotificationSettings, "problems">): NotificationChannels {
  return createNotificationChannels({ ...settings, problems: {} });
}

/** What an outcome is, and how long to wait. */
function shortly(outcome: NotificationOutcome): string {
  return "afterMs" in outcome && outcome.afterMs !== undefined
    ? `${outcome.kind} ${outcome.afterMs}`
    : outcome.kind;
}

Deno.test("the Slack channel tells a passing trouble from a refusal of the message and of the channel", async () => {
  await using slack = startSlackServer();
  const channels = channelsOf({ slack: { url: slack.url } });
  const cases: [ProviderBehaviour, string][] = [
    [() => undefined, "sent"],
    [tooManyRequests(30), "retry 30000"],
    [answers(503, "busy"), "retry"],
    [answers(500, "rollup_error"), "unknown"],
    [answers(400, "invalid_payload"), "message_refused"],
    [answers(200, "<html>a portal</html>"), "message_refused"],
    [answers(403, "action_prohibited"), "channel_refused"],
    [answers(404, "no_service"), "channel_refused"],
    [answers(410, "channel_is_archived"), "channel_refused"],
    [answers(302, "", { location: "http://127.0.0.1:9/steal" }), "channel_refused"],
  ];
  for (const [behaviour, expected] of cases) {
    slack.answer(behaviour);
    assert.equal(shortly(await send(channels, "slack")), expected);
  }
  const unknown = channelsOf({ slack: { url: `${slack.base}/services/other` } });
  assert.deepEqual(await send(unknown, "slack"), {
    kind: "channel_refused",
    reason: "Slack answered 404: no_service",
  });
});

Deno.test("the e-mail channel knows Resend's errors by name", async () => {
  await using resend = startResendServer();
  const email = { apiKey: RESEND_KEY, from: "healing@example.com", baseUrl: resend.base };
  const channels = channelsOf({ email });
  const cases: [ProviderBehaviour, string][] = [
    [() => undefined, "sent"],
    [tooManyRequests(2), "retry 2000"],
    [answers(429, { name: "daily_quota_exceeded", message: "m" }), "retry"],
    [answers(409, { name: "concurrent_idempotent_requests", message: "m" }), "retry"],
    [answers(409, { name: "invalid_idempotent_request", message: "m" }), "message_refused"],
    [answers(422, { name: "validation_error", message: "m" }), "channel_refused"],
    [answers(403, { name: "invalid_api_key", message: "m" }), "channel_refused"],
    [answers(500, { name: "application_error", message: "m" }), "unknown"],
    [answers(401, "no json"), "channel_refused"],
  ];
  for (const [behaviour, expected] of cases) {
    resend.answer(behaviour);
    assert.equal(shortly(await send(channels, "email", "a@example.com")), expected);
  }
  const wrong = channelsOf({ email: { ...email, apiKey: "re_another-key" } });
  assert.equal(shortly(await send(wrong, "email", "a@example.com")), "channel_refused");
});

Deno.test("the SMS channel knows Twilio's errors by code", async () => {
  await using twilio = startTwilioServer();
  const sms = { accountSid: TWILIO_SID, authToken: TWILIO_TOKEN, from: "+15005550006", baseUrl: twilio.base };
  const channels = channelsOf({ sms });
  assert.equal(shortly(await send(channels, "sms", "+4915112345678")), "sent");
  assert.deepEqual(await send(channels, "sms", "+0"), {
    kind: "channel_refused",
    reason: "Twilio answered 400: 21211 Invalid 'To' Phone Number: +0",
  });
  const wrong = channelsOf({ sms: { ...sms, authToken: "another-token" } });
  assert.deepEqual(await send(wrong, "sms", "+4915112345678"), {
    kind: "channel_refused",
    reason: "Twilio answered 401: 20003 Authenticate",
  });
  const cases: [ProviderBehaviour, string][] = [
    [answers(429, { code: 20429, message: "m" }, { "retry-after": "7" }), "retry 7000"],
    [answers(400, { code: 21610, message: "unsubscribed" }), "channel_refused"],
    [answers(400, { code: 21617, message: "too long" }), "message_refused"],
    [answers(502, "bad gateway"), "unknown"],
  ];
  for (const [behaviour, expected] of cases) {
    twilio.answer(behaviour);
    assert.equal(shortly(await send(channels, "sms", "+4915112345678")), expected);
  }
});

Deno.test("the webhook is signed so that a receiver can verify it, and a changed or old one is refused", async () => {
  await using receiver = startWebhookReceiver();
  const webhook = { url: receiver.url, secret: WEBHOOK_SECRET };
  assert.equal(shortly(await send(channelsOf({ webhook }), "webhook")), "sent");
  assert.equal(receiver.taken[0]!.subject, "[critical] A");
  const { headers, body } = receiver.requests[0]!;
  const replay = (changes: Record<string, string>, text = body) =>
    fetch(receiver.url, {
      method: "POST",
      body: text,
      headers: { ...Object.fromEntries(headers), ...changes },
    })
      .then(async (answer) => (await answer.body?.cancel(), answer.status));
  assert.equal(await replay({}, body.replace("[critical] A", "[critical] B")), 401);
  assert.equal(await replay({ "webhook-id": crypto.randomUUID() }), 401);
  const id = headers.get("webhook-id")!;
  const timestamp = String(Math.floor(Date.now() / 1_000) - 3_600);
  const old = await signWebhook(WEBHOOK_SECRET, { id, timestamp, body });
  assert.equal(await replay({ "webhook-timestamp": timestamp, "webhook-signature": old }), 401);
  assert.equal(await replay({}), 204);
  assert.equal(receiver.taken.length, 1, "the receiver knows the id");
  const wrong = channelsOf({ webhook: { ...webhook, secret: "another secret of some length" } });
  assert.equal(shortly(await send(wrong, "webhook")), "channel_refused");
});

Deno.test("signWebhook() agrees with the published example of Standard Webhooks", async () => {
  // From the specification's reference libraries: secret, id, timestamp, body and signature of their test vector.
  const signature = await signWebhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", {
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    timestamp: "1614265330",
    body: '{"test": 2432232314}',
  });
  assert.equal(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});

Deno.test("a channel whose provider is not there says so without its address", async () => {
  const slack = startSlackServer();
  await slack[Symbol.asyncDispose]();
  for (const url of [slack.url, "https://no-such-host.invalid/secret"]) {
    const outcome = await send(channelsOf({ slack: { url } }), "slack");
    assert.deepEqual(outcome, { kind: "retry", reason: "Slack cannot be reached" });
  }
});

Deno.test("a connection that breaks after the request leaves the outcome unknown", async () => {
  await using slack = startSlackServer();
  const breaking = new ReadableStream({ start: (stream) => stream.error(new Error("gone")) });
  slack.answer(() => new Response(breaking));
  assert.deepEqual(await send(channelsOf({ slack: { url: slack.url } }), "slack"), {
    kind: "unknown",
    reason: "the connection to Slack broke",
  });
});

Deno.test("notifyAdminsOf…() and the ports name their subject, and never reject", async () => {
  const raised: Record<string, unknown>[] = [];
  const db = {
    call: <Result>(_name: string, args: Record<string, unknown>) => {
      raised.push(args);
      return Promise.resolve({ id: "1", occurrence_count: 1, told: true } as Result);
    },
  };
  await notifyAdminsOfHealingEvent(db, {
    event_type: "fix_reverted",
    severity: "high",
    function_name: "checkout",
    fingerprint: "v2:abc",
    message: "it got worse: password=hunter2hunter2",
    result: "failure",
  });
  await notifyAdminsOfHealthCheckFailure(db, {
    checkName: "database",
    status: "failed",
    message: "no answer",
    measured: 9,
    threshold: 5,
  });
  await breakerAlert(db)({ name: "openai", scope: "fleet", reason: "5 failures" });
  await timeoutAlert(db)({
    operation: "plan",
    reason: "limit",
    limitMs: 5,
    elapsedMs: 6,
    rate: { timeouts: 3, calls: 4 },
  });
  assert.deepEqual(raised.map((args) => [args.p_severity, args.p_title, args.p_dedupe_key]), [
    ["high", "fix reverted: checkout", "event:fix_reverted:v2:abc"],
    ["critical", "Health check database has failed", "health:database"],
    ["high", 'The target "openai" is down', "breaker:openai"],
    ["high", 'The operation "plan" times out often', "timeout:plan"],
  ]);
  assert.doesNotMatch(String(raised[0]!.p_body), /hunter2/);
  assert.equal(raised[1]!.p_body, "no answer\nMeasured: 9; threshold: 5");
  const down = { call: () => Promise.reject(new Error("down")) };
  await breakerAlert(down)({ name: "openai", scope: "isolate", reason: "r" });
  assert.deepEqual(
    await notifyAdminsOfHealthCheckFailure(down, { checkName: "a", status: "degraded", message: "" }),
    {
      kind: "failed",
      reason: "down",
    },
  );
});
