import assert from "node:assert/strict";
import { HealingError } from "../../../supabase/functions/_shared/core/errors.ts";
import { retryAfterOf, retryWithBackoff } from "../../../supabase/functions/_shared/retry.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");

/** An error as clients of three families throw it: with `Headers`, with a record, with the whole answer. */
function shapes(headers: Record<string, string>): unknown[] {
  return [
    Object.assign(new Error("429"), { status: 429, headers: new Headers(headers) }),
    Object.assign(new Error("429"), { status: 429, headers }),
    Object.assign(new Error("429"), { context: new Response(null, { status: 429, headers }) }),
    Object.assign(new Error("429"), { response: { status: 429, headers } }),
  ];
}

const WISHES: [Record<string, string>, number | undefined][] = [
  [{ "retry-after": "2" }, 2_000],
  [{ "Retry-After": "0.5" }, 500],
  [{ "retry-after": "0" }, 0],
  [{ "retry-after": "Sat, 21 Nov 2026 12:00:07 GMT" }, 7_000],
  [{ "retry-after": "Saturday, 21-Nov-26 12:00:07 GMT" }, undefined],
  [{ "retry-after": "Sat, 21 Nov 2026 11:00:00 GMT" }, 0],
  [{ "retry-after": "2026-11-21T12:00:03Z" }, 3_000],
  [{ "retry-after": "soon" }, undefined],
  [{ "retry-after": "-5" }, undefined],
  [{ "retry-after": "" }, undefined],
  [{ "retry-after": "999999999" }, 999_999_999_000],
  [{ "retry-after-ms": "1500", "retry-after": "2" }, 1_500],
  [{ "x-ratelimit-reset": String(NOW / 1_000 + 30) }, 30_000],
  [{ "x-ratelimit-reset": String(NOW + 30_000) }, 30_000],
  [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "30" }, 30_000],
  [{ "x-ratelimit-remaining": "12", "x-ratelimit-reset": "30" }, undefined],
  [{ "ratelimit-remaining": "0", "ratelimit-reset": "5" }, 5_000],
  [{ "ratelimit": "limit=100, remaining=0, reset=5" }, 5_000],
  [{ "ratelimit": '"default";r=0;t=9' }, 9_000],
  [{ "ratelimit": '"default";r=3;t=9' }, undefined],
  [{ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m2.5s" }, 62_500],
  [{ "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "120ms" }, 120],
  [{ "x-ratelimit-remaining-tokens": "9", "x-ratelimit-reset-tokens": "1h" }, undefined],
  [{ "content-type": "text/html" }, undefined],
];

Deno.test("retryAfterOf() reads seconds, dates and rate-limit headers from every client's error", () => {
  for (const [headers, wish] of WISHES) {
    for (const error of shapes(headers)) {
      assert.equal(retryAfterOf(error, NOW), wish, JSON.stringify(headers));
    }
  }
});

Deno.test("retryAfterOf() reads the wish of our own errors, and nothing from what is none", () => {
  assert.equal(retryAfterOf(new HealingError("RATE_LIMITED", "slow", { retryAfterMs: 5 }), NOW), 5);
  for (const thrown of [undefined, null, "text", 7, {}, new Error("plain")]) {
    assert.equal(retryAfterOf(thrown, NOW), undefined);
  }
  const hostile = {
    get headers() {
      throw new Error("a getter");
    },
  };
  assert.equal(retryAfterOf(hostile, NOW), undefined);
});

Deno.test("retryWithBackoff() caps every wish, however absurd", async () => {
  const wishes = ["5", "86400", "999999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "1e9"];
  const slept: number[] = [];
  const clock = {
    now: () => NOW,
    monotonic: () => 0,
    sleep: (ms: number) => (slept.push(ms), Promise.resolve()),
  };
  for (const wish of wishes) {
    const [error] = shapes({ "retry-after": wish });
    const options = { clock, random: { next: () => 0, uuid: () => "" }, maxAttempts: 2 };
    await assert.rejects(retryWithBackoff(() => Promise.reject(error), options));
  }
  assert.deepEqual(slept, [5_000, 10_000, 10_000, 10_000, 0]);
});

Deno.test("retryAfterOf() reads a wish in a sentence where no header says it", () => {
  const wish = (message: string) => retryAfterOf(new Error(message), 0);
  assert.equal(wish("Rate limit reached. Please try again in 7m12s. Visit the page"), 432_000);
  assert.equal(wish("Please try again in 320ms."), 320);
  assert.equal(wish("Requests have exceeded the limit. Please retry after 26 seconds."), 26_000);
  assert.equal(wish("Please retry in 36.5s."), 36_500);
  assert.equal(wish("try again in 1 minute 5 seconds"), 65_000);
  assert.equal(wish("try again in 500 milliseconds"), 500);
  assert.equal(wish("Please try again later"), undefined);
  assert.equal(wish("try again in {s}"), undefined);
  const headers = new Headers({ "retry-after": "2" });
  assert.equal(retryAfterOf(Object.assign(new Error("try again in 9s"), { headers }), 0), 2_000);
});
