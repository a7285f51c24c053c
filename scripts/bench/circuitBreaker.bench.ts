/** What a closed breaker costs a call, against cockatiel's in the same run. @module */

import {
  circuitBreaker,
  ConsecutiveBreaker,
  handleAll,
  SamplingBreaker,
} from "../../supabase/functions/_shared/bulkhead/cockatiel.ts";
import { type BreakerView, CircuitBreaker } from "../../supabase/functions/_shared/circuitBreaker.ts";

const answer = Promise.resolve("ok");

function call(): Promise<string> {
  return answer;
}

function failing(): Promise<string> {
  return Promise.reject(new Error("down"));
}

const peer = circuitBreaker(handleAll, { halfOpenAfter: 60_000, breaker: new ConsecutiveBreaker(5) });
const samplingPeer = circuitBreaker(handleAll, {
  halfOpenAfter: 60_000,
  breaker: new SamplingBreaker({ threshold: 0.5, duration: 30_000 }),
});
const local = new CircuitBreaker(undefined);
const ratio = new CircuitBreaker(undefined, { failureRatio: 0.5 });
const view: BreakerView = {
  id: "1",
  version: 1,
  state: "closed",
  mode: "auto",
  remainingMs: 0,
  isLast: false,
  activeIsolates: 1,
  opened: false,
};
const shared = new CircuitBreaker("bench", {
  store: {
    report: () => Promise.resolve(view),
    claimProbe: () => Promise.resolve({ granted: false, probeNumber: 0, view }),
    finishProbe: () => Promise.resolve(view),
  },
});

// A single await is too short to be measured alone. What is measured has to be an `async` function: for any other one
// the runner does not wait.
async function thousand(one: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < 1_000; i++) await one();
}

// Warm in every order, so that the first one measured is not the one that pays for the compiler.
for (let i = 0; i < 200; i++) {
  for (const breaker of [peer, samplingPeer, local, ratio, shared]) await breaker.execute(call);
}

Deno.bench({
  name: "cockatiel, 1000 calls",
  group: "failures in a row",
  baseline: true,
  fn: async () => await thousand(() => peer.execute(call)),
});
Deno.bench({
  name: "no breaker",
  group: "failures in a row",
  fn: async () => await thousand(call),
});
Deno.bench({
  name: "CircuitBreaker, local",
  group: "failures in a row",
  fn: async () => await thousand(() => local.execute(call)),
});
Deno.bench({
  name: "CircuitBreaker, shared",
  group: "failures in a row",
  fn: async () => await thousand(() => shared.execute(call)),
});

Deno.bench({
  name: "cockatiel, ratio, 1000 calls",
  group: "ratio",
  baseline: true,
  fn: async () => await thousand(() => samplingPeer.execute(call)),
});
Deno.bench({
  name: "CircuitBreaker, ratio",
  group: "ratio",
  fn: async () => await thousand(() => ratio.execute(call)),
});

const openPeer = circuitBreaker(handleAll, { halfOpenAfter: 3_600_000, breaker: new ConsecutiveBreaker(1) });
const open = new CircuitBreaker(undefined, { failureThreshold: 1, cooldownMs: 3_600_000 });
for (const breaker of [openPeer, open]) await breaker.execute(failing).catch(() => {});

Deno.bench({
  name: "cockatiel, open, 1000 calls",
  group: "open",
  baseline: true,
  fn: async () => await thousand(() => openPeer.execute(call).catch(() => {})),
});
Deno.bench({
  name: "CircuitBreaker, open",
  group: "open",
  fn: async () => await thousand(() => open.execute(call).catch(() => {})),
});
