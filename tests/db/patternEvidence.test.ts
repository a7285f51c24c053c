import assert from "node:assert/strict";
import {
  recordPatternEvidence,
  type RpcPort,
  upsertHealingPattern,
} from "../../supabase/functions/_shared/healingDb.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { openContract, proposal } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";

const { pattern } = proposal({ id: "", claim_number: 0 });

/** Exact values: the binomial tail for whole numbers, Beta(S+1, F+1) at one half; computed independently. */
const REFERENCES: readonly [successes: number, failures: number, probability: number][] = [
  [0, 0, 0.5],
  [2, 0, 0.125],
  [5, 0, 0.015625],
  [6, 0, 0.0078125],
  [8, 1, 0.0107421875],
  [9, 1, 0.005859375],
  [15, 5, 0.013301849365234375],
  // (C(31,28) + C(31,29) + C(31,30) + C(31,31)) / 2^31.
  [27, 3, 4_992 / 2 ** 31],
  [0, 6, 0.9921875],
];

async function record(
  rpc: RpcPort,
  patternId: string,
  outcomes: string,
): Promise<Awaited<ReturnType<typeof recordPatternEvidence>>> {
  let last = await upsertHealingPattern(rpc, pattern);
  for (const outcome of outcomes) {
    last = await recordPatternEvidence(rpc, {
      patternId,
      unit: crypto.randomUUID(),
      succeeded: outcome === "+",
    });
  }
  return last;
}

Deno.test("probability_below_half() meets the reference values to 1e-12", async () => {
  await using database = await createTestDatabase();
  for (const [successes, failures, expected] of REFERENCES) {
    const [row] = await database.query<{ p: number }>(
      "select healing_private.probability_below_half($1, $2) as p",
      [successes, failures],
    );
    assert.ok(Math.abs(row!.p - expected) < 1e-12, `${successes},${failures}: ${row!.p}`);
  }
});

Deno.test("record_pattern_evidence() trusts a pattern after six straight successes and not after five", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { id } = await upsertHealingPattern(contract.rpc, pattern);
  const five = await record(contract.rpc, id, "+++++");
  assert.equal(five.auto_fixable, false);
  const six = await record(contract.rpc, id, "+");
  assert.equal(six.auto_fixable, true);
  assert.ok(Math.abs(six.probability_ineffective - 0.009836) < 1e-6, String(six.probability_ineffective));
});

Deno.test("record_pattern_evidence() takes the right to act away after three failures in a row", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { id } = await upsertHealingPattern(contract.rpc, pattern);
  await record(contract.rpc, id, "+".repeat(30));
  assert.equal((await record(contract.rpc, id, "--")).auto_fixable, true);
  assert.equal((await record(contract.rpc, id, "-")).auto_fixable, false);
});

Deno.test("record_pattern_evidence() counts a unit of work once and refuses its other outcome", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { id } = await upsertHealingPattern(contract.rpc, pattern);
  const evidence = { patternId: id, unit: "order-1", succeeded: true };
  await recordPatternEvidence(contract.rpc, evidence);
  assert.equal((await recordPatternEvidence(contract.rpc, evidence)).success_count, 1);
  await assert.rejects(recordPatternEvidence(contract.rpc, { ...evidence, succeeded: false }), {
    code: "CONFLICT",
  });
  await assert.rejects(recordPatternEvidence(contract.rpc, { ...evidence, unit: "" }), {
    code: "BAD_REQUEST",
  });
});

Deno.test("record_pattern_evidence() from sixteen connections at once counts exactly", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { id } = await upsertHealingPattern(contract.rpc, pattern);
  await Promise.all(Array.from({ length: 16 }, async () => {
    const connection = await openDirectConnection(database.url);
    for (let unit = 0; unit < 10; unit++) {
      // Every unit is reported by all sixteen.
      await recordPatternEvidence(connection.rpc, { patternId: id, unit: `unit-${unit}`, succeeded: true });
    }
    await connection.close();
  }));
  const [stored] = await database.query("select success_count, failure_count from healing_patterns");
  assert.deepEqual(stored, { success_count: 10, failure_count: 0 });
});
