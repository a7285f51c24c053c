import assert from "node:assert/strict";
import { sanitizeText } from "../../supabase/functions/_shared/errorSanitizer.ts";
import { HOSTILE_SANITIZER_PARTS, repeated } from "../helpers/hostileTexts.ts";
import { HARMLESS } from "./errorSanitizer/harmless.ts";
import { made, madeCard, madeJwt, madePem } from "./errorSanitizer/random.ts";
import { SECRETS, type SecretSample } from "./errorSanitizer/secrets.ts";

function survivors(sample: SecretSample): string[] {
  const text = sanitizeText(sample.text);
  return sample.secrets.filter((secret) => text.includes(secret));
}

Deno.test("sanitizeText() catches at least 99 % of secrets in real forms", () => {
  const missed = SECRETS.filter((sample) => survivors(sample).length > 0).map((sample) => sample.name);
  assert.ok(SECRETS.length >= 200 && SECRETS.every((sample) => sample.secrets.length > 0));
  assert.ok(
    missed.length <= SECRETS.length * 0.01,
    `${missed.length} of ${SECRETS.length}: ${missed.join("; ")}`,
  );
});

Deno.test("sanitizeText() touches at most 1 % of harmless look-alikes", () => {
  const touched = HARMLESS.filter((text) => sanitizeText(text) !== text);
  assert.ok(HARMLESS.length >= 200);
  assert.ok(touched.length <= HARMLESS.length * 0.01, `${touched.length}: ${touched.join("; ")}`);
});

Deno.test("sanitizeText() names the kind of what it took out", () => {
  const kinds: [string, string][] = [
    [madeJwt(), "[redacted:jwt]"],
    ["gh" + "p_" + made(36), "[redacted:github-token]"],
    [madeCard("4", 16), "[redacted:card]"],
    ["jane@example.com", "[redacted:email]"],
    ["+49 170 1234567", "[redacted:phone]"],
    ["DE89 3704 0044 0532 0130 00", "[redacted:iban]"],
    [madePem("EC PRIVATE KEY"), "[redacted:private-key]"],
    ["password=" + made(12), "password=[redacted:password]"],
    [
      "postgres://app:" + made(12) + "@db.example.com/app",
      "postgres://[redacted:credentials]@db.example.com/app",
    ],
    ["Authorization: Bearer " + made(20), "Authorization: Bearer [redacted:authorization]"],
    ["Set-Cookie: sid=" + made(20) + "; Path=/", "Set-Cookie: [redacted:cookie]"],
  ];
  for (const [secret, expected] of kinds) assert.equal(sanitizeText(secret), expected);
});

Deno.test("sanitizeText() replaces what Postgres refuses and what deceives a reader", () => {
  assert.equal(sanitizeText("a\0b\ud800c\udc00d"), "a\ufffdb\ufffdc\ufffdd");
  assert.equal(sanitizeText("\u001b[31mred\u001b[0m and \u202eback"), "red and \ufffdback");
  assert.equal(sanitizeText("tab\tline\nreturn\r \u{1f600}"), "tab\tline\nreturn\r \u{1f600}");
});

Deno.test("sanitizeText() finds a secret that is split by characters nobody sees", () => {
  const token = "gh" + "p_" + made(36);
  assert.equal(sanitizeText(`${token.slice(0, 10)}\u200b${token.slice(10)}`), "[redacted:github-token]");
  assert.equal(
    sanitizeText(`\u001b[32m${token.slice(0, 9)}\u001b[0m${token.slice(9)}`),
    "[redacted:github-token]",
  );
});

Deno.test("sanitizeText() sanitises before it cuts, and says how long the text was", () => {
  const text = `${"x".repeat(60)} password=${"Ab1!".repeat(10)} ${"y".repeat(200)}`;
  const cut = sanitizeText(text, { maxLength: 100 });
  assert.ok(cut.length <= 100 && !cut.includes("Ab1!"), cut);
  assert.match(cut, /… \[cut, 311 characters in all\]$/);
  assert.equal(sanitizeText("\u{1f600}".repeat(20), { maxLength: 4 }), "\u{1f600}…");
});

Deno.test("sanitizeText() does not show half of a secret that lies across the scanned part's end", () => {
  const token = "gh" + "p_" + made(36);
  for (let offset = 65_536 - 60; offset <= 65_536; offset += 7) {
    const text = sanitizeText("x ".repeat(offset / 2) + token + " y".repeat(10_000));
    assert.ok(!text.includes(token.slice(0, 8)), `at ${offset}`);
  }
});

Deno.test("sanitizeText() takes options that make no sense as no option", () => {
  for (const maxLength of [NaN, Infinity, undefined]) assert.equal(sanitizeText("abc", { maxLength }), "abc");
  for (const maxLength of [-1, 0]) assert.equal(sanitizeText("abc", { maxLength }), "");
});

for (const part of HOSTILE_SANITIZER_PARTS) {
  Deno.test(`sanitizeText() looks at no more than the first 65,536 of ten million characters of ${JSON.stringify(part)}`, () => {
    const text = repeated(part, 10_000_000);
    const [first, other] = [text, text.slice(0, 65_536).padEnd(text.length, "~")].map((one) =>
      sanitizeText(one)
    );
    assert.equal(first, other);
    assert.ok(first!.length <= 65_536);
  });
}
