import assert from "node:assert/strict";
import {
  createNotificationChannels,
  readNotificationSettings,
} from "../../../supabase/functions/_shared/notifications.ts";

const GOOD: Record<string, string> = {
  SUPABASE_URL: "https://project.example.com",
  SLACK_WEBHOOK_URL: "https://hooks.example.com/services/secret-path",
  WEBHOOK_URL: "https://example.com/hook?tenant=1",
  WEBHOOK_SECRET: "whsec_YSBzZWNyZXQgb2Ygc29tZSBsZW5ndGg=",
  RESEND_API_KEY: "re_a-key-of-some-length",
  RESEND_FROM: "Healing <healing@example.com>",
  TWILIO_ACCOUNT_SID: `AC${"0123456789abcdef".repeat(2)}`,
  TWILIO_AUTH_TOKEN: "a-token-of-some-length",
  TWILIO_FROM: "+15005550006",
};

function problemsWith(changes: Record<string, string | undefined>): Record<string, string> {
  const values: Record<string, string | undefined> = { ...GOOD, ...changes };
  return readNotificationSettings({ get: (name) => values[name] }).problems;
}

Deno.test("readNotificationSettings() reads all channels, and says of each why it is off", () => {
  assert.deepEqual(problemsWith({}), {});
  assert.deepEqual(readNotificationSettings({ get: () => undefined }).problems, {
    slack: "SLACK_WEBHOOK_URL is not set",
    webhook: "WEBHOOK_URL is not set",
    email: "RESEND_API_KEY is not set",
    sms: "TWILIO_ACCOUNT_SID is not set to the id of an account",
  });
});

Deno.test("readNotificationSettings() takes https alone, and http to this machine only in a local stack", () => {
  const refused = [
    "http://hooks.example.com/x",
    "http://127.0.0.1:9/x",
    "https://user:password@example.com/x",
    "https://169.254.169.254/latest",
    "file:///etc/passwd",
    "hooks.example.com",
    `https://example.com/${"x".repeat(3_000)}`,
  ];
  for (const address of refused) {
    assert.deepEqual(problemsWith({ SLACK_WEBHOOK_URL: address }), {
      slack: "SLACK_WEBHOOK_URL is no https address",
    }, address);
    assert.deepEqual(Object.keys(problemsWith({ WEBHOOK_URL: address })), ["webhook"], address);
  }
  const local = { SUPABASE_URL: "http://127.0.0.1:54321" };
  assert.deepEqual(problemsWith({ ...local, WEBHOOK_URL: "http://localhost:9/x" }), {});
  assert.deepEqual(Object.keys(problemsWith({ ...local, WEBHOOK_URL: "http://example.com/x" })), ["webhook"]);
  assert.deepEqual(Object.keys(problemsWith({ ...local, WEBHOOK_URL: "http://127.0.0.1.evil.test/x" })), [
    "webhook",
  ]);
});

Deno.test("readNotificationSettings() refuses secrets that cannot be one, and never repeats them", () => {
  for (
    const [name, value] of [
      ["WEBHOOK_SECRET", "short"],
      ["WEBHOOK_SECRET", "whsec_not base64 at all"],
      ["RESEND_API_KEY", "re_key\r\nx-header: of mine"],
      ["RESEND_FROM", "healing@example.com\r\nBcc: a@b.de"],
      ["TWILIO_ACCOUNT_SID", "AC/../../other-account-of-32-characters"],
      ["TWILIO_AUTH_TOKEN", "tiny"],
      ["TWILIO_FROM", "+0"],
    ] as const
  ) {
    const problems = problemsWith({ [name]: value });
    assert.equal(Object.keys(problems).length, 1, name);
    assert.ok(!JSON.stringify(problems).includes(value.slice(-6)), name);
  }
});

Deno.test("createNotificationChannels() reports every kind, with a key id that changes with the key and is none", async () => {
  const idsWith = async (changes: Record<string, string | undefined>) => {
    const values: Record<string, string | undefined> = { ...GOOD, ...changes };
    const settings = readNotificationSettings({ get: (name) => values[name] });
    return await createNotificationChannels(settings).reports();
  };
  const first = await idsWith({});
  const second = await idsWith({
    RESEND_API_KEY: "re_another-key-of-some-length",
    SLACK_WEBHOOK_URL: undefined,
  });
  assert.deepEqual(first.map(({ configured }) => configured), [true, true, true, true]);
  assert.deepEqual(second.map(({ kind, reason }) => `${kind}: ${reason}`), [
    "slack: SLACK_WEBHOOK_URL is not set",
    "webhook: set up",
    "email: set up",
    "sms: set up",
  ]);
  assert.notEqual(first[2]!.key_id, second[2]!.key_id);
  assert.equal(first[1]!.key_id, second[1]!.key_id);
  assert.match(first[2]!.key_id!, /^[0-9a-f]{12}$/);
});
