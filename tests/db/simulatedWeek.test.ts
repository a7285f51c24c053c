import assert from "node:assert/strict";
import { simulateWeek } from "../../scripts/bench/week.sim.ts";
import { brokenBounds } from "../../scripts/lib/simulation.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";

Deno.test("simulateWeek() breaks no bound in a short week: it heals, takes back what is useless, and does nothing forbidden", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const findings = await simulateWeek(
    { url: database.url, rpc: contract.rpc, query: (sql, params) => database.query(sql, params) as never },
    { errors: 240, hours: 8, engines: 3 },
  );
  assert.deepEqual(brokenBounds(findings), []);
  assert.ok(findings.filter(({ bound }) => bound !== undefined).length >= 8);
});
