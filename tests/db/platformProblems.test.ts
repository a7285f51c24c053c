import assert from "node:assert/strict";
import {
  capturePlatformProblems,
  claimPlatformProblems,
  harvestPlatformProblems,
} from "../../supabase/functions/_shared/engineDb.ts";
import { finishHealingRun, startHealingRun } from "../../supabase/functions/_shared/healingDb.ts";
import { captureFromPlatform } from "../../supabase/functions/backend-self-monitor/platform.ts";
import { occurrence, openContract } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";

const SECRET = "sk-proj-T3BlbkFJq8Zx2Lw9Vn5Rk7Yc1Hd4Gs6Pm0Bt8Ue";

/** A lost run, a request that was refused, one that timed out, a good one, a failed job and a good one. */
async function breakThings(database: TestDatabase): Promise<void> {
  await database.query(
    `insert into healing_runs (function_name, status, finished_at, reason)
     values ('health-check', 'lost', now(), 'did not finish by then')`,
  );
  await database.query(
    `insert into net._http_response (id, status_code, content, timed_out, error_msg) values
       (1, 500, 'boom with ${SECRET}', false, null), (2, null, null, true, null), (3, 200, 'fine', false, null)`,
  );
  await database.query(
    `insert into cron.job_run_details (jobid, database, username, status, return_message, start_time, end_time) values
       (1, current_database(), current_user, 'failed', 'ERROR: relation "x" does not exist', now(), now()),
       (1, current_database(), current_user, 'succeeded', '1 row', now(), now())`,
  );
}

Deno.test("harvest_platform_problems() takes each failure once, also by ten callers at once", async () => {
  await using database = await createTestDatabase();
  await breakThings(database);
  const counts = await Promise.all(
    Array.from(
      { length: 10 },
      () => database.rpc<{ runs: number; answers: number; jobs: number }>("harvest_platform_problems"),
    ),
  );
  const sum = (name: "runs" | "answers" | "jobs") => counts.reduce((total, count) => total + count[name], 0);
  assert.deepEqual([sum("runs"), sum("answers"), sum("jobs")], [1, 2, 1]);
  assert.deepEqual(await database.rpc("harvest_platform_problems"), { runs: 0, answers: 0, jobs: 0 });
});

Deno.test("harvest_platform_problems() also sees an answer that was written before it looked and committed after", async () => {
  await using database = await createTestDatabase();
  const late = await database.connect();
  await late.query("begin");
  await late.query("insert into net._http_response (id, status_code, timed_out) values (9, 503, false)");
  assert.deepEqual(await database.rpc("harvest_platform_problems"), { runs: 0, answers: 0, jobs: 0 });
  await late.query("commit");
  assert.deepEqual(await database.rpc("harvest_platform_problems"), { runs: 0, answers: 1, jobs: 0 });
});

Deno.test("captureFromPlatform() of five instances at once makes each failure one occurrence, and stores no secret", async () => {
  await using database = await createTestDatabase();
  await breakThings(database);
  const connections = await Promise.all(
    Array.from({ length: 5 }, () => openDirectConnection(database.url)),
  );
  const reports = await Promise.all(connections.map(({ rpc }) => captureFromPlatform(rpc, () => true)));
  await Promise.all(connections.map((connection) => connection.close()));
  assert.equal(reports.reduce((total, { captured }) => total + captured, 0), 4);
  const errors = await database.query<{ error_message: string; occurrence_count: string }>(
    "select error_message, occurrence_count, source from detected_errors",
  );
  assert.equal(errors.reduce((total, error) => total + Number(error.occurrence_count), 0), 4);
  const stored = JSON.stringify([
    errors,
    await database.query("select * from healing_events"),
    await database.query("select * from healing_private.platform_problems"),
  ]);
  assert.ok(!stored.includes(SECRET));
  assert.match(stored, /was answered 500/);
  assert.match(stored, /the request timed out/);
});

Deno.test("capture_platform_problems() of a worker that lost its claim captures nothing, and the next one captures it", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await breakThings(database);
  await harvestPlatformProblems(contract.rpc);
  const dead = await claimPlatformProblems(contract.rpc, 10);
  assert.equal((await claimPlatformProblems(contract.rpc, 10)).length, 0, "leased");
  await database.query("update healing_private.platform_problems set claimed_until = now() - interval '1 s'");
  const next = await claimPlatformProblems(contract.rpc, 10);
  const errors = next.map(({ source_key }) => occurrence({ fingerprint: `v1:${source_key}` }));
  const late = await capturePlatformProblems(contract.rpc, dead, errors);
  assert.deepEqual(late.errors, []);
  assert.equal((await capturePlatformProblems(contract.rpc, next, errors)).errors.length, 4);
  assert.equal((await database.query("select from detected_errors")).length, 4);
});

Deno.test("a critical error calls the backend monitor once in ten seconds, and a broken call loses no error", async () => {
  await using database = await createTestDatabase();
  const capture = (fingerprint: string, severity: string) =>
    database.rpc("capture_errors", { p_errors: [occurrence({ fingerprint, severity: severity as "high" })] });
  await capture("v1:mild", "high");
  const runs = () => database.query("select from healing_runs where function_name = 'backend-self-monitor'");
  assert.equal((await runs()).length, 0);
  await Promise.all(["a", "b", "c"].map((name) => capture(`v1:${name}`, "critical")));
  assert.equal((await runs()).length, 1);
  await database.query("alter function dispatch_function(text, text, jsonb) rename to gone");
  await database.query("delete from healing_runs");
  await capture("v1:d", "critical");
  assert.equal((await database.query("select from detected_errors")).length, 5);
});

Deno.test("harvest_platform_problems() tells a run that failed once, not again by its answer", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const run = { functionName: "health-check", instanceId: "i", trigger: "test" };
  const { id } = await startHealingRun(contract.rpc, { runId: null, ...run });
  await finishHealingRun(contract.rpc, id, {}, "it broke");
  await database.query("update healing_runs set net_request_id = 7");
  await database.query("insert into net._http_response (id, status_code, timed_out) values (7, 500, false)");
  assert.deepEqual(await harvestPlatformProblems(contract.rpc), { runs: 1, answers: 0, jobs: 0 });
});
