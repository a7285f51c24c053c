import assert from "node:assert/strict";
import { FUNCTIONS_DIRECTORY } from "../../scripts/stack/stack.ts";
import { Client } from "../../supabase/functions/_shared/postgres.ts";
import { startCollector } from "../helpers/collector.ts";
import { openStack } from "../helpers/stack.ts";
import { traceId, traceparent } from "../helpers/traces.ts";
import { waitFor } from "../helpers/waiting.ts";

const TRACED_FUNCTIONS = decodeURIComponent(new URL("./fixtures/traced", import.meta.url).pathname);
const TRACE = traceId(0xabc);

/** What the failing function needs, with the mistake in it, and the switches that let the engine mend it. */
const SCHEMA = `
  create function public.file_report(p_customer text) returns text language plpgsql as $$
  begin
    return lower(public.unaccent(p_customer));
  end $$;
  grant execute on function public.file_report(text) to service_role;
  select public.change_healing_setting('mode_database', '"auto"', 'a test'),
    public.change_healing_setting('validation_min_seconds', '0', 'a test');`;

Deno.test("one trace goes from the request that fails to the engine that mends it, in rows, headers and spans", async () => {
  await using collector = startCollector();
  await using stack = await openStack({
    functionRoots: [FUNCTIONS_DIRECTORY, TRACED_FUNCTIONS],
    secrets: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint.replace(/\/v1\/traces$/, "") },
  });
  const client = new Client({ connectionString: stack.stack.dbUrl });
  await client.connect();
  const query = async (sql: string): Promise<Record<string, unknown>[]> => (await client.query(sql)).rows;
  await query(SCHEMA);

  const answer = await stack.call("traced-report", {
    method: "POST",
    headers: { apikey: stack.stack.keys.publishable, traceparent: traceparent(0xabc) },
    body: JSON.stringify({ customer: "Zoë" }),
  });
  assert.equal(answer.status, 500);
  assert.deepEqual(Object.keys(await answer.json()), ["code", "message", "hint", "requestId"]);
  const [, traceOfAnswer, spanOfAnswer] = answer.headers.get("traceparent")!.split("-");
  assert.equal(traceOfAnswer, TRACE);

  await waitFor("the capture", async () => (await query("select from healing_runs")).length === 1);
  const occurrences = await query("select trace_id from healing_events where event_type = 'occurrence'");
  assert.deepEqual(occurrences, [{ trace_id: TRACE }]);
  const [request] = await query("select headers ->> 'traceparent' as header from net.http_request_queue");
  assert.equal(
    request!.header,
    `00-${TRACE}-${spanOfAnswer}-01`,
    "the run's parent is the request that failed",
  );

  await stack.stack.drainNet();
  await waitFor(
    "the end of the run",
    async () => (await query("select from healing_runs where status = 'finished'")).length === 1,
    60_000,
  );
  assert.deepEqual(await query("select trace_id from healing_runs"), [{ trace_id: TRACE }]);
  const events = await query(
    "select event_type, trace_id from healing_events where event_type <> 'setting_changed'",
  );
  assert.ok(events.some(({ event_type }) => event_type === "fix_applied"), JSON.stringify(events));
  for (const { event_type, trace_id } of events) assert.equal(trace_id, TRACE, String(event_type));
  const [{ found }] = await query(`select get_trace('${TRACE}') as found`) as [
    { found: Record<string, unknown[]> },
  ];
  assert.deepEqual([found.errors!.length, found.runs!.length, found.events!.length], [1, 1, events.length]);

  // The isolates write their measurements every ten seconds.
  await waitFor("the metrics", async () => {
    const [row] = await query("select get_error_rate('5 minutes') as rate");
    const { total_requests, error_count } = row!.rate as Record<string, number>;
    return total_requests === 2 && error_count === 1;
  }, 30_000);
  await client.end();
  await stack.stack.stop();

  const spans = collector.spans.filter((span) => span.traceId === TRACE);
  const one = (name: string) => {
    const found = spans.filter((span) => span.name === name);
    assert.equal(found.length, 1, `${name} in ${JSON.stringify(spans.map((span) => span.name))}`);
    return found[0]!;
  };
  const engine = one("autonomous-healing-engine");
  assert.equal(one("traced-report").spanId, spanOfAnswer);
  assert.equal(engine.parentSpanId, spanOfAnswer);
  assert.equal(one("healing run").parentSpanId, engine.spanId);
  assert.equal(one("heal").parentSpanId, one("healing run").spanId);
  assert.equal(one("POST /rest/v1/rpc/file_report").parentSpanId, spanOfAnswer);
  assert.ok(spans.some((span) => span.name === "POST /rest/v1/rpc/start_healing_run"));
  assert.equal(
    collector.spans.some((span) => span.name.endsWith("record_performance_metrics")),
    false,
    "writing metrics belongs to no request",
  );
});

Deno.test("a worker that is ended sends the spans that it still has", async () => {
  await using collector = startCollector();
  await using stack = await openStack({
    functionRoots: [TRACED_FUNCTIONS],
    secrets: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.endpoint },
  });
  const answer = await stack.call("traced-report", { method: "POST", body: "no JSON" });
  assert.equal(answer.status, 500);
  assert.equal(collector.spans.length, 0, "they wait for others, for five seconds");
  await stack.stack.stop();
  const [, trace] = answer.headers.get("traceparent")!.split("-");
  assert.ok(collector.spans.some((span) => span.name === "traced-report" && span.traceId === trace));
});

Deno.test("a collector that is down, slow or hostile changes no answer of a function", async () => {
  await using collector = startCollector();
  await using stack = await openStack({
    functionRoots: [TRACED_FUNCTIONS],
    secrets: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.endpoint },
  });
  for (const behaviour of ["hang", 400, 503, "take"] as const) {
    collector.behaviour = behaviour;
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => stack.call("traced-report", { method: "POST", body: "no JSON" })),
    );
    for (const answer of answers) assert.equal((await answer.json()).code, "INTERNAL");
  }
});
