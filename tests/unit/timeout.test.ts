import assert from "node:assert/strict";
import { systemClock } from "../../supabase/functions/_shared/core/clock.ts";
import { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import {
  effectiveLimit,
  type TimedOut,
  TimeoutRate,
  wallClock,
  withTimeout,
} from "../../supabase/functions/_shared/timeout.ts";
import { FakeClock } from "../helpers/fakeClock.ts";
import { waitFor } from "../helpers/waiting.ts";

const never = () => new Promise<never>(() => {});

function clockAt(): FakeClock {
  return new FakeClock("2026-11-21T12:00:00Z");
}

/** Work that stops when it is told to, and says with what. */
function obedient(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}

Deno.test("withTimeout() gives the work's answer and its own errors, and leaves its signal alone", async () => {
  let seen: AbortSignal | undefined;
  const answer = await withTimeout((signal) => {
    seen = signal;
    return "done";
  }, 1_000);
  assert.equal(answer, "done");
  assert.equal(seen!.aborted, false);
  await assert.rejects(withTimeout(() => Promise.reject(new Error("own")), 1_000), /^Error: own$/);
  await assert.rejects(
    withTimeout(() => {
      throw new Error("at once");
    }, 1_000),
    /^Error: at once$/,
  );
});

Deno.test("withTimeout() aborts the work with the very error that the caller gets", async () => {
  const clock = clockAt();
  let reason: unknown;
  const running = withTimeout(
    (signal) =>
      obedient(signal).catch((error) => {
        reason = error;
        throw error;
      }),
    5_000,
    { clock, operation: "generate" },
  );
  clock.advance(5_000);
  const error = await running.catch((thrown) => thrown);
  assert.equal(error.code, "TIMEOUT");
  assert.equal(error.message, 'The operation "generate" did not end within 5000 ms');
  assert.equal(reason, error);
});

Deno.test("withTimeout() does not wait for work that ignores its signal, and drops its late end", async () => {
  const clock = clockAt();
  const work = Promise.withResolvers<string>();
  const running = withTimeout(() => work.promise, 5_000, { clock });
  clock.advance(5_000);
  await assert.rejects(running, { code: "TIMEOUT" });
  work.reject(new Error("nobody waits for this"));
  await work.promise.catch(() => {});
});

Deno.test("withTimeout() stops a fetch for real: the server sees the connection go", async () => {
  const gone = Promise.withResolvers<void>();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    request.signal.addEventListener("abort", () => gone.resolve());
    return new Response(new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(1)) }));
  });
  try {
    const url = `http://127.0.0.1:${server.addr.port}/`;
    const work = async (signal: AbortSignal) => await (await fetch(url, { signal })).text();
    await assert.rejects(withTimeout(work, 50), { code: "TIMEOUT" });
    await gone.promise;
  } finally {
    await server.shutdown();
  }
});

Deno.test("withTimeout() keeps the deadline: what the worker has left, less the reserve", async () => {
  assert.equal(effectiveLimit(300_000), 300_000);
  assert.equal(effectiveLimit(300_000, 150_000), 135_000);
  assert.equal(effectiveLimit(10_000, 150_000), 10_000);
  assert.equal(effectiveLimit(10_000, 5_000), 0);
  const clock = clockAt();
  const start = clock.monotonic();
  const remainingMs = () => 20_000 - (clock.monotonic() - start);
  const running = withTimeout(obedient, 300_000, { clock, remainingMs });
  clock.advance(5_000);
  const error = await running.catch((thrown) => thrown);
  assert.equal(error.details.reason, "deadline");
  assert.match(error.hint, /checkpoint/);
  let wasCalled = false;
  const late = withTimeout(() => void (wasCalled = true), 300_000, { clock, remainingMs });
  await assert.rejects(late, /was not begun as the worker has no time left/);
  assert.equal(wasCalled, false);
  assert.equal(wallClock(150_000, { ...systemClock, monotonic: () => 30_000 })(), 120_000);
});

Deno.test("withTimeout() runs the five actions in order, each on its own, without holding up the call", async () => {
  const clock = clockAt();
  const ran: string[] = [];
  const failed: string[] = [];
  const cancelled = Promise.withResolvers<void>();
  const told: TimedOut[] = [];
  const running = withTimeout(never, 1_000, {
    clock,
    operation: "five actions",
    rate: new TimeoutRate({ minimumCalls: 1 }),
    actions: {
      cancel: async (timedOut) => {
        told.push(timedOut);
        await cancelled.promise;
        ran.push("cancel");
        throw new Error("the other service is down");
      },
      broadcast: () => {
        ran.push("broadcast");
        throw new Error("no channel");
      },
      cleanUp: () => void ran.push("cleanUp"),
      learn: () => void ran.push("learn"),
      alert: () => void ran.push("alert"),
    },
    onActionFailed: (action) => {
      failed.push(action);
      throw new Error("a listener's bug");
    },
  });
  clock.advance(1_000);
  await assert.rejects(running, { code: "TIMEOUT" });
  assert.deepEqual(ran, []);
  cancelled.resolve();
  await waitFor("the last action", () => ran.length === 5);
  assert.deepEqual(ran, ["cancel", "broadcast", "cleanUp", "learn", "alert"]);
  assert.deepEqual(failed, ["cancel", "broadcast"]);
  assert.deepEqual(told, [{
    operation: "five actions",
    reason: "limit",
    limitMs: 1_000,
    elapsedMs: 1_000,
    rate: { timeouts: 1, calls: 1 },
  }]);
});

Deno.test("withTimeout() alerts only when the rate of timeouts is high, and once in its window", async () => {
  const clock = clockAt();
  const rate = new TimeoutRate({ ratio: 0.2, minimumCalls: 5, windowMs: 60_000 });
  let alerts = 0;
  let learned = 0;
  let timeouts = 0;
  const actions = { learn: () => void learned++, alert: () => void alerts++ };
  const timeOut = async () => {
    const running = withTimeout(never, 100, { clock, rate, actions });
    clock.advance(100);
    await assert.rejects(running);
    timeouts++;
    // The alert comes last, and nothing waits between it and what was learned.
    await waitFor("the actions", () => learned === timeouts);
    await Promise.resolve();
  };
  for (let i = 0; i < 8; i++) await withTimeout(() => "quick", 100, { clock, rate });
  await timeOut();
  assert.equal(alerts, 0, "1 of 9");
  await timeOut();
  await timeOut();
  await timeOut();
  assert.equal(alerts, 1, "3 of 11, and then not again");
  clock.advance(60_000);
  for (let i = 0; i < 5; i++) await timeOut();
  assert.equal(alerts, 2);
});

Deno.test("withTimeout() passes its caller's abort on, which is no timeout", async () => {
  const caller = new AbortController();
  let acted = false;
  const running = withTimeout(obedient, 1_000, {
    signal: caller.signal,
    clock: clockAt(),
    actions: { cancel: () => void (acted = true) },
  });
  caller.abort(new Error("gone"));
  await assert.rejects(running, /gone/);
  assert.equal(acted, false);
  await assert.rejects(withTimeout(never, 1_000, { signal: caller.signal }), /gone/);
});

Deno.test("withTimeout() ends work and runs the actions when the worker is about to end", async () => {
  let reason = "";
  const running = withTimeout(obedient, 60_000, {
    clock: clockAt(),
    actions: { learn: (timedOut) => void (reason = timedOut.reason) },
  });
  globalThis.dispatchEvent(new Event("beforeunload"));
  await assert.rejects(running, /was ended as its worker ends/);
  await waitFor("the actions", () => reason === "unload");
});

Deno.test("withTimeout() refuses a limit that makes no sense, and says what it was given", async () => {
  for (const limit of [0, -1, NaN]) {
    await assert.rejects(
      withTimeout(never, limit),
      new RangeError(`Cannot limit work as "limitMs" must be > 0: current value is ${limit}`),
    );
  }
  assert.throws(() => new TimeoutRate({ ratio: 0 }), /"ratio" must be > 0 and <= 1: current value is 0/);
});

Deno.test("withTimeout() throws errors that a caller can branch on", async () => {
  const clock = clockAt();
  const running = withTimeout(never, 10, { clock });
  clock.advance(10);
  const error = await running.catch((thrown) => thrown);
  assert.ok(error instanceof HealingError);
  assert.deepEqual(error.details, { operation: "work", reason: "limit", limitMs: 10, elapsedMs: 10 });
});
