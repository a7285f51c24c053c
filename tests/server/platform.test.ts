/** The platform's stand-in and the migrations on a real Postgres with pg_cron. Needs several connections. @module */

import assert from "node:assert/strict";
import { applyPlatform } from "../../scripts/stack/platform.ts";
import { tryEveryPrefix, tryManyInstallers, tryTwice } from "../helpers/migrationTrials.ts";
import { createServerDatabase, openCronDatabase, serverTest } from "../helpers/serverRing.ts";
import type { TestDatabase } from "../helpers/testDatabase.ts";

function makeDatabase(): Promise<TestDatabase> {
  return createServerDatabase({ migrated: false });
}

serverTest("applyPlatform() uses pg_cron where the database may have it", async () => {
  await using database = await openCronDatabase();
  assert.deepEqual(await applyPlatform(database.superuserUrl), { cron: "pg_cron" });
  const rows = await database.query(
    "select extnamespace::regnamespace::text as schema from pg_extension where extname = 'pg_cron'",
  );
  assert.deepEqual(rows, [{ schema: "pg_catalog" }]);
});

serverTest("applyPlatform() stands in for pg_cron in the other databases of its cluster", async () => {
  await using database = await createServerDatabase();
  assert.deepEqual(await applyPlatform(database.superuserUrl), { cron: "standIn" });
});

serverTest("platform: postgres schedules with pg_cron and cannot write its table", async () => {
  await using database = await openCronDatabase();
  try {
    await database.query("select cron.schedule('a_trial', '0 3 * * *', 'select 1')");
    assert.deepEqual(
      await database.query("select schedule, username from cron.job where jobname = 'a_trial'"),
      [{ schedule: "0 3 * * *", username: "postgres" }],
    );
    await assert.rejects(database.query("update cron.job set schedule = '* * * * *' where true"), {
      code: "42501",
    });
  } finally {
    await database.query("select cron.unschedule('a_trial')");
  }
});

serverTest(
  "applyMigrations() applies the project's migrations twice without a change on the server",
  () => tryTwice(makeDatabase),
);

serverTest(
  "applyMigrations() reaches the same schema from every prefix on the server",
  () => tryEveryPrefix(makeDatabase),
);

serverTest(
  "applyMigrations() lets twenty installers run at once on the server",
  () => tryManyInstallers(makeDatabase),
);
