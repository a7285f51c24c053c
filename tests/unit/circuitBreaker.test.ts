import assert from "node:assert/strict";
import {
  type BreakerEvent,
  BreakerGroup,
  CircuitBreaker,
  type CircuitBreakerOptions,
  isCircuitOpenError,
} from "../../supabase/functions/_shared/circuitBreaker.ts";
import { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { FakeClock } from "../helpers/fakeClock.ts";

const down = () => Promise.reject(new Error("down"));
const up = () => Promise.resolve("up");

function create(options: CircuitBreakerOptions = {}) {
  const clock = new FakeClock("2026-11-21T12:00:00Z");
  const events: BreakerEvent[] = [];
  const breaker = new CircuitBreaker("target", { clock, onEvent: (event) => events.push(event), ...options });
  return { breaker, clock, events, kinds: () => events.map((event) => event.kind) };
}

async function fail(breaker: CircuitBreaker, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await assert.rejects(breaker.execute(down));
}

async function isRefused(breaker: CircuitBreaker): Promise<boolean> {
  let wasCalled = false;
  const error = await breaker.execute(() => void (wasCalled = true)).catch((thrown) => thrown);
  assert.equal(wasCalled, !isCircuitOpenError(error));
  return isCircuitOpenError(error);
}

/** A promise that a test settles. */
function parked() {
  return Promise.withResolvers<string>();
}

Deno.test("CircuitBreaker.execute() gives the answer and throws the target's own error", async () => {
  const { breaker } = create();
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
  const { breaker, clock, kinds } = create();
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
  const { breaker, clock } = create();
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
  const { breaker, clock } = create({ halfOpenTimeoutMs: 1_000 });
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
  const { breaker, clock } = create();
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
  const { breaker } = create();
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
  const picky = create({ countsAsFailure: (error) => (error as Error).message !== "down" });
  await fail(picky.breaker, 20);
  assert.equal(picky.breaker.state, "closed");
  const broken = create({
    countsAsFailure: () => {
      throw new Error("a bug");
    },
  });
  await fail(broken.breaker, 5);
  assert.equal(broken.breaker.state, "open");
});

Deno.test("CircuitBreaker frees the probe when its caller gives up, and closes when the target answers 'no'", async () => {
  const { breaker, clock } = create();
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
  const { breaker, clock } = create({ failureRatio: 0.5, windowMs: 10_000, minimumThroughput: 10 });
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
  const { breaker, clock, events } = create({ slowCallRatio: 0.5, slowCallMs: 100, minimumThroughput: 4 });
  const slow = () => (clock.advance(100), "slow");
  for (let i = 0; i < 2; i++) await breaker.execute(up);
  for (let i = 0; i < 2; i++) await breaker.execute(slow);
  assert.equal(breaker.state, "open");
  const [opened] = events;
  assert.equal(opened?.kind === "opened" && opened.reason, "2 of 4 calls took 100 ms or longer");
});

Deno.test("CircuitBreaker does not open for a slow call of a state that is over", async () => {
  const { breaker, clock } = create({ slowCallRatio: 0.5, slowCallMs: 100, minimumThroughput: 2 });
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

Deno.test("CircuitBreaker obeys a mode that a person chose", async () => {
  const forced = create({ mode: "forcedOpen" });
  assert.ok(await isRefused(forced.breaker));
  forced.clock.advance(1e9);
  assert.ok(await isRefused(forced.breaker));
  const disabled = create({ mode: "disabled" });
  await fail(disabled.breaker, 20);
  assert.equal(disabled.breaker.state, "disabled");
  disabled.breaker.setMode("auto");
  await fail(disabled.breaker, 5);
  assert.equal(disabled.breaker.state, "open");
  disabled.breaker.setMode("auto");
  assert.equal(disabled.breaker.state, "closed");
});

Deno.test("CircuitBreaker.toJSON() lets another isolate go on, whatever its clock says", async () => {
  const { breaker, clock } = create();
  await fail(breaker, 3);
  const resume = (saved: unknown) => {
    const later = new FakeClock("2001-01-01T00:00:00Z");
    return { later, resumed: new CircuitBreaker("target", { clock: later, initialState: saved as never }) };
  };
  const closed = resume(JSON.parse(JSON.stringify(breaker)));
  await fail(closed.resumed, 2);
  assert.equal(closed.resumed.state, "open");
  await fail(breaker, 2);
  clock.advance(50_000);
  const open = resume(JSON.parse(JSON.stringify(breaker)));
  open.later.advance(9_999);
  assert.ok(await isRefused(open.resumed));
  open.later.advance(1);
  assert.equal(await open.resumed.execute(up), "up");
});

Deno.test("CircuitBreaker.toJSON() keeps the window of a ratio", async () => {
  const options = { failureRatio: 0.5, minimumThroughput: 10 };
  const { breaker } = create(options);
  await fail(breaker, 9);
  const { breaker: resumed } = create({ ...options, initialState: breaker.toJSON() });
  await fail(resumed, 1);
  assert.equal(resumed.state, "open");
});

Deno.test("CircuitBreaker is not broken by its listener or its alert", async () => {
  const explode = () => {
    throw new Error("a listener's bug");
  };
  const { breaker, clock } = create({ onEvent: explode, alert: explode });
  await fail(breaker, 5);
  clock.advance(60_000);
  assert.equal(await breaker.execute(up), "up");
  const rejecting = create({ alert: () => Promise.reject(new Error("no network")) });
  await fail(rejecting.breaker, 5);
  assert.equal(rejecting.breaker.state, "open");
});

Deno.test("CircuitBreaker alerts once until it has been closed again", async () => {
  const alerts: string[] = [];
  const { breaker, clock } = create({
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

Deno.test("BreakerGroup keeps the last target usable, the one that opened last", async () => {
  const group = new BreakerGroup("ends");
  const clock = new FakeClock("2026-11-21T12:00:00Z");
  const [first, second] = [1, 2].map((n) => new CircuitBreaker(`end ${n}`, { group, clock })) as [
    CircuitBreaker,
    CircuitBreaker,
  ];
  await fail(first, 5);
  assert.ok(await isRefused(first));
  clock.advance(10_000);
  await fail(second, 5);
  assert.equal(second.state, "open");
  assert.equal(await isRefused(second), false);
  assert.ok(await isRefused(first));
  clock.advance(50_000);
  await first.execute(up);
  assert.ok(await isRefused(second));
});

Deno.test("BreakerGroup does not argue with a person who forced the last target open", async () => {
  const group = new BreakerGroup("ends");
  const forced = new CircuitBreaker("a", { group, mode: "forcedOpen" });
  const other = new CircuitBreaker("b", { group });
  await fail(other, 5);
  assert.equal(await isRefused(other), false);
  assert.ok(await isRefused(forced));
});

Deno.test("CircuitBreaker hands over its caller's signal, and a calm one otherwise", async () => {
  const { breaker } = create();
  const { signal } = new AbortController();
  assert.equal(await breaker.execute((given) => given, { signal }), signal);
  const calm = new Set<AbortSignal>();
  for (let i = 0; i < 2_500; i++) calm.add(await breaker.execute((given) => given));
  assert.equal(calm.size, 3);
  assert.ok([...calm].every((one) => !one.aborted));
});

Deno.test("CircuitBreaker refuses bad options at construction, with the wanted and the current value", () => {
  const bad: [CircuitBreakerOptions, string][] = [
    [{ cooldownMs: -5 }, '"cooldownMs" must be >= 0: current value is -5'],
    [{ failureThreshold: 0 }, '"failureThreshold" must be a whole number >= 1: current value is 0'],
    [{ failureRatio: 1.5 }, '"failureRatio" must be > 0 and <= 1: current value is 1.5'],
    [{ slowCallRatio: 0.5 }, '"slowCallMs" must be given with "slowCallRatio": current value is undefined'],
    [{ minimumThroughput: 1.5 }, '"minimumThroughput" must be a whole number >= 1: current value is 1.5'],
    [{ windowMs: NaN }, '"windowMs" must be > 0: current value is NaN'],
    [{ halfOpenTimeoutMs: 0 }, '"halfOpenTimeoutMs" must be > 0: current value is 0'],
    [{ quorum: 1 }, '"quorum" must be a whole number >= 2: current value is 1'],
    [{ quorumShare: 2 }, '"quorumShare" must be >= 0 and <= 1: current value is 2'],
    [{ refreshMs: 0 }, '"refreshMs" must be > 0: current value is 0'],
    [
      { mode: "open" as never },
      '"mode" must be "auto" or "forcedOpen" or "disabled": current value is "open"',
    ],
  ];
  for (const [options, sentence] of bad) {
    assert.throws(() => new CircuitBreaker("target", options), {
      name: "RangeError",
      message: `Cannot create CircuitBreaker as ${sentence}`,
    });
  }
  assert.throws(() => new CircuitBreaker(" "), /"name" must be 1 to 200 characters: current value is " "/);
  assert.throws(() => new BreakerGroup(""), /Cannot create BreakerGroup as "name"/);
});
