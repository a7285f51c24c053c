import assert from "node:assert/strict";
import {
  captureErrors,
  claimErrors,
  finishHealingRun,
  proposeFix,
  startHealingRun,
} from "../../supabase/functions/_shared/healingDb.ts";
import { occurrence, openContract, proposal } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";

const ENGINE = "autonomous-healing-engine";

async function fillVault(database: TestDatabase): Promise<void> {
  await database.query(
    "select vault.create_secret('http://127.0.0.1:9/', 'project_url'), vault.create_secret('a-machine-key-of-some-length', 'cron_secret_key')",
  );
}

Deno.test("dispatch_function() writes the run and queues the request with the run's id and the machine key", async () => {
  await using database = await createTestDatabase();
  await fillVault(database);
  const [{ id }] = await database.query<{ id: string }>(`select dispatch_function('${ENGINE}') as id`) as [
    { id: string },
  ];
  const [run] = await database.query("select status, net_request_id from healing_runs where id = $1", [id]);
  assert.equal(run!.status, "dispatched");
  const [request] = await database.query(
    "select url, headers, convert_from(body, 'utf8')::jsonb as body from net.http_request_queue",
  );
  assert.equal(request!.url, `http://127.0.0.1:9/functions/v1/${ENGINE}`);
  assert.equal((request!.headers as Record<string, string>).apikey, "a-machine-key-of-some-length");
  assert.deepEqual(request!.body, { run_id: id, trigger: "cron" });
});

Deno.test("dispatch_function() leaves a failed run that names the missing Vault entry", async () => {
  await using database = await createTestDatabase();
  await database.query(`select dispatch_function('${ENGINE}')`);
  const [run] = await database.query("select status, reason from healing_runs");
  assert.equal(run!.status, "failed");
  assert.match(String(run!.reason), /Vault has no entry project_url \(PT503\)/);
});

Deno.test("start_healing_run() starts a dispatched run once: a second delivery does nothing", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await fillVault(database);
  const [{ id }] = await database.query<{ id: string }>(`select dispatch_function('${ENGINE}') as id`) as [
    { id: string },
  ];
  const start = { runId: id, functionName: ENGINE, instanceId: "i", trigger: "cron" };
  assert.equal((await startHealingRun(contract.rpc, start)).started, true);
  assert.equal((await startHealingRun(contract.rpc, start)).started, false);
  assert.equal(await finishHealingRun(contract.rpc, id, { fixes_applied: 1 }), true);
  assert.equal(await finishHealingRun(contract.rpc, id, {}), false);
  const [run] = await database.query("select status, counters from healing_runs");
  assert.deepEqual(run, { status: "finished", counters: { fixes_applied: 1 } });
});

Deno.test("reap_lost_runs() closes a run past its deadline as lost, says what is known, and tells people", async () => {
  await using database = await createTestDatabase();
  await fillVault(database);
  await database.query(`select dispatch_function('${ENGINE}')`);
  await database.query("update healing_runs set deadline_at = now() - interval '1 second'");
  await database.query(
    "insert into net._http_response (id, status_code) select net_request_id, 401 from healing_runs",
  );
  const [reaped] = await database.query("select reap_lost_runs() as lost");
  assert.equal(reaped!.lost, 1);
  const [run] = await database.query("select status, reason from healing_runs");
  assert.equal(run!.status, "lost");
  assert.match(String(run!.reason), /the function answered 401/);
  assert.equal(
    (await database.query("select from notifications where title like 'A run of%was lost'")).length,
    1,
  );
});

Deno.test("reap_lost_runs() dispatches the engine for an error that no run has met", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await fillVault(database);
  await captureErrors(contract.rpc, [occurrence()]);
  await database.query(
    "update healing_runs set dispatched_at = now() - interval '1 hour', status = 'finished', finished_at = now()",
  );
  await database.query("update detected_errors set first_seen_at = now() - interval '1 minute'");
  await database.query("select reap_lost_runs()");
  assert.equal((await database.query("select from healing_runs where trigger = 'reaper'")).length, 1);
});

Deno.test("get_healing_settings() says why a wanted state is not the actual one", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await contract.rpc.call("reap_lost_runs", {});
  const before = await contract.rpc.call<
    Record<string, { wanted: boolean; actual: boolean; reason: string }>
  >("get_healing_settings", {});
  assert.deepEqual([before.enabled!.wanted, before.enabled!.actual, before.enabled!.reason], [
    true,
    false,
    "no run has finished yet",
  ]);
  const { id } = await startHealingRun(contract.rpc, {
    runId: null,
    functionName: ENGINE,
    instanceId: "i",
    trigger: "test",
  });
  await finishHealingRun(contract.rpc, id, {});
  const after = await contract.rpc.call<typeof before>("get_healing_settings", {});
  assert.deepEqual([after.enabled!.actual, after.enabled!.reason], [true, "in force"]);
});

Deno.test("the schedules call the dispatcher, the reaper and the retention", async () => {
  await using database = await createTestDatabase();
  const jobs = await database.query(
    "select jobname, schedule, command from cron.job where jobname like 'healing%' order by jobname",
  );
  assert.deepEqual(jobs.map((job) => [job.jobname, job.schedule]), [
    ["healing_deployment_history", "52 3 * * *"],
    ["healing_deployments", "* * * * *"],
    ["healing_engine", "*/5 * * * *"],
    ["healing_generation_history", "53 3 * * *"],
    ["healing_generations", "* * * * *"],
    ["healing_health", "*/2 * * * *"],
    ["healing_history", "47 3 * * *"],
    ["healing_hours", "6 * * * *"],
    ["healing_metrics", "27 3 * * *"],
    ["healing_monitor", "*/2 * * * *"],
    ["healing_notifications", "* * * * *"],
    ["healing_reaper", "* * * * *"],
    ["healing_retention", "17 3 * * *"],
    ["healing_tests", "7 * * * *"],
  ]);
  for (const job of jobs) await database.query(String(job.command));
});

Deno.test("purge_healing_history() makes coming partitions, drops old ones, and keeps what is young", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await captureErrors(contract.rpc, [occurrence()]);
  await database.query("select healing_private.ensure_event_partition('2020-01-01')");
  await database.query(
    "insert into healing_events (event_type, created_at) values ('old', '2020-01-01 12:00+00'), ('older', '2019-01-01')",
  );
  const [{ counts }] = await database.query<{ counts: Record<string, number> }>(
    "select purge_healing_history() as counts",
  ) as [{ counts: Record<string, number> }];
  assert.equal(counts.partitions, 1);
  assert.equal(counts["healing_private.healing_events_default"], 1);
  const left = await database.query("select event_type from healing_events");
  assert.deepEqual(left.map((event) => event.event_type), ["occurrence"]);
});

Deno.test("decide_approval() calls the engine at once, also right after another run", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await fillVault(database);
  await captureErrors(contract.rpc, [occurrence()]);
  const [claim] = await claimErrors(contract.rpc, { worker: "w" });
  const { approval_id } = await proposeFix(contract.rpc, proposal(claim!));
  await contract.rpc.call("decide_approval", {
    p_approval_id: approval_id,
    p_decision: "approve",
    p_reason: "yes",
  });
  const runs = await database.query("select trigger from healing_runs order by dispatched_at");
  assert.deepEqual(runs.map((run) => run.trigger), ["capture", "approval"]);
});
