/**
 * Evidence from many clients at once, each with units of its own: the ledger's foreign key locked the pattern's row
 * shared before the count locked it alone, so that two clients could wait for each other.
 *
 * @module
 */

import assert from "node:assert/strict";
import { recordPatternEvidence, upsertHealingPattern } from "../../supabase/functions/_shared/healingDb.ts";
import { openContract, proposal } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { createServerDatabase, serverTest } from "../helpers/serverRing.ts";

const CLIENTS = 64;
const UNITS = 12;
/** Of each client's outcomes one in four is a failure. */
const FAILURES = CLIENTS * UNITS / 4;

async function recordFromMany(database: TestDatabase): Promise<void> {
  await using contract = await openContract(database);
  const { pattern } = proposal({ id: "", claim_number: 0 });
  const { id } = await upsertHealingPattern(contract.rpc, pattern);
  await Promise.all(Array.from({ length: CLIENTS }, async (_, client) => {
    await using own = await openContract(database);
    for (let unit = 0; unit < UNITS; unit++) {
      const evidence = { patternId: id, unit: `${client}:${unit}`, succeeded: unit % 4 !== 0 };
      await recordPatternEvidence(own.rpc, evidence);
      // Reported a second time, as after a lost answer: it counts once.
      await recordPatternEvidence(own.rpc, evidence);
    }
  }));
  const [stored] = await database.query(
    "select success_count, failure_count, success_rate from universal_error_patterns where id = $1",
    [id],
  );
  const total = CLIENTS * UNITS;
  assert.deepEqual(stored, {
    success_count: total - FAILURES,
    failure_count: FAILURES,
    success_rate: (total - FAILURES) / total,
  });
  const [ledger] = await database.query(
    "select count(*)::int as units from healing_private.pattern_evidence",
  );
  assert.equal(ledger!.units, total);
}

Deno.test("record_pattern_evidence() from sixty-four clients with units of their own counts exactly, without a deadlock", async () => {
  await using database = await createTestDatabase();
  await recordFromMany(database);
});

serverTest(
  "record_pattern_evidence() on a real Postgres counts exactly for sixty-four clients at once",
  async () => {
    await using database = await createServerDatabase();
    await recordFromMany(database);
  },
);
