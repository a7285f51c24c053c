/** The optimiser on Postgres 15: with the real pg_cron, with hypopg, and where a plan for any value needs a prepared statement. */

import assert from "node:assert/strict";
import { Client } from "../../supabase/functions/_shared/postgres.ts";
import { setSetting } from "../helpers/contract.ts";
import {
  healIndexes,
  indexFixes,
  optimise,
  runIndexJobs,
  searchOrders,
  slowWorld,
} from "../helpers/optimiser.ts";
import { createServerDatabase, openCronDatabase, serverTest } from "../helpers/serverRing.ts";
import { schemaOf } from "../helpers/accessFixes.ts";
import { waitFor } from "../helpers/waiting.ts";
import type { TestDatabase } from "../helpers/testDatabase.ts";

// Debian's pg_cron starts due jobs at the beginning of a minute.
const NEXT_MINUTE_MS = 75_000;

async function asSuperuser(database: TestDatabase, sql: string): Promise<boolean> {
  const client = new Client({ connectionString: database.superuserUrl });
  await client.connect();
  try {
    return (await client.query(sql)).rowCount! > 0;
  } finally {
    await client.end();
  }
}

for (const method of ["hypopg", "sample"]) {
  serverTest(`optimiseDatabase() judges by ${method} on Postgres 15, and keeps what helps`, async () => {
    await using database = await createServerDatabase();
    if (method === "hypopg") {
      const isThere = await asSuperuser(
        database,
        "select from pg_available_extensions where name = 'hypopg'",
      );
      if (!isThere) return;
      await asSuperuser(database, "create extension hypopg with schema extensions");
    }
    await using _contract = await slowWorld(database);
    await searchOrders(database, 60);
    const asked = await optimise(database);
    assert.equal(asked.applied.length, 1, JSON.stringify(asked));
    const [fix] = await indexFixes(database);
    assert.equal(fix?.evidence.optimise.method, method);
    await runIndexJobs(database);
    await optimise(database);
    await searchOrders(database, 60);
    assert.equal((await optimise(database)).kept.length, 1);
  });
}

serverTest("pg_cron itself builds the index, and removes it when it brings no gain", async () => {
  await using database = await openCronDatabase();
  const before = await schemaOf(database);
  const contract = await slowWorld(database, { optimise_max_active: 50 });
  const schema = await schemaOf(database);
  try {
    await searchOrders(database, 60);
    const asked = await optimise(database);
    assert.equal(asked.applied.length, 1, JSON.stringify(asked));
    await waitFor(
      "pg_cron builds it",
      async () => (await healIndexes(database))[0]?.valid === true,
      NEXT_MINUTE_MS,
    );
    await waitFor("the build is settled", async () => {
      await optimise(database);
      return (await database.query("select from cron.job where jobname like 'heal\\_create%'")).length === 0;
    });
    await database.query(
      "set enable_indexscan = off; set enable_bitmapscan = off; set enable_indexonlyscan = off",
    );
    await searchOrders(database, 60);
    await database.query(
      "update healing_private.index_jobs set finished_at = finished_at - interval '2 minutes'",
    );
    const judged = await optimise(database);
    assert.match(judged.reverted.join(), /nothing has read the index/, JSON.stringify(judged));
    await waitFor(
      "pg_cron removes it",
      async () => (await healIndexes(database)).length === 0,
      NEXT_MINUTE_MS,
    );
    await waitFor("the removal is settled", async () => {
      await optimise(database);
      return (await database.query("select from cron.job where jobname like 'heal\\_drop%'")).length === 0;
    });
    assert.equal(await schemaOf(database), schema);
  } finally {
    await database.query(
      `drop table orders; delete from healing_private.index_jobs; delete from healing_private.optimisation_findings;
      delete from detected_errors where source = 'optimiser'`,
    );
    await setSetting(contract.rpc, "mode_database", "suggest");
    await contract[Symbol.asyncDispose]();
  }
  assert.equal(await schemaOf(database), before);
});
