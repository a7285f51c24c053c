/** The removal on Postgres 15 with the real pg_cron. */

import assert from "node:assert/strict";
import { downScript } from "../../scripts/install/downScript.ts";
import { readOffer } from "../../scripts/install/source.ts";
import { openCronDatabase, serverTest } from "../helpers/serverRing.ts";

serverTest(
  "downScript() leaves nothing of ours on Postgres 15 with the real pg_cron, and its jobs end with it",
  async () => {
    await using database = await openCronDatabase();
    const { objects, jobs, migrations } = await readOffer();
    const files = migrations.map(({ name, version }): [string, string] => [name, `${version}_${name}.sql`]);
    const script = downScript({ objects, jobs, migrations: Object.fromEntries(files) }, "drop");
    const jobsNow = "select count(*)::int as count from cron.job where jobname like 'healing\\_%'";
    const before = await database.query(jobsNow);
    const client = await database.connect();
    // The database is everybody's: what the script would commit is looked at, and taken back.
    const results: unknown = await client.query(script.replace(/commit;\n$/, `${jobsNow}; rollback;`));
    const rows = (results as { command: string; rows: unknown[] }[]).filter(({ command }) =>
      command === "SELECT"
    )
      .map((result) => result.rows);
    assert.deepEqual(rows.slice(-2), [[], [{ count: 0 }]]);
    assert.deepEqual(await database.query(jobsNow), before);
    await client.end();
  },
);
