import assert from "node:assert/strict";
import { readHealthSettings, standardHealthChecks } from "../../supabase/functions/_shared/healthMonitor.ts";
import { captureErrors, claimErrors, proposeFix } from "../../supabase/functions/_shared/healingDb.ts";
import { type Contract, occurrence, proposal, setSetting } from "../helpers/contract.ts";
import { openWorld, seenBy } from "../helpers/health.ts";
import { onServer } from "../helpers/testServer.ts";

const GREEN = "healthy: jobs run, runs end, and queues move";

/** What breaks, what is said then, and what mends it. */
type Proof = [name: string, broken: string, says: string, mended: string];

const RUN = `insert into cron.job_run_details (jobid, status, start_time, end_time, username)
  select jobid, 'STATUS', clock_timestamp(), clock_timestamp(), 'postgres' from cron.job where jobname = 'JOB'`;
const jobRan = (job: string, status: string) => RUN.replace("STATUS", status).replace("JOB", job);

const PROOFS: Proof[] = [
  [
    "a job that has never run since it is known",
    "update healing_private.health_jobs set known_since = now() - interval '1 hour' where job_name = 'healing_engine'",
    "unhealthy: jobs do not run: healing_engine",
    jobRan("healing_engine", "succeeded"),
  ],
  [
    "a job that runs no more",
    `${jobRan("healing_reaper", "succeeded")};
     update cron.job_run_details set start_time = now() - interval '8 minutes', end_time = now() - interval '8 minutes'`,
    "unhealthy: jobs do not run: healing_reaper",
    jobRan("healing_reaper", "succeeded"),
  ],
  [
    "a job that fails",
    jobRan("healing_monitor", "failed"),
    "unhealthy: jobs fail: healing_monitor",
    jobRan("healing_monitor", "succeeded"),
  ],
  [
    "a job that is gone",
    "select cron.unschedule('healing_reaper')",
    "unhealthy: jobs are missing: healing_reaper",
    "select cron.schedule('healing_reaper', '* * * * *', 'select 1')",
  ],
  [
    "a job that is switched off",
    "select cron.alter_job(jobid, active := false) from cron.job where jobname = 'healing_metrics'",
    "degraded: jobs are switched off: healing_metrics",
    "select cron.alter_job(jobid, active := true) from cron.job where jobname = 'healing_metrics'",
  ],
  [
    "a run that was lost",
    `insert into healing_runs (function_name, status, finished_at, reason) values ('x', 'lost', now(), 'no end')`,
    "degraded: 1 runs were lost in an hour",
    "update healing_runs set finished_at = now() - interval '61 minutes' where finished_at is not null",
  ],
  [
    "runs that were lost",
    `insert into healing_runs (function_name, status, finished_at, reason)
     select 'x', 'lost', now(), 'no end' from generate_series(1, 3)`,
    "unhealthy: 3 runs were lost in an hour",
    "update healing_runs set finished_at = now() - interval '61 minutes' where finished_at is not null",
  ],
  [
    "runs that fail",
    `insert into healing_runs (function_name, status, finished_at, reason)
     select 'x', 'failed', now(), 'broken' from generate_series(1, 3)`,
    "degraded: 3 runs failed in an hour",
    "update healing_runs set finished_at = now() - interval '61 minutes' where finished_at is not null",
  ],
  [
    "operations that wait",
    `insert into queued_operations (operation_kind, target, payload, idempotency_key, caller_role, next_attempt_at)
     values ('invoke_function', 'chat', '{}', 'k', 'service_role', now() - interval '20 minutes')`,
    "degraded: operations have been due for 20 min",
    "delete from queued_operations",
  ],
  [
    "an error that nobody attends to",
    "update detected_errors set next_attempt_at = now() - interval '2 hours'",
    "unhealthy: errors have been due for 120 min",
    "update detected_errors set next_attempt_at = now() + interval '1 hour'",
  ],
  [
    "a notification that is not sent",
    `insert into notification_deliveries (channel, kind, severity, due_at) select name, 'digest', 'high', now() - interval '20 minutes'
     from notification_channels where kind = 'in_app' limit 1`,
    "degraded: notifications have been due for 20 min",
    "delete from notification_deliveries",
  ],
  [
    "a log entry that came late",
    "insert into fallback_log_entries (id, level, message, logged_at) values (gen_random_uuid(), 'error', 'm', now())",
    "degraded: 1 log entries came late in an hour",
    "update fallback_log_entries set uploaded_at = now() - interval '61 minutes'",
  ],
  [
    "an open breaker",
    `insert into circuit_breakers (name, state, opened_at, probe_after) values ('openai', 'open', now(), now())`,
    "degraded: circuit breakers are open: openai",
    "update circuit_breakers set state = 'closed', opened_at = null, probe_after = null",
  ],
];

async function look({ rpc }: Contract): Promise<string> {
  const checks = standardHealthChecks({ settings: readHealthSettings(new Map()), db: rpc });
  return await seenBy(checks.find(({ name }) => name === "healing")!, rpc);
}

for (const [name, broken, says, mended] of PROOFS) {
  Deno.test(`the check of healing sees ${name}, until it is mended`, async () => {
    await using world = await openWorld();
    const { database, contract } = world;
    await captureErrors(contract.rpc, [occurrence()]);
    assert.equal(await look(contract), GREEN);
    await database.query(broken);
    assert.equal(await look(contract), says);
    await database.query(mended);
    assert.equal(await look(contract), GREEN);
  });
}

Deno.test("the check of healing does not call late what a schedule is not due for", async () => {
  await using world = await openWorld();
  const { database, contract } = world;
  assert.equal(await look(contract), GREEN);
  await database.query("update healing_private.health_jobs set known_since = now() - interval '23 hours'");
  assert.match(await look(contract), /^unhealthy: jobs do not run: .*\bhealing_engine, /);
  assert.doesNotMatch(await look(contract), /retention|history|metrics/);
  // A new schedule starts anew.
  await database.query("select cron.schedule(jobname, '3 3 * * *', command) from cron.job");
  assert.equal(await look(contract), GREEN);
});

Deno.test("the check of healing says nothing of queues that the kill switch holds", async () => {
  await using world = await openWorld();
  const { database, contract } = world;
  await captureErrors(contract.rpc, [occurrence()]);
  await database.query("update detected_errors set next_attempt_at = now() - interval '2 hours'");
  await setSetting(contract.rpc, "enabled", false);
  assert.equal(await look(contract), GREEN);
  await setSetting(contract.rpc, "enabled", true);
  assert.equal(await look(contract), "unhealthy: errors have been due for 120 min");
});

Deno.test("the check of healing says nothing of operations while calls may not be made again", async () => {
  await using world = await openWorld();
  const { database, contract } = world;
  await database.query(
    `insert into queued_operations (operation_kind, target, payload, idempotency_key, caller_role, next_attempt_at)
     values ('invoke_function', 'chat', '{}', 'k', 'service_role', now() - interval '2 hours')`,
  );
  for (const [key, value, usual] of [["dry_run", true, false], ["mode_call", "off", "auto"]] as const) {
    await setSetting(contract.rpc, key, value);
    assert.equal(await look(contract), GREEN);
    await setSetting(contract.rpc, key, usual);
    assert.equal(await look(contract), "unhealthy: operations have been due for 120 min");
  }
});

Deno.test("the check of healing sees an approval that waits for a day", async () => {
  await using world = await openWorld();
  const { database, contract } = world;
  await captureErrors(contract.rpc, [occurrence()]);
  const [claim] = await claimErrors(contract.rpc, { worker: "w" });
  const { approval_id: approval } = await proposeFix(contract.rpc, proposal(claim!));
  assert.equal(await look(contract), GREEN);
  await database.query(
    "update admin_approval_queue set requested_at = now() - interval '25 hours' where id = $1",
    [approval],
  );
  assert.equal(await look(contract), "degraded: an approval has waited for 25 h");
  await database.query("select decide_approval($1, 'reject', 'no')", [approval]);
  assert.equal(await look(contract), GREEN);
});

Deno.test("the check of healing sees what is left of the AI budget, and that a budget of 0 is a wish", async () => {
  await using world = await openWorld();
  const { database, contract } = world;
  const use = (tokens: number) =>
    database.query(
      `insert into healing_private.ai_budget_days (day, committed_tokens) values ((now() at time zone 'UTC')::date, $1)
       on conflict (day) do update set committed_tokens = excluded.committed_tokens`,
      [tokens],
    );
  await use(1_600_000);
  assert.equal(await look(contract), "degraded: 80 % of the day's AI budget is used");
  await use(1_500_000);
  assert.equal(await look(contract), GREEN);
  await setSetting(contract.rpc, "ai_daily_tokens", 0);
  assert.equal(await look(contract), GREEN);
});

Deno.test("the check of healing works where pg_cron is missing", async () => {
  await using world = await openWorld();
  const { database, contract } = world;
  await onServer(database.superuserUrl, "drop schema cron cascade");
  assert.equal(await look(contract), GREEN);
});
