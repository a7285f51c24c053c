/** A real pg_cron runs what the migrations schedule: the only test that waits for a clock, up to a minute. @module */

import assert from "node:assert/strict";
import { openCronDatabase, serverTest } from "../helpers/serverRing.ts";
import { waitFor } from "../helpers/waiting.ts";

// Debian's pg_cron knows no shorter interval than a minute, and starts due jobs at its beginning.
const NEXT_MINUTE_MS = 75_000;

serverTest("healing_reaper, run by pg_cron itself, closes a run that missed its deadline", async () => {
  await using database = await openCronDatabase();
  const [run] = await database.query<{ id: string }>(
    `insert into public.healing_runs (function_name, deadline_at) values ('lost-function', now() - interval '1 hour')
     returning id`,
  );
  const readRun = async () =>
    (await database.query("select status, reason from public.healing_runs where id = $1", [run?.id]))[0];
  try {
    await waitFor(
      "the reaper closes the run",
      async () => (await readRun())?.status === "lost",
      NEXT_MINUTE_MS,
    );
    assert.match(String((await readRun())?.reason), /^did not finish by /);
    await waitFor("pg_cron notes the success", () => hasSucceeded("healing_reaper"));
  } finally {
    await database.query("delete from public.healing_runs where id = $1", [run?.id]);
    await database.query("delete from public.notifications where dedupe_key = 'lost:lost-function'");
  }

  async function hasSucceeded(jobName: string): Promise<boolean> {
    const rows = await database.query(
      "select from cron.job_run_details join cron.job using (jobid) where jobname = $1 and status = 'succeeded'",
      [jobName],
    );
    return rows.length > 0;
  }
});
