import assert from "node:assert/strict";
import {
  captureErrors,
  createHealingEvent,
  getTrace,
  recordRequestHeals,
  startHealingRun,
} from "../../supabase/functions/_shared/healingDb.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { traceRequest } from "../../supabase/functions/_shared/tracing.ts";
import { occurrence, openContract } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { isHealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { hostileTraceparents, traceId, traceparent } from "../helpers/traces.ts";

const ENGINE = "autonomous-healing-engine";

async function fillVault(database: TestDatabase): Promise<void> {
  await database.query(
    "select vault.create_secret('http://127.0.0.1:9/', 'project_url'), vault.create_secret('a-machine-key-of-some-length', 'cron_secret_key')",
  );
}

/** Runs work as PostgREST would for a request with these headers. */
async function withHeaders<T>(
  database: TestDatabase,
  headers: Record<string, string>,
  sql: string,
): Promise<T[]> {
  return await database.asRole("service_role", {}, async (session) => {
    await session.query("select set_config('request.headers', $1, true)", [JSON.stringify(headers)]);
    return await session.query(sql) as T[];
  });
}

/** An occurrence of the trace with this number. */
function traced(number: number, fingerprint = "v1:a") {
  return occurrence({ fingerprint, context: { transient: false, traceparent: traceparent(number) } });
}

Deno.test("capture_errors() stores the trace of the failed request, and the run that it wakes carries it on", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await fillVault(database);
  await captureErrors(contract.rpc, [traced(1)]);
  const [event] = await database.query("select event_type, trace_id, further_trace_ids from healing_events");
  assert.deepEqual(event, { event_type: "occurrence", trace_id: traceId(1), further_trace_ids: null });
  const [run] = await database.query<{ id: string; trace_id: string }>(
    "select id, trace_id from healing_runs",
  );
  assert.equal(run!.trace_id, traceId(1));
  const [request] = await database.query<{ headers: Record<string, string> }>(
    "select headers from net.http_request_queue",
  );
  assert.equal(request!.headers.traceparent, traceparent(1));
  assert.equal(request!.headers.apikey, "a-machine-key-of-some-length");
  const found = await getTrace(contract.rpc, traceId(1));
  assert.deepEqual(found.runs.map(({ id }) => id), [run!.id]);
  assert.deepEqual(found.errors.map(({ fingerprint }) => fingerprint), ["v1:a"]);
});

Deno.test("capture_errors() finds each of many traces that failed alike in one batch", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const batch = Array.from({ length: 100 }, (_, index) => traced(index + 1));
  await captureErrors(contract.rpc, [...batch, occurrence()]);
  const [row] = await database.query(
    "select count(*)::int as events, sum(occurrences)::int as occurrences from healing_events",
  );
  assert.deepEqual(row, { events: 1, occurrences: 101 });
  for (let number = 1; number <= 100; number++) {
    const { events, errors } = await getTrace(contract.rpc, traceId(number));
    assert.deepEqual([events.length, errors.length], [1, 1], `trace ${number}`);
  }
  assert.deepEqual((await getTrace(contract.rpc, traceId(101))).events, []);
});

Deno.test("capture_errors() wakes the engine in the trace of the failure that is new, not of the batch's first", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await fillVault(database);
  await captureErrors(contract.rpc, [occurrence({ fingerprint: "v1:known" })]);
  await database.query("update healing_runs set dispatched_at = now() - interval '1 minute'");
  await captureErrors(contract.rpc, [traced(1, "v1:known"), traced(2, "v1:new")]);
  const runs = await database.query("select trace_id from healing_runs order by dispatched_at");
  assert.deepEqual(runs.map(({ trace_id }) => trace_id), [null, traceId(2)]);
});

Deno.test("get_trace() finds the run that another failure woke and that worked on this one's error", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await fillVault(database);
  await captureErrors(contract.rpc, [traced(1, "v1:first")]);
  const { errors: [second] } = await captureErrors(contract.rpc, [traced(2, "v1:second")]);
  assert.deepEqual((await getTrace(contract.rpc, traceId(2))).runs, [], "the first run covers both");
  await database.query("select set_config('healing.traceparent', $1, false)", [traceparent(1)]);
  const [claim] = await database.query<{ claimed: [{ id: string; claim_number: number }] }>(
    "select claim_errors('w', 1, 60, $1) as claimed",
    [second!.id],
  );
  const { id, claim_number } = claim!.claimed[0];
  await database.query("select release_error($1, $2, 'open', 'no rule knows it')", [id, claim_number]);
  const { runs } = await getTrace(contract.rpc, traceId(2));
  assert.deepEqual(runs.map(({ trace_id }) => trace_id), [traceId(1)]);
});

Deno.test("capture_errors() leaves the trace of its transaction as it was", async () => {
  await using database = await createTestDatabase();
  const kept = await database.asRole("service_role", {}, async (session) => {
    await session.query("select set_config('healing.traceparent', $1, true)", [traceparent(7)]);
    await session.query("select public.capture_errors($1)", [JSON.stringify([traced(1)])]);
    return await session.query("select current_setting('healing.traceparent') as trace");
  });
  assert.equal(kept[0]!.trace, traceparent(7));
});

Deno.test("events and runs join the trace of the API request that writes them", async () => {
  await using database = await createTestDatabase();
  const headers = { "user-agent": "test", traceparent: traceparent(3), apikey: "k" };
  await withHeaders(database, headers, `select public.create_healing_events('[{"message": "a"}]')`);
  await withHeaders(database, headers, "select public.start_healing_run(null, 'f', 'i')");
  const rows = await database.query(
    "select trace_id from healing_events union all select trace_id from healing_runs",
  );
  assert.deepEqual(rows.map(({ trace_id }) => trace_id), [traceId(3), traceId(3)]);
});

Deno.test("start_healing_run() gives a scheduled run its function's trace, and keeps the one that it was woken in", async () => {
  await using database = await createTestDatabase();
  await fillVault(database);
  const [scheduled] = await database.query<{ id: string }>(`select dispatch_function('${ENGINE}') as id`);
  const [woken] = await withHeaders<{ id: string }>(
    database,
    { traceparent: traceparent(1) },
    `select public.dispatch_function('${ENGINE}') as id`,
  );
  for (const run of [scheduled!, woken!]) {
    const start = `select public.start_healing_run('${run.id}', '${ENGINE}', 'i')`;
    await withHeaders(database, { traceparent: traceparent(2) }, start);
  }
  const traces = await Promise.all(
    [scheduled!, woken!].map(async ({ id }) =>
      (await database.query("select trace_id from healing_runs where id = $1", [id]))[0]!.trace_id
    ),
  );
  assert.deepEqual(traces, [traceId(2), traceId(1)]);
  const [request] = await database.query<{ headers: object }>(
    "select headers from net.http_request_queue order by id limit 1",
  );
  assert.equal("traceparent" in request!.headers, false);
});

Deno.test("no hostile header reaches a row or a request, and none makes a write fail", async () => {
  await using database = await createTestDatabase();
  await fillVault(database);
  for (const header of hostileTraceparents()) {
    // A header may hold any text but a NUL.
    const headers = { traceparent: header.replaceAll("\0", "") };
    await withHeaders(database, headers, `select public.create_healing_events('[{"message": "a"}]')`);
    await withHeaders(database, headers, `select public.dispatch_function('${ENGINE}')`);
    await withHeaders(database, { other: `"traceparent":"${header.replaceAll("\0", "")}"` }, "select 1");
  }
  const [row] = await database.query(
    `select (select count(*)::int from healing_events where trace_id is not null) as events,
       (select count(*)::int from healing_runs where trace_id is not null) as runs,
       (select count(*)::int from net.http_request_queue where headers ? 'traceparent') as requests`,
  );
  assert.deepEqual(row, { events: 0, runs: 0, requests: 0 });
});

Deno.test("a traceparent that hides in another header is not one", async () => {
  await using database = await createTestDatabase();
  const hidden = { "x-note": `x","traceparent":"${traceparent(9)}` };
  await withHeaders(database, hidden, `select public.create_healing_events('[{"message": "a"}]')`);
  const [event] = await database.query("select trace_id from healing_events");
  assert.equal(event!.trace_id, null);
});

Deno.test("a captured error whose traceparent is none is stored without a trace", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  for (const header of hostileTraceparents().map((text) => text.replaceAll("\0", ""))) {
    await captureErrors(contract.rpc, [occurrence({ context: { traceparent: header.slice(0, 200) } })]);
  }
  const traces = await database.query("select distinct trace_id, further_trace_ids from healing_events");
  assert.deepEqual(traces, [{ trace_id: null, further_trace_ids: null }]);
});

Deno.test("a direct connection works in the trace of whoever calls it, with and without a transaction", async () => {
  await using database = await createTestDatabase();
  const connection = await openDirectConnection(database.url);
  const request = new Request("http://f/", { headers: { traceparent: traceparent(5) } });
  await traceRequest(request, "f", async () => {
    await createHealingEvent(connection.rpc, { event_type: "a", message: "", result: "success" });
    await connection.transaction((tx) => recordRequestHeals(tx.rpc, [{ message: "b", result: "success" }]));
    return new Response();
  });
  await startHealingRun(connection.rpc, { runId: null, functionName: "f", instanceId: "i", trigger: "t" });
  await connection.close();
  const events = await database.query("select trace_id from healing_events");
  assert.deepEqual(events.map(({ trace_id }) => trace_id), [traceId(5), traceId(5)]);
  assert.equal((await database.query("select trace_id from healing_runs"))[0]!.trace_id, null);
});

Deno.test("get_trace() refuses what is no trace id, and shows admins only what there is", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await captureErrors(contract.rpc, [traced(1)]);
  for (
    const text of [
      "",
      "x",
      traceId(1).toUpperCase().replaceAll("0", "A"),
      `${traceId(1)}'`,
      "0".repeat(100_000),
    ]
  ) {
    await assert.rejects(
      getTrace(contract.rpc, text),
      (error) => isHealingError(error) && error.code === "BAD_REQUEST",
    );
  }
  const seen = async (claims: Record<string, unknown>) =>
    await database.asRole("authenticated", claims, async (session) => {
      const [row] = await session.query<{ trace: { events: unknown[] } }>("select get_trace($1) as trace", [
        traceId(1),
      ]);
      return row!.trace.events.length;
    });
  assert.equal(await seen({ app_metadata: { role: "admin" } }), 1);
  assert.equal(await seen({ app_metadata: {} }), 0);
});

Deno.test("get_trace() finds by an index, on a row of its own and on one that stands for several", async () => {
  await using database = await createTestDatabase();
  await database.query(
    `insert into healing_events (event_type, trace_id, further_trace_ids)
     select 'fill', md5(i::text), case when i % 10 = 0 then array[md5('more' || i)] end from generate_series(1, 20000) as i`,
  );
  await database.query("analyze healing_events");
  for (const condition of ["trace_id = $1", "further_trace_ids @> array[$1]"]) {
    const plan = await database.query<{ "QUERY PLAN": string }>(
      `explain select * from healing_events where ${condition.replace("$1", "repeat('a', 32)")}`,
    );
    const text = plan.map((line) => line["QUERY PLAN"]).join("\n");
    // The empty partitions of the coming days are cheaper to read than their indexes.
    assert.match(text, /(Index Scan using|Bitmap Index Scan on) healing_events_\d+/, text);
  }
});
