import assert from "node:assert/strict";
import { systemClock } from "../../supabase/functions/_shared/core/clock.ts";
import { observeRequest } from "../../supabase/functions/_shared/requestObserver.ts";
import { effectiveLimit, withTimeout } from "../../supabase/functions/_shared/timeout.ts";
import { waitFor } from "../helpers/waiting.ts";

Deno.test("observeRequest() notes how long a request took, not how old the worker is", async () => {
  const noted: number[] = [];
  const monitor = {
    request: (_name: string, _outcome: string, durationMs: number) => void noted.push(durationMs),
  };
  const answer = () => Promise.resolve(new Response());
  const startedAt = performance.now();
  await observeRequest(new Request("http://project.test/"), "f", answer, monitor);
  const elapsedMs = performance.now() - startedAt;
  assert.ok(startedAt > elapsedMs, "the worker is older than the request took");
  assert.ok(noted[0]! >= 0 && noted[0]! <= elapsedMs, `${noted[0]} of ${elapsedMs} ms`);
});

/** What timers were set for while the work ran; each rings at once, until so many have. */
async function timersOf(work: () => Promise<unknown>, most: number): Promise<number[]> {
  const own = globalThis.setTimeout;
  const delays: number[] = [];
  const ring = (call: () => void, ms = 0) => {
    delays.push(ms);
    if (delays.length <= most) queueMicrotask(call);
    return 0;
  };
  globalThis.setTimeout = ring as typeof setTimeout;
  try {
    await work();
  } finally {
    globalThis.setTimeout = own;
  }
  return delays;
}

Deno.test("systemClock.sleep() waits for more than a timer can, one timer after the other", async () => {
  const longest = 2 ** 31 - 1;
  const wait = systemClock.sleep;
  assert.deepEqual(await timersOf(() => wait(1_000), 9), [1_000]);
  assert.deepEqual(await timersOf(() => wait(2 * longest + 5), 9), [longest, longest, 5]);
});

Deno.test("systemClock.sleep() without an end ends when it is stopped", async () => {
  const caller = new AbortController();
  const wait = systemClock.sleep;
  const delays = await timersOf(async () => {
    const slept = wait(Infinity, caller.signal).then(() => "woke", () => "stopped");
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    caller.abort();
    assert.equal(await slept, "stopped");
  }, 3);
  assert.deepEqual(delays, Array(4).fill(2 ** 31 - 1));
});

Deno.test("withTimeout() takes a limit that is never reached, and a worker that cannot tell what it has left", async () => {
  let turns = 0;
  const work = async () => {
    turns = 0;
    await waitFor("a few turns of the event loop", () => ++turns > 3);
    return "done";
  };
  assert.equal(await withTimeout(work, Infinity), "done");
  assert.equal(await withTimeout(work, 3e9), "done");
  assert.equal(effectiveLimit(1_000, NaN), 1_000);
});

Deno.test("withTimeout() leaves no rejection behind when work is stopped and throws at once", async () => {
  const unhandled: unknown[] = [];
  const note = (event: PromiseRejectionEvent) => {
    unhandled.push(event.reason);
    event.preventDefault();
  };
  globalThis.addEventListener("unhandledrejection", note);
  const caller = new AbortController();
  const work = (signal: AbortSignal) => {
    caller.abort(new Error("stopped"));
    signal.throwIfAborted();
  };
  await assert.rejects(withTimeout(work, 1_000, { signal: caller.signal }), { message: "stopped" });
  let turns = 0;
  await waitFor("the turn of the event loop that tells of rejections", () => ++turns > 3);
  globalThis.removeEventListener("unhandledrejection", note);
  assert.deepEqual(unhandled, []);
});
