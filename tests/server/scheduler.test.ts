/** The stack's scheduler beside a real pg_cron. @module */

import assert from "node:assert/strict";
import { Scheduler } from "../../scripts/stack/scheduler.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import { Pool } from "../../supabase/functions/_shared/postgres.ts";
import { FakeClock } from "../helpers/fakeClock.ts";
import { openCronDatabase, serverTest } from "../helpers/serverRing.ts";
import { withDatabase } from "../helpers/testServer.ts";

serverTest("Scheduler stands down where pg_cron runs the jobs", async () => {
  await using database = await openCronDatabase();
  const pool = new Pool({ connectionString: database.superuserUrl, max: 2 });
  const clock = new FakeClock("2026-11-21T10:00:30Z");
  const scheduler = new Scheduler({
    pool,
    clock,
    logger: silentLogger,
    urlOf: ({ user, database: name }) => withDatabase(database.superuserUrl, name, user),
  });
  try {
    assert.notDeepEqual(await database.query("select from cron.job"), [], "there are jobs to leave alone");
    await scheduler.tick();
    clock.advance(24 * 3_600_000);
    assert.equal(await scheduler.tick(), 0);
    assert.equal(await scheduler.runJob("healing_reaper"), false);
  } finally {
    await pool.end();
  }
});
