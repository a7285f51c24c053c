import assert from "node:assert/strict";
import { type RpcPort, upsertHealingPattern } from "../../supabase/functions/_shared/healingDb.ts";
import {
  assessPattern,
  comparePatterns,
  isStatisticallySignificant,
} from "../../supabase/functions/_shared/statisticalValidation.ts";
import { openContract, proposal } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { assertClose } from "../helpers/exact.ts";

/** A pattern with these outcomes, recorded one by one. */
async function patternWith(
  database: TestDatabase,
  rpc: RpcPort,
  successes: number,
  failures: number,
): Promise<string> {
  const { pattern } = proposal({ id: "", claim_number: 0 });
  const { id } = await upsertHealingPattern(rpc, { ...pattern, error_signature: crypto.randomUUID() });
  await database.query(
    "select record_pattern_evidence($1, 'unit ' || i, i <= $2) from generate_series(1, $3) as i",
    [id, successes, successes + failures],
  );
  return id;
}

Deno.test("isStatisticallySignificant() asks for enough outcomes and for an interval above one half", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  const options = { minSampleSize: 30, confidenceLevel: 0.95 };
  const sure = await patternWith(database, rpc, 27, 3);
  assert.equal(await isStatisticallySignificant(rpc, sure, options), true);
  assert.equal(await isStatisticallySignificant(rpc, await patternWith(database, rpc, 26, 3)), false);
  assert.equal(await isStatisticallySignificant(rpc, await patternWith(database, rpc, 18, 12)), false);
  assert.equal(await isStatisticallySignificant(rpc, await patternWith(database, rpc, 0, 40)), false);
  const assessed = await assessPattern(rpc, sure);
  // Wilson 95 % of 27 of 30, as the method gives it.
  assertClose(assessed.interval.low, 0.743789, 1e-6);
  assertClose(assessed.interval.high, 0.9654, 1e-6);
  assert.deepEqual([assessed.verdict, assessed.n, assessed.successRate], ["works", 30, 0.9]);
  assert.equal(assessed.reason, "27 of 30 worked: between 74.4 % and 96.5 %");
});

Deno.test("assessPattern() tells what surely fails from what is not known", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  assert.equal((await assessPattern(rpc, await patternWith(database, rpc, 3, 37))).verdict, "fails");
  const fresh = await assessPattern(rpc, await patternWith(database, rpc, 0, 0));
  assert.deepEqual([fresh.verdict, fresh.successRate, fresh.interval], ["unknown", null, {
    low: 0,
    high: 1,
  }]);
  assert.equal(fresh.reason, "0 outcomes, and 30 are the least");
});

Deno.test("comparePatterns() meets the method's chi-square, and takes Fisher's test for small cells", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  const [good, worse] = [
    await patternWith(database, rpc, 80, 20),
    await patternWith(database, rpc, 65, 35),
  ];
  const compared = await comparePatterns(rpc, good, worse);
  assertClose(compared.pValue, 0.017528861, 1e-9);
  assert.deepEqual([compared.better, compared.test], [good, "chiSquare"]);
  assert.equal((await comparePatterns(rpc, worse, good)).better, good);
  assert.equal((await comparePatterns(rpc, good, worse, { confidenceLevel: 0.99 })).better, null);
  assert.equal((await comparePatterns(rpc, good, worse, { minSampleSize: 101 })).better, null);
  const rare = await patternWith(database, rpc, 60, 0);
  assert.equal((await comparePatterns(rpc, good, rare)).test, "chiSquare");
  assert.equal((await comparePatterns(rpc, rare, await patternWith(database, rpc, 28, 2))).test, "fisher");
});

Deno.test("isStatisticallySignificant() refuses an unknown pattern and options that make no sense", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  const id = await patternWith(database, rpc, 1, 1);
  await assert.rejects(isStatisticallySignificant(rpc, crypto.randomUUID()), { code: "NOT_FOUND" });
  for (const confidenceLevel of [0, 1, -0.1, 1.5, Number.NaN]) {
    await assert.rejects(isStatisticallySignificant(rpc, id, { confidenceLevel }), RangeError);
  }
  for (const minSampleSize of [0, -1, 1.5, Number.NaN]) {
    await assert.rejects(isStatisticallySignificant(rpc, id, { minSampleSize }), RangeError);
  }
});
