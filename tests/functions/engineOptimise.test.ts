/** Cycle 4 as the engine runs it, with the stack's own scheduler for the jobs. */

import assert from "node:assert/strict";
import { Scheduler } from "../../scripts/stack/scheduler.ts";
import { optimisePort } from "../../supabase/functions/autonomous-healing-engine/cycles/optimise.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import { Pool } from "../../supabase/functions/_shared/postgres.ts";
import { serveEngine } from "../helpers/engineServer.ts";
import { healIndexes, indexFixes, searchOrders, switchOn, WORLD } from "../helpers/optimiser.ts";
import { withDatabase } from "../helpers/testServer.ts";

Deno.test("cycle 4 plans an index, has the stack's scheduler build it, and counts it when it has shown its gain", async () => {
  await using server = await serveEngine({ ports: { optimise: optimisePort } });
  const { database } = server;
  await database.query(WORLD);
  await switchOn(server.contract);
  await searchOrders(database, 60);

  const planned = (await server.call({ cycle: 4, dryRun: true })).body.plan[0];
  assert.match(
    String(planned.reason),
    /index:public\.orders.*by the planner it would cost \d+ instead of \d+/,
  );
  assert.deepEqual(await indexFixes(database), [], "a dry run changes nothing");
  assert.deepEqual(await database.query("select from pg_class where relname = 'heal_trial'"), []);

  const asked = (await server.call({ cycle: 4, wait: true })).body.counters;
  assert.equal(asked.optimizations_made, 0);
  assert.equal(asked.cycles_run, 1);
  const [job] = await database.query<{ jobname: string }>(
    "select jobname from cron.job where jobname like 'heal\\_create%'",
  );
  const pool = new Pool({ connectionString: database.superuserUrl, max: 2 });
  try {
    const urlOf = ({ user, database: name }: { user: string; database: string }) =>
      withDatabase(database.superuserUrl, name, user);
    assert.equal(await new Scheduler({ pool, urlOf, logger: silentLogger }).runJob(job!.jobname), true);
  } finally {
    await pool.end();
  }
  assert.deepEqual((await healIndexes(database)).map(({ valid }) => valid), [true]);

  await server.call({ cycle: 4, wait: true });
  await searchOrders(database, 60);
  const judged = (await server.call({ cycle: 4, wait: true })).body.counters;
  assert.equal(judged.optimizations_made, 1, JSON.stringify(judged));
  const [cycle] = await database.query("select status, counters from healing_cycles where cycle = 4");
  assert.equal(cycle?.status, "finished");
  assert.equal((await indexFixes(database))[0]?.status, "kept");
});

Deno.test("cycle 4 says what it needs, and leaves a run of one project alone", async () => {
  await using server = await serveEngine({ ports: { optimise: optimisePort }, openDirect: undefined });
  const { counters } = (await server.call({ cycle: 4, wait: true })).body;
  assert.deepEqual(counters.optimisation, {
    later: "optimising needs the direct connection: set SUPABASE_DB_URL",
  });
  const one = (await server.call({ cycle: 4, wait: true, project_id: "a" })).body.counters;
  assert.equal(one.optimisation, undefined);
});
