import assert from "node:assert/strict";
import { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { createLogger, silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import {
  type MetricReport,
  PerformanceMonitor,
  type PerformanceMonitorOptions,
} from "../../supabase/functions/_shared/performanceMonitor.ts";
import { FakeClock } from "../helpers/fakeClock.ts";
import { waitFor } from "../helpers/waiting.ts";

interface Sent {
  batchId: string;
  metrics: readonly MetricReport[];
}

/** A monitor on a clock that stands still, with a database that a test can take away. */
function measured(options: PerformanceMonitorOptions = {}) {
  const clock = new FakeClock("2026-01-01T00:00:00Z");
  const sent: Sent[] = [];
  const state = { trouble: undefined as unknown, isHanging: false };
  const sink = () =>
    Promise.resolve({
      record(batch: Sent) {
        sent.push(batch);
        if (state.isHanging) return new Promise(() => {});
        return state.trouble === undefined ? Promise.resolve() : Promise.reject(state.trouble);
      },
    });
  const monitor = new PerformanceMonitor({ sink, clock, logger: silentLogger, ...options });
  return { monitor, clock, sent, state };
}

const AWAY = new HealingError("UNAVAILABLE", "away");

function only(sent: readonly Sent[], name: string): MetricReport[] {
  return sent.flatMap(({ metrics }) => metrics).filter((metric) => metric.name === name);
}

Deno.test("PerformanceMonitor.measure() notes time and outcome, and hands on what the work returns and throws", async () => {
  const { monitor, clock, sent } = measured();
  const value = await monitor.measure("load", () => {
    clock.advance(40);
    return 7;
  }, { tier: "free" });
  await assert.rejects(monitor.measure("load", () => Promise.reject(new TypeError("x"))), TypeError);
  await monitor.flush();
  assert.equal(value, 7);
  const series = only(sent, "load").map(({ kind, tags, count, sum }) => ({ kind, tags, count, sum }));
  assert.deepEqual(series, [
    { kind: "duration", tags: { outcome: "ok", tier: "free" }, count: 1, sum: 40 },
    { kind: "duration", tags: { outcome: "error" }, count: 1, sum: 0 },
  ]);
});

Deno.test("PerformanceMonitor counts, times and notes amounts, one series for each set of tags whatever its order", async () => {
  const { monitor, clock, sent } = measured();
  monitor.increment("mails");
  monitor.increment("mails", 4);
  monitor.record("rows", 9, { a: "1", b: "2" });
  monitor.record("rows", 3, { b: "2", a: "1" });
  const stop = monitor.startTimer("wait");
  clock.advance(25);
  assert.deepEqual([stop(), stop()], [25, 25], "a timer stops once");
  await monitor.flush();
  const figures = (name: string) =>
    only(sent, name).map(({ kind, count, sum, min, max }) => [kind, count, sum, min, max]);
  assert.deepEqual(figures("mails"), [["counter", 2, 5, 1, 4]]);
  assert.deepEqual(figures("rows"), [["value", 2, 12, 3, 9]]);
  assert.deepEqual(figures("wait"), [["duration", 1, 25, 25, 25]]);
});

Deno.test("PerformanceMonitor sends after ten seconds, or at once after enough samples", async () => {
  const { monitor, clock, sent } = measured({ flushSamples: 5 });
  monitor.increment("a");
  clock.advance(9_999);
  assert.equal(sent.length, 0);
  clock.advance(1);
  await waitFor("the first batch", () => sent.length === 1);
  await waitFor("its answer", () => monitor.counts.recorded === 1);
  for (let i = 0; i < 5; i++) monitor.increment("a");
  await waitFor("the second batch", () => monitor.counts.recorded === 6);
  await monitor.flush();
  assert.equal(sent.length, 2, "nothing new is no batch");
});

Deno.test("PerformanceMonitor keeps a batch's id until it is in, and ages what waits", async () => {
  const { monitor, clock, sent, state } = measured();
  state.trouble = AWAY;
  monitor.increment("a");
  await monitor.flush();
  clock.advance(10_000);
  monitor.increment("a");
  await monitor.flush();
  state.trouble = undefined;
  clock.advance(10_000);
  await monitor.flush();
  assert.deepEqual(monitor.counts, { recorded: 2, dropped: 0, waiting: 0, invalid: 0 });
  const ids = sent.map(({ batchId }) => batchId);
  assert.equal(new Set(ids).size, 2);
  assert.deepEqual(sent.filter(({ batchId }) => batchId === ids[0]).map(({ metrics }) => metrics[0]!.ageMs), [
    0,
    10_000,
    20_000,
  ]);
});

Deno.test("PerformanceMonitor tries again by itself while the database is away", async () => {
  const { monitor, clock, state } = measured();
  state.trouble = AWAY;
  monitor.increment("a");
  clock.advance(10_000);
  await waitFor("the first try to fail", () => monitor.counts.waiting === 1);
  state.trouble = undefined;
  await waitFor("the batch to be in", () => {
    clock.advance(5_000);
    return monitor.counts.recorded === 1;
  });
});

Deno.test("PerformanceMonitor drops the oldest batches when the database stays away, and the drop becomes a metric", async () => {
  const { monitor, clock, sent, state } = measured({ maxBatches: 3 });
  state.trouble = AWAY;
  for (let i = 0; i < 10; i++) {
    monitor.increment("a");
    await monitor.flush();
  }
  assert.ok(monitor.counts.dropped >= 7, JSON.stringify(monitor.counts));
  clock.advance(700_000);
  state.trouble = undefined;
  sent.length = 0;
  await monitor.flush();
  await monitor.flush();
  assert.equal(only(sent, "a").length, 0, "too old to be sent: the database has forgotten their ids");
  const noted = only(sent, "performance_monitor.dropped").reduce((sum, metric) => sum + metric.sum, 0);
  assert.equal(noted, monitor.counts.dropped);
  assert.equal(noted, 10);
});

Deno.test("PerformanceMonitor does not send again what the database refuses", async () => {
  const { monitor, sent, state } = measured();
  state.trouble = new HealingError("BAD_REQUEST", "not like this");
  monitor.increment("a");
  await monitor.flush();
  state.trouble = undefined;
  await monitor.flush();
  await monitor.flush();
  assert.equal(only(sent, "a").length, 1);
  assert.equal(monitor.counts.dropped, 1);
});

Deno.test("PerformanceMonitor is not held up by a database that hangs", async () => {
  const { monitor, clock, sent, state } = measured({ timeoutMs: 1_000 });
  state.isHanging = true;
  monitor.increment("a");
  const flushed = monitor.flush();
  await waitFor("the batch to be on its way", () => sent.length === 1);
  clock.advance(1_000);
  await flushed;
  state.isHanging = false;
  await monitor.flush();
  assert.deepEqual(monitor.counts, { recorded: 1, dropped: 0, waiting: 0, invalid: 0 });
  assert.equal(sent[0]!.batchId, sent[1]!.batchId);
});

Deno.test("PerformanceMonitor bounds names and tags, and loses no sample over it", async () => {
  const { monitor, sent } = measured({ maxSeries: 50, maxSeriesPerName: 10 });
  for (let i = 0; i < 2_000; i++) {
    monitor.increment("calls", 1, { user: `u${i}` });
    monitor.increment(`made up ${i}`);
    monitor.increment("x".repeat(10_000), 1, { ["k".repeat(10_000)]: "v".repeat(10_000) });
    monitor.increment(
      "many",
      1,
      Object.fromEntries(Array.from({ length: 100 }, (_, tag) => [`t${tag}`, "v"])),
    );
  }
  await monitor.flush();
  const series = sent.flatMap(({ metrics }) => metrics);
  assert.ok(series.length <= 60, `${series.length} series`);
  assert.equal(series.reduce((sum, { count }) => sum + count, 0), 8_000);
  const overflowing = only(sent, "calls").find(({ tags }) => tags.overflow === "true");
  assert.equal(overflowing!.count, 1_990);
  assert.ok(JSON.stringify(series.map(({ name, tags }) => [name, tags])).length < 30_000);
});

Deno.test("PerformanceMonitor leaves out what is no amount, and never throws into what it measures", async () => {
  const { monitor, sent } = measured();
  for (const value of [NaN, Infinity, -Infinity, -1, "7" as unknown as number]) monitor.record("a", value);
  const hostile = {
    get tag(): string {
      throw new Error("hostile");
    },
  };
  monitor.increment("b", 1, hostile);
  monitor.increment(Symbol("c") as unknown as string);
  monitor.increment("", 1, null as unknown as Record<string, string>);
  await monitor.flush();
  assert.equal(monitor.counts.invalid, 7);
  assert.deepEqual([only(sent, "a"), only(sent, "b")], [[], []]);
});

Deno.test("PerformanceMonitor without a sink keeps its percentiles and starts no timer", async () => {
  const monitor = new PerformanceMonitor();
  for (let i = 1; i <= 100; i++) monitor.record("size", i);
  await monitor.flush();
  const median = monitor.getPercentile("size", 0.5)!;
  assert.ok(Math.abs(median - 50) <= 1, `${median}`);
  assert.equal(monitor.getPercentile("unknown", 0.5), undefined);
  for (const quantile of [-0.1, 1.1, NaN]) {
    assert.throws(() => monitor.getPercentile("size", quantile), RangeError);
  }
});

Deno.test("PerformanceMonitor.getPercentile() sees what was sent and what was not, of the tags that are asked for", async () => {
  const { monitor } = measured();
  for (let i = 0; i < 50; i++) monitor.record("size", 10, { tier: "free" });
  await monitor.flush();
  for (let i = 0; i < 50; i++) monitor.record("size", 1_000, { tier: "paid" });
  const near = (value: number | undefined, wanted: number) => Math.abs(value! / wanted - 1) <= 0.02;
  assert.ok(near(monitor.getPercentile("size", 0.5), 10));
  assert.ok(near(monitor.getPercentile("size", 0.51), 1_000));
  assert.ok(near(monitor.getPercentile("size", 0.9, { tier: "free" }), 10));
});

Deno.test("PerformanceMonitor.request() counts functions by outcome, and names made at run time together", async () => {
  const { monitor, sent } = measured();
  for (let i = 0; i < 200; i++) monitor.request(`f${i}`, i % 2 === 0 ? "ok" : "error", 5);
  monitor.request("f0", "refused", -3);
  await monitor.flush();
  const requests = only(sent, "requests");
  assert.equal(requests.reduce((sum, { count }) => sum + count, 0), 201);
  const failed = requests.filter(({ tags }) => tags.outcome === "error");
  assert.equal(
    failed.reduce((sum, { count }) => sum + count, 0),
    100,
    "an outcome is never lost in the overflow",
  );
  assert.ok(requests.length <= 103, `${requests.length} series`);
  assert.equal(requests.find(({ tags }) => tags.outcome === "refused")!.min, 0);
});

Deno.test("PerformanceMonitor measures no negative time when the clock jumps back", async () => {
  const { monitor, clock, sent } = measured();
  await monitor.measure("a", () => clock.advance(-5_000));
  const stop = monitor.startTimer("a");
  clock.advance(-5_000);
  assert.equal(stop(), 0);
  await monitor.flush();
  assert.deepEqual(only(sent, "a").map(({ min }) => min), [0, 0]);
  assert.equal(monitor.counts.invalid, 0);
});

Deno.test("PerformanceMonitor goes on when its logger throws", async () => {
  const logger = createLogger("x", () => {
    throw new Error("the logger is broken");
  });
  const { monitor, state } = measured({ logger });
  state.trouble = AWAY;
  monitor.increment("a");
  await monitor.flush();
  state.trouble = undefined;
  await monitor.flush();
  assert.equal(monitor.counts.recorded, 1);
});

Deno.test("PerformanceMonitor refuses options that make no sense", () => {
  for (
    const options of [{ flushMs: 0 }, { flushSamples: NaN }, { maxSeries: 0 }, { maxBatches: 1 }, {
      timeoutMs: -1,
    }]
  ) {
    assert.throws(() => new PerformanceMonitor(options), RangeError, JSON.stringify(options));
  }
});
