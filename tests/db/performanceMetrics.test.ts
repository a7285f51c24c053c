import assert from "node:assert/strict";
import { HealingError, isHealingError } from "../../supabase/functions/_shared/core/errors.ts";
import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import {
  getErrorRate,
  getPerformanceSummary,
  metricSink,
  recordPerformanceMetrics,
} from "../../supabase/functions/_shared/healingDb.ts";
import {
  type MetricReport,
  PerformanceMonitor,
  RELATIVE_ERROR,
} from "../../supabase/functions/_shared/performanceMonitor.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { batchOf, exactQuantile, metricOf } from "../helpers/metrics.ts";

function refuses(work: Promise<unknown>): Promise<void> {
  return assert.rejects(work, isHealingError);
}

async function rowCount(database: TestDatabase): Promise<number> {
  return (await database.query<{ n: number }>("select count(*)::int as n from performance_metrics"))[0]!.n;
}

function request(outcome: string, count: number, changes: Partial<MetricReport> = {}): MetricReport {
  const samples = Array.from({ length: count }, () => 5);
  return metricOf(samples, { name: "requests", tags: { function: "chat", outcome }, ...changes });
}

Deno.test("record_performance_metrics() of 64 writers at once loses nothing and counts nothing twice", async () => {
  await using database = await createTestDatabase();
  const writers = await Promise.all(Array.from({ length: 64 }, () => openContract(database)));
  // Each writes the same series in an order of its own, and sends every batch twice.
  await Promise.all(writers.map(async ({ rpc }, writer) => {
    for (let round = 0; round < 5; round++) {
      const names = ["a", "b", "c", "d"].map((_, index, all) => all[(index + writer) % all.length]!);
      const batch = batchOf(...names.map((name) => metricOf([writer, round, 1_000], { name })));
      const answers = await Promise.all([1, 2].map(() => recordPerformanceMetrics(rpc, batch)));
      assert.deepEqual(answers.map(({ recorded }) => recorded).sort(), [false, true]);
    }
  }));
  await Promise.all(writers.map((writer) => writer[Symbol.asyncDispose]()));
  const rows = await database.query(
    `select name, sum(sample_count)::int as n, sum(sample_sum)::int as total, min(sample_min)::int as low, max(sample_max)::int as high,
       (select sum(value::int)::int from performance_metrics as m, jsonb_each_text(m.histogram) where m.name = p.name) as in_cells
     from performance_metrics as p group by name order by name`,
  );
  const total = 5 * (63 * 64) / 2 + 64 * (0 + 1 + 2 + 3 + 4) + 64 * 5 * 1_000;
  assert.deepEqual(
    rows,
    ["a", "b", "c", "d"].map((name) => ({ name, n: 960, total, low: 0, high: 1_000, in_cells: 960 })),
  );
});

Deno.test("record_performance_metrics() counts by the minute in which the sender measured", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const ages = [0, 90_000, 3_000_000, 1e12, -5];
  await recordPerformanceMetrics(contract.rpc, batchOf(...ages.map((ageMs) => metricOf([1], { ageMs }))));
  const rows = await database.query<{ minutes: number; n: number }>(
    `select round(extract(epoch from date_trunc('minute', now()) - bucket_start) / 60)::int as minutes, sample_count::int as n
     from performance_metrics order by 1`,
  );
  assert.equal(rows.reduce((sum, { n }) => sum + n, 0), 5);
  assert.ok(rows.every(({ minutes }) => minutes >= -1 && minutes <= 61), JSON.stringify(rows));
  assert.ok(rows.length >= 4);
});

Deno.test("record_performance_metrics() takes a batch as a whole or not at all", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const send = (metric: MetricReport) =>
    recordPerformanceMetrics(contract.rpc, batchOf(metricOf([1]), metric));
  await refuses(send(metricOf([1], { count: 2 })));
  await refuses(send(metricOf([1], { kind: "other" as "value" })));
  await refuses(send(metricOf([1], { name: "" })));
  await refuses(send(metricOf([1], { name: "other", min: 2, max: 1 })));
  await refuses(send(metricOf([1], { count: 0, cells: new Map() })));
  await refuses(send(metricOf([1], { cells: new Map([[1, -1], [2, 2]]) })));
  await refuses(contract.rpc.call("record_performance_metrics", { p_batch: { batch_id: "x", metrics: [] } }));
  await refuses(contract.rpc.call("record_performance_metrics", { p_batch: [] }));
  const tooMany = batchOf(
    ...Array.from({ length: 1_001 }, (_, index) => metricOf([1], { name: `m${index}` })),
  );
  await refuses(recordPerformanceMetrics(contract.rpc, tooMany));
  assert.equal(await rowCount(database), 0);
  const [batches] = await database.query(
    "select count(*)::int as n from healing_private.performance_batches",
  );
  assert.equal(batches!.n, 0, "a refused batch may come again");
});

Deno.test("recordPerformanceMetrics() stores no secret and nothing that Postgres refuses, however long it is", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const key = "sb_secret_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6";
  const tags = { key, text: "\0\ud800'; drop table x; --", long: "é".repeat(200), "": "empty" };
  await recordPerformanceMetrics(contract.rpc, batchOf(metricOf([1], { name: `call ${key}`, tags })));
  const [row] = await database.query("select name, tags::text as tags from performance_metrics");
  assert.doesNotMatch(`${row!.name} ${row!.tags}`, /A1b2C3d4/);
});

Deno.test("get_performance_summary() adds up minutes and isolates, with percentiles at most 2 % wrong", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  // A wide, skewed spread without chance: every third sample is far away.
  const samples = Array.from(
    { length: 3_000 },
    (_, index) => (index * 7_919 % 1_000) ** 2 / (index % 3 + 1) + 0.5,
  );
  for (let part = 0; part < 30; part++) {
    const metric = metricOf(samples.slice(part * 100, part * 100 + 100), { ageMs: part * 60_000 });
    await recordPerformanceMetrics(contract.rpc, batchOf(metric));
  }
  const { series: [series], has_more } = await getPerformanceSummary(contract.rpc);
  assert.equal(has_more, false);
  assert.equal(series!.count, 3_000);
  assert.ok(Math.abs(series!.sum / samples.reduce((sum, one) => sum + one, 0) - 1) < 1e-9);
  assert.deepEqual([series!.min, series!.max], [Math.min(...samples), Math.max(...samples)]);
  for (const [name, quantile] of [["p50", 0.5], ["p95", 0.95], ["p99", 0.99]] as const) {
    const exact = exactQuantile(samples, quantile);
    const error = Math.abs(series![name]! - exact) / exact;
    assert.ok(error <= RELATIVE_ERROR + 1e-9, `${name}: ${series![name]} instead of ${exact}`);
  }
});

Deno.test("get_performance_summary() filters by time, name and tags, adds up by name, and pages", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await recordPerformanceMetrics(
    contract.rpc,
    batchOf(
      metricOf([1, 2], { tags: { tier: "free" } }),
      metricOf([3], { tags: { tier: "paid" } }),
      metricOf([4], { name: "mails", kind: "counter", unit: "1" }),
      metricOf([5], { name: "old", ageMs: 3_600_000 }),
    ),
  );
  const names = async (filter: Parameters<typeof getPerformanceSummary>[1]) =>
    (await getPerformanceSummary(contract.rpc, filter)).series.map(({ name, count }) => `${name} ${count}`);
  assert.deepEqual(await names({ name: "load" }), ["load 2", "load 1"]);
  assert.deepEqual(await names({ tags: { tier: "paid" } }), ["load 1"]);
  assert.deepEqual(await names({ name: "load", by: "name" }), ["load 3"]);
  assert.deepEqual(await names({ since: new Date(Date.now() - 7_200_000).toISOString(), name: "old" }), [
    "old 1",
  ]);
  assert.deepEqual(await names({ until: "2020-01-01T00:00:00Z" }), []);
  const page = await getPerformanceSummary(contract.rpc, { limit: 1, since: "2020-01-01T00:00:00Z" });
  assert.deepEqual([page.series.length, page.has_more], [1, true]);
  const { series: [counter] } = await getPerformanceSummary(contract.rpc, { name: "mails" });
  assert.deepEqual([counter!.sum, counter!.p50], [4, null]);
});

Deno.test("get_error_rate() counts the requests of its time, and knows nothing without any", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  assert.deepEqual(await getErrorRate(contract.rpc), { error_rate: null, total_requests: 0, error_count: 0 });
  await recordPerformanceMetrics(
    contract.rpc,
    batchOf(
      request("ok", 6),
      request("refused", 1),
      request("error", 1),
      request("error", 100, { ageMs: 3_000_000 }),
      metricOf([1], { name: "load", tags: { outcome: "error" } }),
    ),
  );
  assert.deepEqual(await getErrorRate(contract.rpc, "5 minutes"), {
    error_rate: 12.5,
    total_requests: 8,
    error_count: 1,
  });
  assert.equal((await getErrorRate(contract.rpc, "2 hours")).error_count, 101);
});

Deno.test("admins and the functions read what was measured, others see nothing, and only the functions write", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await recordPerformanceMetrics(contract.rpc, batchOf(request("error", 1)));
  const seen = (claims: Record<string, unknown>) =>
    database.asRole("authenticated", claims, async (session) => {
      const [row] = await session.query<{ series: number; requests: string; rows: number }>(
        `select jsonb_array_length(get_performance_summary() -> 'series') as series,
           get_error_rate() ->> 'total_requests' as requests, (select count(*)::int from performance_metrics) as rows`,
      );
      return row;
    });
  assert.deepEqual(await seen({ app_metadata: { role: "admin" } }), { series: 1, requests: "1", rows: 1 });
  assert.deepEqual(await seen({ user_metadata: { role: "admin" } }), { series: 0, requests: "0", rows: 0 });
  for (const call of ["get_performance_summary()", "get_error_rate()", "maintain_performance_metrics()"]) {
    await assert.rejects(database.asRole("anon", {}, (session) => session.query(`select ${call}`)), {
      code: "42501",
    });
  }
  for (const role of ["anon", "authenticated"] as const) {
    const write = database.asRole(
      role,
      { app_metadata: { role: "admin" } },
      (session) => session.query("select record_performance_metrics('{}')"),
    );
    await assert.rejects(write, { code: "42501" });
  }
});

Deno.test("maintain_performance_metrics() makes the coming days' partitions, drops old ones, and keeps what is young", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await recordPerformanceMetrics(contract.rpc, batchOf(metricOf([1])));
  await database.query("select healing_private.ensure_day_partition('performance_metrics', '2020-01-01')");
  await database.query(
    `insert into performance_metrics (bucket_start, name, kind, sample_count, sample_sum, sample_min, sample_max)
     select at::timestamptz, 'old', 'value', 1, 1, 1, 1 from unnest(array['2020-01-01 12:00+00', '2019-01-01 00:00+00']) as at`,
  );
  await database.query(
    "update healing_private.performance_batches set recorded_at = now() - interval '1 hour'",
  );
  const counts = await contract.rpc.call("maintain_performance_metrics", {});
  assert.deepEqual(counts, {
    days_ready: 4,
    partitions: 1,
    "healing_private.performance_metrics_default": 1,
    "healing_private.performance_batches": 1,
  });
  const names = await database.query("select name from performance_metrics");
  assert.deepEqual(names.map(({ name }) => name), ["load"]);
  const [today] = await database.query("select tableoid::regclass::text as at from performance_metrics");
  assert.match(String(today!.at), /^healing_private\.performance_metrics_\d{8}$/);
  const [job] = await database.query("select command from cron.job where jobname = 'healing_metrics'");
  await database.query(String(job!.command));
});

Deno.test("maintain_performance_metrics() waits for nobody: a busy table keeps its old partition until the next night", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await database.query("select healing_private.ensure_day_partition('performance_metrics', '2020-01-01')");
  const reader = await database.connect();
  await reader.query("begin");
  await reader.query("select count(*) from performance_metrics");
  assert.equal(
    (await contract.rpc.call<{ partitions: number }>("maintain_performance_metrics", {})).partitions,
    0,
  );
  await reader.query("commit");
  assert.equal(
    (await contract.rpc.call<{ partitions: number }>("maintain_performance_metrics", {})).partitions,
    1,
  );
});

Deno.test("PerformanceMonitor counts a batch once whose answer was lost, and what was measured while the database was away", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  let trouble: "none" | "answer" | "away" = "away";
  const unreliable: RpcPort = {
    async call<Result>(name: string, args: Record<string, unknown>): Promise<Result> {
      if (trouble === "away") throw new HealingError("UNAVAILABLE", "away");
      const result = await contract.rpc.call<Result>(name, args);
      if (trouble === "answer") throw new HealingError("UNAVAILABLE", "the answer was lost");
      return result;
    },
  };
  const monitor = new PerformanceMonitor({
    sink: () => Promise.resolve(metricSink(unreliable)),
    logger: silentLogger,
    flushMs: 3_600_000,
  });
  for (const next of ["away", "answer", "none"] as const) {
    trouble = next;
    for (let i = 0; i < 10; i++) monitor.record("rows", i);
    await monitor.flush();
  }
  assert.deepEqual(monitor.counts, { recorded: 30, dropped: 0, waiting: 0, invalid: 0 });
  const { series: [series] } = await getPerformanceSummary(contract.rpc);
  assert.deepEqual([series!.count, series!.sum], [30, 135]);
});
