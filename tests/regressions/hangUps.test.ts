import assert from "node:assert/strict";
import {
  flushErrors,
  type Reporter,
  withSelfHealing,
} from "../../supabase/functions/_shared/errorInterceptor.ts";
import type { CapturedError } from "../../supabase/functions/_shared/healingDb.ts";

function recorder(): { captured: CapturedError[]; noted: string[]; options: { functionName: string } } {
  const captured: CapturedError[] = [];
  const noted: string[] = [];
  const reporter = () =>
    Promise.resolve<Reporter>({
      capture: (errors) => Promise.resolve({ queued: captured.push(...errors) }),
      healed: () => Promise.resolve(),
    });
  const monitor = { request: (_name: string, outcome: string) => void noted.push(outcome) };
  return {
    captured,
    noted,
    options: { functionName: "hang-ups", reporter, monitor } as { functionName: string },
  };
}

/** Waits for something that uses the request's signal, as `fetch` does. */
function waitFor(request: Request): Promise<Response> {
  return new Promise((_, reject) => {
    request.signal.addEventListener("abort", () => reject(request.signal.reason));
  });
}

Deno.test("withSelfHealing() takes a caller that hangs up for no fault of the function", async () => {
  const { captured, noted, options } = recorder();
  const caller = new AbortController();
  const answer = withSelfHealing(waitFor, options)(
    new Request("http://project.test/", { signal: caller.signal }),
  );
  caller.abort();
  assert.equal((await (await answer).json()).code, "ABORTED");
  await flushErrors();
  assert.deepEqual([captured, noted], [[], ["refused"]]);
});

Deno.test("withSelfHealing() captures a fault although its caller has hung up", async () => {
  const { captured, noted, options } = recorder();
  const caller = new AbortController();
  const handler = withSelfHealing(() => {
    caller.abort();
    return Promise.reject(new Error("broken"));
  }, options);
  await handler(new Request("http://project.test/", { signal: caller.signal }));
  await flushErrors();
  assert.deepEqual([captured.length, noted], [1, ["error"]]);
});
