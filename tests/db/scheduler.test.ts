import assert from "node:assert/strict";
import { Scheduler } from "../../scripts/stack/scheduler.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import { Pool } from "../../supabase/functions/_shared/postgres.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { FakeClock } from "../helpers/fakeClock.ts";
import type { TestDatabase } from "../helpers/testDatabase.ts";
import { withDatabase } from "../helpers/testServer.ts";
import { waitFor } from "../helpers/waiting.ts";

const MINUTE_MS = 60_000;

interface Setting extends AsyncDisposable {
  database: TestDatabase;
  clock: FakeClock;
  scheduler: Scheduler;
  runs(): Promise<{ status: string; return_message: string }[]>;
}

/** A scheduler at half a minute past ten, with the project's own jobs taken away. */
async function setUp(): Promise<Setting> {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await createTestDatabase());
  await database.query("select cron.unschedule(jobname) from cron.job");
  await database.query("create table public.marks (at timestamptz default clock_timestamp(), who text)");
  const pool = new Pool({ connectionString: database.superuserUrl, max: 4 });
  opened.defer(() => pool.end());
  const clock = new FakeClock("2026-11-21T10:00:30Z");
  const scheduler = new Scheduler({
    pool,
    clock,
    logger: silentLogger,
    urlOf: ({ user, database: name }) => withDatabase(database.superuserUrl, name, user),
  });
  opened.defer(() => scheduler.stop());
  const running = opened.move();
  return {
    database,
    clock,
    scheduler,
    runs: () => database.query("select status, return_message from cron.job_run_details order by runid"),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

Deno.test("Scheduler.tick() runs a job when its minute has come, once, and records it", async () => {
  await using setting = await setUp();
  await setting.database.query(
    "select cron.schedule('mark', '* * * * *', 'insert into public.marks default values')",
  );
  assert.equal(await setting.scheduler.tick(), 0, "the first look only notes the time");
  setting.clock.advance(29_999);
  assert.equal(await setting.scheduler.tick(), 0);
  setting.clock.advance(1);
  assert.equal(await setting.scheduler.tick(), 1);
  assert.equal(await setting.scheduler.tick(), 0);
  assert.deepEqual(await setting.runs(), [{ status: "succeeded", return_message: "INSERT 1" }]);
  assert.equal((await setting.database.query("select from public.marks")).length, 1);
});

Deno.test("Scheduler runs a job as the role that scheduled it", async () => {
  await using setting = await setUp();
  const command = "insert into public.marks (who) values (current_user)";
  await setting.database.query("select cron.schedule('who', '* * * * *', $1)", [command]);
  await setting.scheduler.tick();
  setting.clock.advance(MINUTE_MS);
  await setting.scheduler.tick();
  assert.deepEqual(await setting.database.query("select who from public.marks"), [{ who: "postgres" }]);
  assert.deepEqual(
    await setting.database.query(
      "select username, command, end_time >= start_time as ended from cron.job_run_details",
    ),
    [{ username: "postgres", command, ended: true }],
  );
});

Deno.test("Scheduler records a failing job and goes on", async () => {
  await using setting = await setUp();
  await setting.database.query("select cron.schedule('bad', '* * * * *', 'select 1/0')");
  await setting.database.query(
    "select cron.schedule('good', '* * * * *', 'select 1; select 2 from generate_series(1, 3)')",
  );
  await setting.scheduler.tick();
  setting.clock.advance(MINUTE_MS);
  assert.equal(await setting.scheduler.tick(), 2);
  assert.deepEqual((await setting.runs()).sort((a, b) => a.status.localeCompare(b.status)), [
    { status: "failed", return_message: "ERROR:  division by zero" },
    { status: "succeeded", return_message: "3 rows" },
  ]);
});

Deno.test("Scheduler does not make up for missed runs", async () => {
  await using setting = await setUp();
  await setting.database.query(
    "select cron.schedule('mark', '* * * * *', 'insert into public.marks default values')",
  );
  await setting.scheduler.tick();
  setting.clock.advance(60 * MINUTE_MS);
  assert.equal(await setting.scheduler.tick(), 1);
  assert.equal(await setting.scheduler.tick(), 0);
});

Deno.test("Scheduler leaves inactive and removed jobs alone, and takes a new schedule at once", async () => {
  await using setting = await setUp();
  const { database, scheduler, clock } = setting;
  await database.query(
    "select cron.schedule('mark', '0 5 * * *', 'insert into public.marks default values')",
  );
  await scheduler.tick();
  await database.query(
    "select cron.schedule('mark', '* * * * *', 'insert into public.marks default values')",
  );
  await scheduler.tick();
  clock.advance(MINUTE_MS);
  assert.equal(await scheduler.tick(), 1);
  await database.query("select cron.alter_job(jobid, active := false) from cron.job");
  clock.advance(MINUTE_MS);
  assert.equal(await scheduler.tick(), 0);
  await database.query("select cron.unschedule('mark')");
  clock.advance(MINUTE_MS);
  assert.equal(await scheduler.tick(), 0);
});

Deno.test("Scheduler runs a job once at a time, and a run that fell due meanwhile right after", async () => {
  await using setting = await setUp();
  const { database, scheduler, clock } = setting;
  const holder = await database.connect();
  await holder.query("select pg_advisory_lock(77)");
  const command = "insert into public.marks default values; select pg_advisory_xact_lock(77)";
  await database.query("select cron.schedule('slow', '* * * * *', $1)", [command]);
  await scheduler.tick();
  clock.advance(MINUTE_MS);
  const first = scheduler.tick();
  await waitFor("the first run", async () => (await setting.runs()).length === 1);
  for (let minute = 0; minute < 3; minute++) {
    clock.advance(MINUTE_MS);
    assert.equal(await scheduler.tick(), 0);
  }
  assert.equal((await setting.runs()).length, 1, "the second run waits for the first");
  await holder.query("select pg_advisory_unlock(77)");
  await first;
  assert.deepEqual((await setting.runs()).map(({ status }) => status), ["succeeded", "succeeded"]);
});

Deno.test("Scheduler.start() runs jobs as time passes, and stop() waits for them", async () => {
  await using setting = await setUp();
  const { database, scheduler, clock } = setting;
  await database.query(
    "select cron.schedule('mark', '30 seconds', 'insert into public.marks default values')",
  );
  scheduler.start();
  await waitFor("the first run", async () => {
    clock.advance(1_000);
    return (await database.query("select from public.marks")).length > 0;
  });
  await scheduler.stop();
  const before = (await setting.runs()).length;
  clock.advance(10 * MINUTE_MS);
  assert.deepEqual((await setting.runs()).map(({ status }) => status), Array(before).fill("succeeded"));
});

Deno.test("Scheduler.start() closes what a killed process had begun", async () => {
  await using setting = await setUp();
  await setting.database.query(
    "insert into cron.job_run_details (jobid, username, status) values (1, 'postgres', 'running')",
  );
  setting.scheduler.start();
  await waitFor("the closed run", async () => (await setting.runs())[0]?.status === "failed");
  assert.equal((await setting.runs())[0]?.return_message, "server restarted");
});

Deno.test("Scheduler.runJob() runs a job at once, whatever its schedule says", async () => {
  await using setting = await setUp();
  await setting.database.query(
    "select cron.schedule('yearly', '@yearly', 'insert into public.marks default values')",
  );
  assert.equal(await setting.scheduler.runJob("yearly"), true);
  assert.equal(await setting.scheduler.runJob("missing"), false);
  assert.equal((await setting.runs()).length, 1);
});
