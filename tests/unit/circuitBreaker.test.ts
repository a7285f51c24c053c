import assert from "node:assert/strict";
import { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { createBreaker, down, fail, isRefused, up } from "../helpers/breakerCalls.ts";

/** A promise that a test settles. */
function parked() {
  return Promise.withResolvers<string>();
}

Deno.test("CircuitBreaker.execute() gives the answer and throws the target's own error", async () => {
  const { breaker } = createBreaker();
  assert.equal(await breaker.execute(up), "up");
  assert.equal(await breaker.execute(() => "at once"), "at once");
  await assert.rejects(breaker.execute(down), /^Error: down$/);
  await assert.rejects(
    breaker.execute(() => {
      throw new Error("at once");
    }),
    /^Error: at once$/,
  );
});

Deno.test("CircuitBreaker opens at the fifth failure in a row and then calls nobody for 60 s", async () => {
  const { breaker, clock, kinds } = createBreaker();
  await fail(breaker, 4);
  await breaker.execute(up);
  await fail(breaker, 4);
  assert.equal(breaker.state, "closed");
  await fail(breaker, 1);
  assert.equal(breaker.state, "open");
  const error = await breaker.execute(up).catch((thrown) => thrown);
  assert.equal(error.code, "UNAVAILABLE");
  assert.equal(error.retryAfterMs, 60_000);
  clock.advance(59_999);
  assert.ok(await isRefused(breaker));
  clock.advance(1);
  assert.equal(await breaker.execute(up), "up");
  assert.equal(breaker.state, "closed");
  assert.deepEqual(kinds(), ["opened", "refused", "refused", "halfOpened", "closed"]);
});

Deno.test("CircuitBreaker lets one probe through, and a failed one starts the next cooldown", async () => {
  const { breaker, clock } = createBreaker();
  await fail(breaker, 5);
  clock.advance(60_000);
  const probe = parked();
  const running = breaker.execute(() => probe.promise);
  assert.equal(breaker.state, "halfOpen");
  assert.ok(await isRefused(breaker));
  probe.reject(new Error("still down"));
  await assert.rejects(running, /still down/);
  clock.advance(59_999);
  assert.ok(await isRefused(breaker));
  clock.advance(1);
  assert.equal(await isRefused(breaker), false);
});

Deno.test("CircuitBreaker aborts a probe that takes too long, counts it, and drops its late result", async () => {
  const { breaker, clock } = createBreaker({ halfOpenTimeoutMs: 1_000 });
  await fail(breaker, 5);
  clock.advance(60_000);
  const probe = parked();
  let seen: AbortSignal | undefined;
  const running = breaker.execute((signal) => {
    seen = signal;
    return probe.promise;
  });
  clock.advance(1_000);
  await assert.rejects(running, { code: "TIMEOUT" });
  assert.ok(seen?.aborted);
  assert.equal(breaker.state, "open");
  probe.resolve("late");
  await probe.promise;
  assert.equal(breaker.state, "open");
});

Deno.test("CircuitBreaker ignores results of calls that started in a state that is over", async () => {
  const { breaker, clock } = createBreaker();
  const early = [parked(), parked()] as const;
  const running = early.map(({ promise }) => breaker.execute(() => promise));
  await fail(breaker, 5);
  early[0].resolve("late success");
  assert.equal(await running[0], "late success");
  assert.equal(breaker.state, "open");
  clock.advance(60_000);
  await breaker.execute(up);
  await fail(breaker, 4);
  early[1].reject(new Error("late failure"));
  await assert.rejects(running[1]!);
  assert.equal(breaker.state, "closed");
});

Deno.test("CircuitBreaker counts neither its caller's abort nor answers to a wrong request", async () => {
  const { breaker } = createBreaker();
  const wrong = () => Promise.reject(Object.assign(new Error("bad request"), { status: 400 }));
  const refused = () => Promise.reject(new HealingError("FORBIDDEN", "no"));
  for (let i = 0; i < 10; i++) {
    await assert.rejects(breaker.execute(wrong));
    await assert.rejects(breaker.execute(refused));
    await assert.rejects(breaker.execute(down, { signal: AbortSignal.abort() }));
  }
  assert.equal(breaker.state, "closed");
  const limited = () => Promise.reject(Object.assign(new Error("slow down"), { status: 429 }));
  for (let i = 0; i < 5; i++) await assert.rejects(breaker.execute(limited));
  assert.equal(breaker.state, "open");
});

Deno.test("CircuitBreaker asks its author which errors count, and counts all when he throws", async () => {
  const picky = createBreaker({ countsAsFailure: (error) => (error as Error).message !== "down" });
  await fail(picky.breaker, 20);
  assert.equal(picky.breaker.state, "closed");
  const broken = createBreaker({
    countsAsFailure: () => {
      throw new Error("a bug");
    },
  });
  await fail(broken.breaker, 5);
  assert.equal(broken.breaker.state, "open");
});

Deno.test("CircuitBreaker frees the probe when its caller gives up, and closes when the target answers 'no'", async () => {
  const { breaker, clock } = createBreaker();
  await fail(breaker, 5);
  clock.advance(60_000);
  const caller = new AbortController();
  const running = breaker.execute(
    (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    { signal: caller.signal },
  );
  caller.abort(new Error("gone"));
  await assert.rejects(running, /gone/);
  assert.equal(breaker.state, "open");
  const wrong = () => Promise.reject(Object.assign(new Error("bad request"), { status: 400 }));
  await assert.rejects(breaker.execute(wrong));
  assert.equal(breaker.state, "closed");
});

Deno.test("CircuitBreaker opens by the share of failures in a window, from a minimum of calls on", async () => {
  const { breaker, clock } = createBreaker({ failureRatio: 0.5, windowMs: 10_000, minimumThroughput: 10 });
  await fail(breaker, 9);
  assert.equal(breaker.state, "closed");
  clock.advance(11_000);
  for (let i = 0; i < 6; i++) await breaker.execute(up);
  await fail(breaker, 5);
  assert.equal(breaker.state, "closed");
  await fail(breaker, 1);
  assert.equal(breaker.state, "open");
});

Deno.test("CircuitBreaker opens by the share of slow calls, also when all of them succeed", async () => {
  const { breaker, clock, events } = createBreaker({
    slowCallRatio: 0.5,
    slowCallMs: 100,
    minimumThroughput: 4,
  });
  const slow = () => (clock.advance(100), "slow");
  for (let i = 0; i < 2; i++) await breaker.execute(up);
  for (let i = 0; i < 2; i++) await breaker.execute(slow);
  assert.equal(breaker.state, "open");
  const [opened] = events;
  assert.equal(opened?.kind === "opened" && opened.reason, "2 of 4 calls took 100 ms or longer");
});

Deno.test("CircuitBreaker does not open for a slow call of a state that is over", async () => {
  const { breaker, clock } = createBreaker({ slowCallRatio: 0.5, slowCallMs: 100, minimumThroughput: 2 });
  const slow = [parked(), parked(), parked()];
  const running = slow.map(({ promise }) => breaker.execute(() => promise));
  clock.advance(100);
  for (const { resolve } of slow.slice(0, 2)) resolve("slow");
  await Promise.all(running.slice(0, 2));
  assert.equal(breaker.state, "open");
  clock.advance(60_000);
  await breaker.execute(up);
  slow[2]!.resolve("late and slow");
  await running[2];
  assert.equal(breaker.state, "closed");
});

Deno.test("CircuitBreaker is not broken by its listener or its alert", async () => {
  const explode = () => {
    throw new Error("a listener's bug");
  };
  const { breaker, clock } = createBreaker({ onEvent: explode, alert: explode });
  await fail(breaker, 5);
  clock.advance(60_000);
  assert.equal(await breaker.execute(up), "up");
  const rejecting = createBreaker({ alert: () => Promise.reject(new Error("no network")) });
  await fail(rejecting.breaker, 5);
  assert.equal(rejecting.breaker.state, "open");
});

Deno.test("CircuitBreaker alerts once until it has been closed again", async () => {
  const alerts: string[] = [];
  const { breaker, clock } = createBreaker({
    alert: ({ scope, reason }) => void alerts.push(`${scope}: ${reason}`),
  });
  await fail(breaker, 5);
  for (let i = 0; i < 3; i++) {
    clock.advance(60_000);
    await fail(breaker, 1);
  }
  assert.deepEqual(alerts, ["isolate: 5 failures in a row"]);
  clock.advance(60_000);
  await breaker.execute(up);
  await fail(breaker, 5);
  assert.equal(alerts.length, 2);
});

Deno.test("CircuitBreaker hands over its caller's signal, and a calm one otherwise", async () => {
  const { breaker } = createBreaker();
  const { signal } = new AbortController();
  assert.equal(await breaker.execute((given) => given, { signal }), signal);
  const calm = new Set<AbortSignal>();
  for (let i = 0; i < 2_500; i++) calm.add(await breaker.execute((given) => given));
  assert.equal(calm.size, 3);
  assert.ok([...calm].every((one) => !one.aborted));
});
