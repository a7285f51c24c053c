/** What a closed breaker costs a call, against cockatiel's and opossum's in the same run. @module */

import {
  circuitBreaker,
  ConsecutiveBreaker,
  handleAll,
} from "../../supabase/functions/_shared/bulkhead/cockatiel.ts";
import { CircuitBreaker } from "../../supabase/functions/_shared/circuitBreaker.ts";
import { type BreakerName, call, closedBreakers } from "./contests/breakers.ts";

function failing(): Promise<string> {
  return Promise.reject(new Error("down"));
}

const breakers = closedBreakers();

// A single await is too short to be measured alone. What is measured has to be an `async` function: for any other one
// the runner does not wait.
async function thousand(one: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < 1_000; i++) await one();
}

// Warm in every order, so that the first one measured is not the one that pays for the compiler.
for (let i = 0; i < 200; i++) {
  for (const name of ["cockatiel", "sampling", "opossum", "local", "ratio", "shared"] as BreakerName[]) {
    await breakers[name]();
  }
}

Deno.bench({
  name: "cockatiel, 1000 calls",
  group: "failures in a row",
  baseline: true,
  fn: async () => await thousand(breakers.cockatiel),
});
Deno.bench({
  name: "no breaker",
  group: "failures in a row",
  fn: async () => await thousand(breakers.bare),
});
Deno.bench({
  name: "CircuitBreaker, local",
  group: "failures in a row",
  fn: async () => await thousand(breakers.local),
});
Deno.bench({
  name: "CircuitBreaker, shared",
  group: "failures in a row",
  fn: async () => await thousand(breakers.shared),
});

Deno.bench({
  name: "cockatiel, ratio, 1000 calls",
  group: "ratio",
  baseline: true,
  fn: async () => await thousand(breakers.sampling),
});
Deno.bench({
  name: "opossum, ratio",
  group: "ratio",
  fn: async () => await thousand(breakers.opossum),
});
Deno.bench({
  name: "CircuitBreaker, ratio",
  group: "ratio",
  fn: async () => await thousand(breakers.ratio),
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
