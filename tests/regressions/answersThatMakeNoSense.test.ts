import assert from "node:assert/strict";
import { type BreakerStore, CircuitBreaker } from "../../supabase/functions/_shared/circuitBreaker.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import { clientOf } from "../helpers/aiClients.ts";
import { FakeClock } from "../helpers/fakeClock.ts";
import { startOpenAiServer } from "../helpers/openAiServer.ts";
import { view } from "../helpers/scriptedStore.ts";

const NONSENSE: Readonly<Record<string, unknown>> = {
  "nothing": null,
  "a text": "x",
  "an empty object": {},
  "a claim without a view": { granted: true, probeNumber: 1 },
  "a claim with an empty view": { granted: true, probeNumber: 1, view: {} },
  "a state that nobody knows": view({ state: "exploded" as "open" }),
  "a mode that nobody knows": view({ mode: "forced_open" as "auto" }),
  "a wait without end": view({ state: "open", remainingMs: 1e300 }),
  "a version that is no number": { ...view({ state: "open" }), version: NaN },
  "an object that cannot be read": new Proxy({}, {
    get() {
      throw new Error("it cannot be read");
    },
  }),
};

/** What hangs on the answers of a store runs before the test goes on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

for (const [name, answer] of Object.entries(NONSENSE)) {
  Deno.test(`CircuitBreaker goes by its own evidence when its store answers ${name}`, async () => {
    // In a promise's answer a proxy would be asked whether it is a promise.
    const say = () => Promise.resolve([answer]).then(([one]) => one);
    const store = { report: say, claimProbe: say, finishProbe: say } as unknown as BreakerStore;
    const clock = new FakeClock("2026-11-29T12:00:00Z");
    const breaker = new CircuitBreaker("target", { store, clock, failureThreshold: 2, cooldownMs: 1_000 });
    for (let call = 0; call < 3; call++) {
      await breaker.execute(() => Promise.reject(new Error("down"))).catch(() => {});
      await settle();
    }
    assert.equal(breaker.state, "open");
    clock.advance(1_500);
    assert.equal(await breaker.execute(() => "up"), "up");
    await settle();
    clock.advance(10_000);
    assert.equal(await breaker.execute(() => "up again"), "up again");
    assert.equal(breaker.state, "closed");
  });

  Deno.test(`complete() asks the model when the database answers ${name}`, async () => {
    await using server = startOpenAiServer();
    const db = { call: () => Promise.resolve([answer]).then(([one]) => one) } as RpcPort;
    const ai = clientOf([server], { db, logger: silentLogger });
    const reply = await ai.complete({
      purpose: "greeting",
      messages: [{ role: "user", content: "Say hello." }],
      cache: { isImpersonal: true, ttlSeconds: 60 },
    });
    assert.equal(reply.kind, "answered");
    assert.deepEqual([reply.isCached, reply.budget], [false, "isolate"]);
    assert.ok(reply.kind === "answered" && reply.text.length > 0);
  });
}
