import assert from "node:assert/strict";
import { systemClock } from "../../supabase/functions/_shared/core/clock.ts";
import { observeRequest } from "../../supabase/functions/_shared/requestObserver.ts";
import { effectiveLimit, withTimeout } from "../../supabase/functions/_shared/timeout.ts";

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

for (const ms of [2 ** 31, 1e12, Infinity]) {
  Deno.test(`systemClock.sleep() of ${ms} ms does not end at once`, async () => {
    const ending = new AbortController();
    const slept = systemClock.sleep(ms, ending.signal).then(() => "woke", () => "ended");
    await systemClock.sleep(20);
    ending.abort();
    assert.equal(await slept, "ended");
  });
}

Deno.test("withTimeout() takes a limit that is never reached, and a worker that cannot tell what it has left", async () => {
  const work = async () => {
    await systemClock.sleep(10);
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
  // Rejections are told when the event loop has come round.
  await systemClock.sleep(0);
  globalThis.removeEventListener("unhandledrejection", note);
  assert.deepEqual(unhandled, []);
});
