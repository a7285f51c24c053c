/** How an experiment ends by evidence, by harm or by its size, and what follows from it. */

import assert from "node:assert/strict";
import {
  concludeExperiment,
  createFixExperiment,
  recordVariantResult,
  tickExperiments,
} from "../../supabase/functions/_shared/fixExperiments.ts";
import { advanceExperiment, judgeStoredExperiment } from "../../supabase/functions/_shared/engineDb.ts";
import { recordPatternEvidence } from "../../supabase/functions/_shared/healingDb.ts";
import { decideExperiment, type ExperimentDecision } from "../../supabase/functions/_shared/statistics.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import {
  countRows,
  FIX_A,
  FIX_B,
  judgedExperiment,
  outcomesOf,
  readExperiment,
  recordOutcomes,
  startExperiment,
  storePattern,
} from "../helpers/experiments.ts";

async function patternOf(database: TestDatabase, id: string) {
  const [row] = await database.query(
    "select status, success_count, failure_count, auto_fixable from universal_error_patterns where id = $1",
    [id],
  );
  return row!;
}

Deno.test("concludeExperiment() makes a challenger that wins first choice, with the evidence of its own arm", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const ended = await judgedExperiment(database, contract.rpc, [32, 80], [64, 80]);
  assert.deepEqual([ended.experiment_status, ended.winning_variant, ended.ended_by], [
    "completed",
    "b",
    "system",
  ]);
  assert.equal(ended.first_choice_pattern_id, ended.variant_b_pattern_id);
  assert.match(String((ended.decision as { reason: string }).reason), /^b is better: e-value .* reached 20/);
  assert.deepEqual(await patternOf(database, ended.variant_b_pattern_id), {
    status: "active",
    success_count: 64,
    failure_count: 16,
    auto_fixable: true,
  });
  assert.deepEqual(await patternOf(database, ended.variant_a_pattern_id), {
    status: "active",
    success_count: 32,
    failure_count: 48,
    auto_fixable: false,
  });
  const improvements = await database.query(
    "select action_kind, status, auto_fix_id, fix_experiment_id, rollback_point from applied_improvements",
  );
  assert.deepEqual(improvements, [{
    action_kind: "retry",
    status: "in_force",
    auto_fix_id: null,
    fix_experiment_id: ended.id,
    rollback_point: { first_choice_pattern_id: ended.variant_a_pattern_id },
  }]);
  assert.equal(await countRows(database, "healing_events", "event_type = 'experiment_concluded'"), 1);
  assert.equal(await countRows(database, "healing_events", "event_type = 'deployment_wanted'"), 1);
  assert.equal(
    await countRows(database, "notifications", "title like 'An experiment has ended: variant b won'"),
    1,
  );
});

Deno.test("a winner that works in half of the cases is first choice and still may not act alone", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const ended = await judgedExperiment(database, contract.rpc, [8, 80], [40, 80]);
  assert.equal(ended.winning_variant, "b");
  const [b] = await database.query(
    "select auto_fixable, confidence_score < 0.7 as is_low from universal_error_patterns where id = $1",
    [ended.variant_b_pattern_id],
  );
  assert.deepEqual(b, { auto_fixable: false, is_low: true });
});

Deno.test("concludeExperiment() stops a challenger that does harm before it has thirty outcomes, and retires it", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const ended = await judgedExperiment(database, contract.rpc, [12, 15], [3, 15]);
  assert.deepEqual([ended.experiment_status, ended.winning_variant, ended.sample_size], [
    "completed",
    null,
    30,
  ]);
  assert.match(String((ended.decision as { reason: string }).reason), /^b does harm/);
  assert.equal((await patternOf(database, ended.variant_b_pattern_id)).status, "retired");
  assert.equal(ended.first_choice_pattern_id, ended.variant_a_pattern_id);
  assert.equal(await countRows(database, "applied_improvements"), 0);
  assert.equal(ended.deployment_request, null);
  const pattern = ended.pattern_id;
  await assert.rejects(createFixExperiment(contract.rpc, pattern, FIX_A, FIX_B), {
    message: "A variant of the experiment is a retired pattern",
  });
});

Deno.test("concludeExperiment() keeps the incumbent when the size is reached, and when nothing is to be gained", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const size = await judgedExperiment(database, contract.rpc, [25, 50], [27, 50], {
    maxN: 100,
    signature: "3F000: size",
  });
  const futile = await judgedExperiment(database, contract.rpc, [95, 100], [90, 100], {
    signature: "3F000: futile",
  });
  const kinds = [size, futile].map(({ decision }) => (decision as { kind: string }).kind);
  assert.deepEqual(kinds, ["inconclusive", "keepA"]);
  for (const { winning_variant, first_choice_pattern_id, variant_a_pattern_id } of [size, futile]) {
    assert.equal(winning_variant, null);
    assert.equal(first_choice_pattern_id, variant_a_pattern_id);
  }
  assert.equal(await countRows(database, "universal_error_patterns", "status = 'retired'"), 0);
});

Deno.test("concludeExperiment() holds an experiment whose units are shared out wrongly, says so once, and goes on", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const held = await judgedExperiment(database, contract.rpc, [180, 300], [90, 200]);
  assert.deepEqual([held.experiment_status, held.winning_variant], ["running", null]);
  assert.equal((held.decision as { kind: string }).kind, "hold");
  await concludeExperiment(contract.rpc, held.id);
  const [told] = await database.query(
    "select occurrence_count from notifications where title like '%wrongly'",
  );
  assert.deepEqual(told, { occurrence_count: 1 });
  // With a planned split of 60/40 the same counts are as they should be.
  const other = await judgedExperiment(database, contract.rpc, [180, 300], [90, 200], {
    shareOfB: 0.4,
    signature: "3F000: other",
  });
  assert.notEqual((other.decision as { kind: string }).kind, "hold");
});

Deno.test("judge_fix_experiment() takes no decision on an older state, and none that the stored outcomes do not bear", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  const id = await startExperiment(rpc);
  await recordOutcomes(database, id, outcomesOf([20, 40], [20, 40]));
  const stored = await advanceExperiment(rpc, id);
  const decision = decideExperiment(stored.e_process, { maxN: 1_000 });
  const forged = (change: object) => ({ ...decision, ...change }) as ExperimentDecision;
  for (
    const change of [
      { kind: "winner", winner: "b" },
      { kind: "winner", winner: "a" },
      { kind: "winner" },
      { kind: "stopB" },
      { kind: "inconclusive" },
      { kind: "keepA" },
    ]
  ) {
    await assert.rejects(judgeStoredExperiment(rpc, stored, forged(change)), { code: "CONFLICT" });
  }
  for (const change of [{ kind: "promote" }, { kind: null }, { reason: null }]) {
    await assert.rejects(judgeStoredExperiment(rpc, stored, forged(change)), { code: "BAD_REQUEST" });
  }
  await recordOutcomes(database, id, outcomesOf([1, 1], [0, 0]));
  await advanceExperiment(rpc, id);
  assert.equal((await judgeStoredExperiment(rpc, stored, decision)).taken, false);
  assert.equal((await readExperiment(database, id)).decision, null);
});

Deno.test("evidence of an experiment is counted once, also when its pattern had evidence of its own", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const pattern = await storePattern(contract.rpc);
  await recordPatternEvidence(contract.rpc, { patternId: pattern.id, unit: "before", succeeded: true });
  const id = await startExperiment(contract.rpc);
  for (let i = 0; i < 15; i++) {
    await recordVariantResult(contract.rpc, id, "a", i < 12);
    await recordVariantResult(contract.rpc, id, "b", i < 3);
  }
  await Promise.all([1, 2, 3].map(() => tickExperiments(contract.rpc)));
  assert.deepEqual(await patternOf(database, pattern.id), {
    status: "active",
    success_count: 13,
    failure_count: 3,
    auto_fixable: false,
  });
});
