import assert from "node:assert/strict";
import { buildNotificationMessage } from "../../../supabase/functions/_shared/notifications.ts";

const HOSTILE = [
  "<!channel> <@U123> <https://evil.test|click>",
  "</pre><script>alert(1)</script><img src=x onerror=alert(1)>",
  "a\r\nBcc: everybody@example.com\r\n\r\nbody",
  "\u202Egnp.exe \u200B\u2066hidden\u0000\u0007",
  "key sk_live_4eC39HqLyjWDarjtT1zdp7dc, postgres://app:hunter2@db.example.com/app",
  "&lt;b&gt; & \"quotes\" 'single'",
  "x".repeat(100_000),
  "😀".repeat(5_000),
  "",
];

function message(text: string) {
  return buildNotificationMessage({
    kind: "alert",
    severity: "critical",
    content: {
      title: text,
      body: text,
      dedupe_key: text,
      occurrence_count: 2,
      first_seen_at: "2026-01-01T00:00:00Z",
      last_seen_at: "2026-01-01T00:01:00Z",
    },
  });
}

Deno.test("buildNotificationMessage() keeps hostile text from being markup, a header or a secret anywhere", () => {
  for (const hostile of HOSTILE) {
    const { subject, text, html, slack, sms } = message(hostile);
    for (const line of [subject, sms, slack.blocks[0] as unknown as string]) {
      assert.doesNotMatch(JSON.stringify(line), /\\[rn]/);
    }
    for (const form of [subject, text, html, sms, JSON.stringify(slack)]) {
      assert.doesNotMatch(form, /hunter2|4eC39HqLyjWDarjtT1zdp7dc/);
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(form, /[\u0000\u0007\r\u200b\u202e\u2066]/);
    }
    assert.doesNotMatch(
      html.replace(/^<!doctype html><html><body><h3>|<\/h3><pre>|<\/pre><\/body><\/html>$/g, ""),
      /[<>]/,
    );
    assert.doesNotMatch(slack.text, /[<>]/);
    assert.ok(
      (slack.blocks as { text: { type: string } }[]).every((block) => block.text.type === "plain_text"),
    );
  }
});

Deno.test("buildNotificationMessage() is never longer than what a provider takes, and cuts no character in half", () => {
  for (const hostile of HOSTILE) {
    const { subject, text, slack, sms } = message(hostile);
    const blocks = slack.blocks as { text: { text: string } }[];
    assert.ok(subject.length <= 150 && text.length <= 4_000 && sms.length <= 300);
    assert.ok(blocks[0]!.text.text.length <= 150 && blocks[1]!.text.text.length <= 3_000);
    for (const form of [subject, text, sms, ...blocks.map((block) => block.text.text)]) {
      assert.ok(form.length > 0 && form.isWellFormed());
    }
  }
});

Deno.test("buildNotificationMessage() says how often, and that it is a reminder or unread", () => {
  const content = {
    title: "A",
    body: "b",
    dedupe_key: "k",
    occurrence_count: 7,
    first_seen_at: "2026-01-01T00:00:00Z",
    last_seen_at: "2026-01-02T00:00:00Z",
  };
  const { subject, text } = buildNotificationMessage({ kind: "reminder", severity: "low", content });
  assert.equal(subject, "[low] still: A");
  assert.equal(
    text,
    "[low] still: A\n\nb\n\n7 times, from 2026-01-01T00:00:00Z to 2026-01-02T00:00:00Z\nSubject: k",
  );
  const escalation = buildNotificationMessage({ kind: "escalation", severity: "critical", content });
  assert.equal(escalation.subject, "[critical] unread: A");
});

Deno.test("buildNotificationMessage() of a digest counts by severity and shows the worst", () => {
  const lines = [
    { severity: "high" as const, title: "A\nB", occurrence_count: 3 },
    { severity: "low" as const, title: "C", occurrence_count: 1 },
  ];
  const { subject, text } = buildNotificationMessage({
    kind: "digest",
    severity: "high",
    content: { count: 12, by_severity: { high: 1, low: 11 }, lines },
  });
  assert.equal(subject, "[high] 12 notifications were held back");
  assert.equal(
    text,
    `${subject}\n\nhigh: 1, low: 11\n\n[high] A B (3 times)\n[low] C\n… and 10 more: select * from notification_log`,
  );
});
