import assert from "node:assert/strict";
import type { Clock } from "../../supabase/functions/_shared/core/clock.ts";
import { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { retryWithBackoff } from "../../supabase/functions/_shared/retry.ts";

function stoppedClock(): Clock & { slept: number[] } {
  const slept: number[] = [];
  return { slept, now: () => 0, monotonic: () => 0, sleep: (ms) => (slept.push(ms), Promise.resolve()) };
}

const always = { next: () => 1, uuid: () => "" };
const busy = () => Promise.reject(new Error("busy"));

Deno.test("retryWithBackoff() makes three calls in all and throws the last error", async () => {
  const clock = stoppedClock();
  let calls = 0;
  await assert.rejects(
    retryWithBackoff(() => Promise.reject(new Error(`busy ${++calls}`)), { clock, random: always }),
    /busy 3/,
  );
  assert.deepEqual(clock.slept, [200, 400]);
});

Deno.test("retryWithBackoff() takes a number as the calls in all", async () => {
  let calls = 0;
  await assert.rejects(retryWithBackoff(() => (calls++, busy()), 1));
  assert.equal(calls, 1);
});

Deno.test("retryWithBackoff() waits as long as the other side asks, up to the cap", async () => {
  const clock = stoppedClock();
  const limited = () =>
    Promise.reject(new HealingError("RATE_LIMITED", "slow down", { retryAfterMs: 90_000 }));
  await assert.rejects(retryWithBackoff(limited, { clock, random: always, maxAttempts: 2 }));
  assert.deepEqual(clock.slept, [10_000]);
});

Deno.test("retryWithBackoff() makes a misuse and a stopped caller fail at once", async () => {
  const clock = stoppedClock();
  await assert.rejects(retryWithBackoff(() => Promise.reject(new TypeError("misuse")), { clock }));
  const stopped = AbortSignal.abort(new Error("stopped"));
  await assert.rejects(retryWithBackoff(busy, { clock, signal: stopped }));
  assert.deepEqual(clock.slept, []);
});

Deno.test("retryWithBackoff() refuses attempts that make no sense, and says what it was given", async () => {
  await assert.rejects(
    retryWithBackoff(busy, { maxAttempts: 0 }),
    /must be a whole number >= 1: current value is 0/,
  );
});
