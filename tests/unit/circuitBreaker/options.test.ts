import assert from "node:assert/strict";
import {
  BreakerGroup,
  CircuitBreaker,
  type CircuitBreakerOptions,
} from "../../../supabase/functions/_shared/circuitBreaker.ts";
import { createBreaker, fail, isRefused, up } from "../../helpers/breakerCalls.ts";
import { FakeClock } from "../../helpers/fakeClock.ts";

Deno.test("CircuitBreaker obeys a mode that a person chose", async () => {
  const forced = createBreaker({ mode: "forcedOpen" });
  assert.ok(await isRefused(forced.breaker));
  forced.clock.advance(1e9);
  assert.ok(await isRefused(forced.breaker));
  const disabled = createBreaker({ mode: "disabled" });
  await fail(disabled.breaker, 20);
  assert.equal(disabled.breaker.state, "disabled");
  disabled.breaker.setMode("auto");
  await fail(disabled.breaker, 5);
  assert.equal(disabled.breaker.state, "open");
  disabled.breaker.setMode("auto");
  assert.equal(disabled.breaker.state, "closed");
});

Deno.test("CircuitBreaker.toJSON() lets another isolate go on, whatever its clock says", async () => {
  const { breaker, clock } = createBreaker();
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
  const { breaker } = createBreaker(options);
  await fail(breaker, 9);
  const { breaker: resumed } = createBreaker({ ...options, initialState: breaker.toJSON() });
  await fail(resumed, 1);
  assert.equal(resumed.state, "open");
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
