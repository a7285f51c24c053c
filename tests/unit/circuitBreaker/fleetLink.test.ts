import assert from "node:assert/strict";
import {
  type BreakerView,
  CircuitBreaker,
  isCircuitOpenError,
} from "../../../supabase/functions/_shared/circuitBreaker.ts";
import { fail, up } from "../../helpers/breakerCalls.ts";
import { createScripted, openFleet, ScriptedStore, view } from "../../helpers/scriptedStore.ts";

const granted = { granted: true, probeNumber: 3, view: view({ version: 6, state: "halfOpen" }) };

Deno.test("CircuitBreaker.execute() never waits for a report, and has one on its way at a time", async () => {
  const { breaker, clock, store } = createScripted();
  assert.equal(await breaker.execute(up), "up");
  clock.advance(900);
  for (let i = 0; i < 10; i++) assert.equal(await breaker.execute(up), "up");
  assert.equal(store.reports.length, 1);
});

Deno.test("CircuitBreaker refreshes at most once in three fifths of refreshMs while nothing fails", async () => {
  const { breaker, clock, store } = createScripted({ refreshMs: 5_000 });
  for (let ms = 0; ms < 60_000; ms += 100) {
    await breaker.execute(up);
    if (store.questions.length > 0) await (await store.next("report")).answer(view());
    clock.advance(100);
  }
  assert.ok(store.reports.length >= 15 && store.reports.length <= 20, `${store.reports.length} reports`);
  assert.ok(store.reports.every(({ failures, isOpen }) => failures === 0 && !isOpen));
});

Deno.test("CircuitBreaker reports a failure at once and further ones once a second, none of them lost", async () => {
  const { breaker, clock, store } = createScripted({ failureThreshold: 1_000 });
  await breaker.execute(up);
  await (await store.next("report")).answer(view());
  clock.advance(1_000);
  for (let ms = 0; ms < 5_000; ms += 100) {
    await fail(breaker, 1);
    if (store.questions.length > 0) await (await store.next("report")).answer(view());
    clock.advance(100);
  }
  clock.advance(1_000);
  await breaker.execute(up);
  assert.equal(store.reports.length, 7);
  assert.equal(store.reports.reduce((sum, { failures }) => sum + failures, 0), 50);
  assert.equal(store.reports[1]!.errorCode, "Error");
});

Deno.test("CircuitBreaker votes again when its first report has told it the version", async () => {
  const { breaker, store } = createScripted();
  const failing = fail(breaker, 2);
  await failing;
  await (await store.next("report")).answer(view({ version: 7 }));
  await (await store.next("report")).answer(view({ version: 7 }));
  assert.deepEqual(store.reports.map(({ version, isOpen }) => [version, isOpen]), [
    [undefined, false],
    [7, true],
  ]);
  assert.equal(breaker.state, "open");
});

Deno.test("CircuitBreaker keeps count of failures whose report was lost", async () => {
  const { breaker, clock, store } = createScripted({ failureThreshold: 10 });
  await fail(breaker, 3);
  await (await store.next("report")).fail();
  clock.advance(1_000);
  await fail(breaker, 1);
  await (await store.next("report")).fail();
  clock.advance(1_000);
  await breaker.execute(up);
  assert.equal(store.reports.at(-1)!.failures, 4);
});

Deno.test("CircuitBreaker takes its vote back when its own probe has succeeded", async () => {
  const { breaker, clock, store } = createScripted({ refreshMs: 1e6, cooldownMs: 900 });
  await fail(breaker, 2);
  await (await store.next("report")).answer(view());
  await (await store.next("report")).answer(view());
  clock.advance(900);
  const probe = breaker.execute(up);
  await (await store.next("claim")).answer({ granted: false, probeNumber: 0, view: view() });
  assert.equal(await probe, "up");
  await (await store.next("report")).answer(view());
  assert.deepEqual(store.reports.map(({ isOpen }) => isOpen), [false, true, false]);
});

Deno.test("CircuitBreaker that goes on from a snapshot of the fleet's opening believes the fleet", async () => {
  const { breaker, store } = createScripted({
    initialState: (await openFleet()).breaker.toJSON(),
  });
  assert.equal(breaker.state, "open");
  const call = breaker.execute(up);
  await (await store.next("report")).answer(view({ version: 9 }));
  await (await store.next("claim")).answer({ granted: false, probeNumber: 0, view: view({ version: 9 }) });
  assert.equal(await call, "up");
  assert.equal(breaker.state, "closed");
});

Deno.test("CircuitBreaker keeps its own opinion while the fleet is closed, until the fleet has moved on", async () => {
  const { breaker, clock, store } = createScripted();
  await fail(breaker, 2);
  await (await store.next("report")).answer(view());
  await (await store.next("report")).answer(view());
  assert.equal(breaker.state, "open");
  clock.advance(1_000);
  await breaker.execute(up).catch(() => {});
  await (await store.next("report")).answer(view({ version: 3 }));
  assert.equal(breaker.state, "closed");
});

Deno.test("CircuitBreaker ignores a view that is older than what it has seen, unless it is about a new row", async () => {
  const { breaker, clock, store } = await openFleet();
  const refresh = async (answer: BreakerView) => {
    clock.advance(5_000);
    const call = breaker.execute(up).catch(() => {});
    await (await store.next("report")).answer(answer);
    await (await store.next("claim")).answer({ granted: false, probeNumber: 0, view: answer });
    await call;
  };
  await refresh(view({ version: 4, state: "closed" }));
  assert.equal(breaker.state, "open");
  await refresh(view({ id: "2", version: 1, state: "closed" }));
  assert.equal(breaker.state, "closed");
});

Deno.test("CircuitBreaker asks once whether it may be the probe, and refuses the others meanwhile", async () => {
  const { breaker, store } = await openFleet();
  const probe = breaker.execute(up);
  const other = breaker.execute(up).catch((error) => error);
  assert.ok(isCircuitOpenError(await other));
  await (await store.next("claim")).answer(granted);
  assert.equal(await probe, "up");
  assert.equal(breaker.state, "closed");
  const finish = await store.next("finish");
  assert.deepEqual(finish.asked, { name: "target", probeNumber: 3, outcome: "succeeded" });
  assert.equal(store.questions.filter(({ kind }) => kind === "claim").length, 0);
});

Deno.test("CircuitBreaker whose claim is refused stays open, or goes on where the fleet has closed", async () => {
  const open = await openFleet();
  const refused = open.breaker.execute(up).catch((error) => error);
  const busy = view({ version: 6, state: "halfOpen", remainingMs: 30_000 });
  await (await open.store.next("claim")).answer({ granted: false, probeNumber: 3, view: busy });
  assert.equal((await refused).retryAfterMs, 30_000);
  const closed = await openFleet();
  const answered = closed.breaker.execute(up);
  const after = { granted: false, probeNumber: 3, view: view({ version: 7 }) };
  await (await closed.store.next("claim")).answer(after);
  assert.equal(await answered, "up");
});

Deno.test("CircuitBreaker is not opened again by a report from before the end of its own probe", async () => {
  const { breaker, clock, store } = await openFleet();
  clock.advance(5_000);
  const target = Promise.withResolvers<string>();
  const probe = breaker.execute(() => target.promise);
  const report = await store.next("report");
  await (await store.next("claim")).answer(granted);
  assert.equal(breaker.state, "halfOpen");
  // The report was answered while the probe was running, and comes while its end is on the way.
  target.resolve("up");
  await probe;
  await report.answer(view({ version: 6, state: "halfOpen", remainingMs: 30_000 }));
  assert.equal(breaker.state, "closed");
  await (await store.next("finish")).answer(view({ version: 7 }));
  assert.equal(breaker.state, "closed");
});

Deno.test("CircuitBreaker keeps its probe when a report tells it of that very probe", async () => {
  const { breaker, clock, store } = await openFleet();
  clock.advance(5_000);
  const target = Promise.withResolvers<string>();
  const probe = breaker.execute(() => target.promise);
  const report = await store.next("report");
  await (await store.next("claim")).answer(granted);
  await report.answer(view({ version: 6, state: "halfOpen", remainingMs: 30_000 }));
  assert.equal(breaker.state, "halfOpen");
  target.resolve("up");
  await probe;
  assert.equal(breaker.state, "closed");
});

Deno.test("CircuitBreaker drops the result of a probe when the fleet was reset meanwhile", async () => {
  const { breaker, clock, store } = await openFleet();
  clock.advance(5_000);
  const target = Promise.withResolvers<string>();
  const probe = breaker.execute(() => target.promise);
  const report = await store.next("report");
  await (await store.next("claim")).answer(granted);
  await report.answer(view({ version: 7 }));
  assert.equal(breaker.state, "closed");
  target.reject(new Error("still down"));
  await assert.rejects(probe, /still down/);
  assert.equal(breaker.state, "closed");
  // The store decides by the probe's number, so the late result goes there all the same.
  assert.deepEqual((await store.next("finish")).asked, { name: "target", probeNumber: 3, outcome: "failed" });
});

Deno.test("CircuitBreaker gives up a probe that was granted when a person has decided meanwhile", async () => {
  const { breaker, store } = await openFleet();
  const call = breaker.execute(up).catch((error) => error);
  const claim = await store.next("claim");
  breaker.setMode("forcedOpen");
  await claim.answer(granted);
  assert.ok(isCircuitOpenError(await call));
  assert.deepEqual((await store.next("finish")).asked, {
    name: "target",
    probeNumber: 3,
    outcome: "abandoned",
  });
});

Deno.test("CircuitBreaker probes alone when the store fails, and says once that it is lost and back", async () => {
  const { breaker, clock, store, events, kinds } = await openFleet();
  const probe = breaker.execute(up);
  await (await store.next("claim")).fail();
  assert.equal(await probe, "up");
  for (let i = 0; i < 3; i++) {
    clock.advance(5_000);
    await breaker.execute(up);
    await (await store.next("report")).fail();
  }
  clock.advance(5_000);
  await breaker.execute(up);
  await (await store.next("report")).answer(view({ version: 7 }));
  assert.deepEqual(kinds().filter((kind) => kind.startsWith("store")), ["storeLost", "storeBack"]);
  assert.deepEqual(events.filter(({ kind }) => kind === "halfOpened"), [
    { kind: "halfOpened", scope: "isolate", name: "target" },
  ]);
});

Deno.test("CircuitBreaker treats a store that hangs as lost", async () => {
  const { breaker, clock, store, kinds } = await openFleet({ storeTimeoutMs: 500 });
  const probe = breaker.execute(up);
  await store.next("claim");
  clock.advance(500);
  assert.equal(await probe, "up");
  assert.ok(kinds().includes("storeLost"));
});

Deno.test("CircuitBreaker alerts for itself when the store is lost, once, also when it comes back", async () => {
  const alerts: string[] = [];
  const { breaker, store } = createScripted({ alert: ({ scope }) => void alerts.push(scope) });
  await fail(breaker, 2);
  await (await store.next("report")).fail();
  await (await store.next("report")).fail();
  assert.deepEqual(alerts, ["isolate"]);
});

Deno.test("CircuitBreaker without a name asks no store", async () => {
  const store = new ScriptedStore();
  const breaker = new CircuitBreaker(undefined, { store, failureThreshold: 1 });
  await fail(breaker, 1);
  assert.equal(store.reports.length, 0);
  assert.equal(breaker.state, "open");
});
