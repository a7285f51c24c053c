/** The simulation of experiments through the database at a small size. */

import assert from "node:assert/strict";
import { simulateExperimentsInSql } from "../../scripts/bench/experimentsSql.sim.ts";
import { brokenBounds } from "../../scripts/lib/simulation.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";

Deno.test("simulateExperimentsInSql() breaks no bound at a small size", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const query = (sql: string, params: unknown[]) => database.query(sql, params);
  const findings = await simulateExperimentsInSql({ rpc: contract.rpc, query }, 15);
  assert.deepEqual(brokenBounds(findings), []);
  assert.equal(findings.filter(({ bound }) => bound !== undefined).length, 4);
  // Nothing is left half-way: a run ends by evidence, or is held.
  const rows = await database.query<{ status: string; n: number }>(
    "select experiment_status as status, count(*)::int as n from fix_experiments group by 1",
  );
  assert.deepEqual(rows, [{ status: "completed", n: 60 }]);
});
