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

/** A fix under validation for each client, in one of three projects, all by the same pattern. */
async function fixesToConclude(database: TestDatabase, patternId: string): Promise<string[]> {
  const rows = await database.query<{ id: string }>(
    `with errors as (
      insert into detected_errors (fingerprint, project_id, error_signature, error_template, error_type, error_message, status)
      select 'v1:' || n, 'project-' || n % 3, '3F000: schema $1 does not exist', 't', 'missing_schema', 'm', 'validating'
      from generate_series(1, $2::integer) as n returning id)
    insert into auto_fixes (detected_error_id, pattern_id, action_kind, action_group, action, target, tier, confidence, risk, status,
      reason, what_will_happen, rollback_point, probe, claim_number, lease_expires_at)
    select id, $1::uuid, 'create_schema', 'database', '{"kind": "create_schema"}', 'schema:x', 'learned', 0.8, 'medium', 'validating',
      'r', 'w', '{}', '{}', 7, now() + interval '10 minutes' from errors returning id`,
    [patternId, CLIENTS],
  );
  return rows.map(({ id }) => id);
}

Deno.test("conclude_fix() from sixty-four clients counts each fix once, for the shared pattern and for the project's own", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { id: patternId } = await upsertHealingPattern(
    contract.rpc,
    proposal({ id: "", claim_number: 0 }).pattern,
  );
  const fixes = await fixesToConclude(database, patternId);
  await Promise.all(fixes.map(async (fixId, place) => {
    await using own = await openContract(database);
    await own.rpc.call("conclude_fix", {
      p_fix_id: fixId,
      p_claim_number: 7,
      p_status: place % 4 === 0 ? "reverted" : "kept",
      p_verdict: { reason: "a test" },
    });
  }));
  const rows = await database.query(
    `select project_id <> '' as own, sum(success_count)::int as kept, sum(failure_count)::int as reverted, count(*)::int as patterns
     from universal_error_patterns group by 1 order by 1`,
  );
  assert.deepEqual(rows, [
    { own: false, kept: 48, reverted: 16, patterns: 1 },
    { own: true, kept: 48, reverted: 16, patterns: 3 },
  ]);
});
