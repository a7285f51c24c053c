import assert from "node:assert/strict";
import type { Clock } from "../../supabase/functions/_shared/core/clock.ts";
import { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { RetryBudget, type RetryOptions, retryWithBackoff } from "../../supabase/functions/_shared/retry.ts";
import { FakeClock } from "../helpers/fakeClock.ts";

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

Deno.test("retryWithBackoff() doubles its pauses, jitters them fully, and never passes the cap", async () => {
  const clock = stoppedClock();
  const random = { next: () => 0.5, uuid: () => "" };
  await assert.rejects(retryWithBackoff(busy, { clock, random, maxAttempts: 10 }));
  assert.deepEqual(clock.slept, [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
});

Deno.test("retryWithBackoff() does not retry what cannot pass", async () => {
  const lasting = [
    new HealingError("FORBIDDEN", "no"),
    Object.assign(new Error("You exceeded your current quota"), { status: 429, code: "insufficient_quota" }),
    Object.assign(new Error("duplicate key"), { code: "23505" }),
  ];
  for (const error of lasting) {
    let calls = 0;
    await assert.rejects(
      retryWithBackoff(() => (calls++, Promise.reject(error)), { clock: stoppedClock() }),
      error,
    );
    assert.equal(calls, 1, error.message);
  }
});

Deno.test("retryWithBackoff() counts the requests that a client makes by itself", async () => {
  let calls = 0;
  const options = { clock: stoppedClock(), maxAttempts: 6, requestsPerAttempt: 3 };
  await assert.rejects(retryWithBackoff(() => (calls++, busy()), options));
  assert.equal(calls, 2);
});

Deno.test("retryWithBackoff() tells of each retry, and is not broken by who listens", async () => {
  const told: number[] = [];
  const onRetry = ({ attempt, delayMs }: { attempt: number; delayMs: number }) => {
    told.push(attempt, delayMs);
    throw new Error("a listener's bug");
  };
  await assert.rejects(retryWithBackoff(busy, { clock: stoppedClock(), random: always, onRetry }), /busy/);
  assert.deepEqual(told, [1, 200, 2, 400]);
});

Deno.test("retryWithBackoff() ends its pause when its caller stops", async () => {
  const caller = new AbortController();
  const running = retryWithBackoff(busy, { signal: caller.signal, baseDelayMs: 60_000, random: always });
  await Promise.resolve();
  caller.abort(new Error("stopped"));
  await assert.rejects(running, /stopped|busy/);
});

/** Calls of a target that fails for all, one after another or all at once; how many requests it got. */
async function storm(calls: number, options: RetryOptions, atOnce: boolean): Promise<number> {
  let requests = 0;
  const call = () => retryWithBackoff(() => (requests++, busy()), options).catch(() => {});
  if (atOnce) await Promise.all(Array.from({ length: calls }, call));
  else for (let i = 0; i < calls; i++) await call();
  return requests;
}

Deno.test("retryWithBackoff() gives a target that fails always at most 1.2 times the load", async () => {
  for (const calls of [10, 100, 1_000, 5_000]) {
    for (const atOnce of [false, true]) {
      const options = { clock: stoppedClock(), target: `storm ${calls} ${atOnce}`, maxAttempts: 5 };
      const requests = await storm(calls, options, atOnce);
      assert.ok(requests <= 1.2 * calls, `${requests} requests for ${calls} calls`);
      assert.ok(requests >= 1.19 * calls, `the budget is used: ${requests} for ${calls}`);
    }
  }
});

Deno.test("retryWithBackoff() does not let a good hour pay for a storm", async () => {
  const clock = new FakeClock("2026-11-21T12:00:00Z");
  const options = {
    clock: { ...stoppedClock(), monotonic: () => clock.monotonic() },
    target: "after a good hour",
  };
  for (let i = 0; i < 10_000; i++) await retryWithBackoff(() => Promise.resolve(), options);
  clock.advance(60_000);
  const requests = await storm(1_000, options, false);
  assert.ok(requests <= 1_200, `${requests} requests for 1000 calls`);
});

Deno.test("retryWithBackoff() shares the budget of a target, and gives each target its own", async () => {
  const clock = stoppedClock();
  const first = await storm(1, { clock, target: "shared" }, false);
  const second = await storm(1, { clock, target: "shared" }, false);
  const other = await storm(1, { clock, target: "another" }, false);
  assert.deepEqual([first, second, other], [3, 1, 3]);
});

Deno.test("RetryBudget refuses options that make no sense, and says what it was given", () => {
  assert.throws(() => new RetryBudget({ ratio: 2 }), /"ratio" must be >= 0 and <= 1: current value is 2/);
  assert.throws(() => new RetryBudget({ reserve: -1 }), /"reserve" must be a whole number >= 0/);
  assert.throws(() => new RetryBudget({ calmMs: 0 }), /"calmMs" must be > 0: current value is 0/);
});
