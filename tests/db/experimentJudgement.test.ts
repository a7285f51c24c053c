/** How an experiment ends: by evidence, by harm, by its size, by a person; and what follows from it. */

import assert from "node:assert/strict";
import {
  cancelExperiment,
  concludeExperiment,
  createFixExperiment,
  type DeploymentRequest,
  promoteVariant,
  recordVariantResult,
  tickExperiments,
} from "../../supabase/functions/_shared/fixExperiments.ts";
import {
  advanceExperiment,
  getExperimentMetrics,
  judgeStoredExperiment,
  recordPatternEvidence,
  type RpcPort,
} from "../../supabase/functions/_shared/healingDb.ts";
import {
  decideExperiment,
  type ExperimentDecision,
} from "../../supabase/functions/_shared/statistics.ts";
import { openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import {
  FIX_A,
  FIX_B,
  outcomesOf,
  readExperiment,
  recordOutcomes,
  startExperiment,
  storePattern,
} from "../helpers/experiments.ts";

const ADMIN = { app_metadata: { role: "admin" }, email: "ada@example.test" };

/** An experiment with these outcomes, judged once. */
async function judged(
  database: TestDatabase,
  rpc: RpcPort,
  a: [number, number],
  b: [number, number],
  options: Parameters<typeof startExperiment>[1] = {},
) {
  const id = await startExperiment(rpc, options);
  await recordOutcomes(database, id, outcomesOf(a, b));
  return await concludeExperiment(rpc, id);
}

async function patternOf(database: TestDatabase, id: string) {
  const [row] = await database.query(
    "select status, success_count, failure_count, auto_fixable from universal_error_patterns where id = $1",
    [id],
  );
  return row!;
}

async function count(database: TestDatabase, table: string, where = "true"): Promise<number> {
  const [row] = await database.query(`select count(*)::int as n from ${table} where ${where}`);
  return row!.n as number;
}

Deno.test("concludeExperiment() makes a challenger that wins first choice, with the evidence of its own arm", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const ended = await judged(database, contract.rpc, [32, 80], [64, 80]);
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
  assert.equal(await count(database, "healing_events", "event_type = 'experiment_concluded'"), 1);
  assert.equal(await count(database, "healing_events", "event_type = 'deployment_wanted'"), 1);
  assert.equal(await count(database, "notifications", "title like 'An experiment has ended: variant b won'"), 1);
});

Deno.test("a winner that works in half of the cases is first choice and still may not act alone", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const ended = await judged(database, contract.rpc, [8, 80], [40, 80]);
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
  const ended = await judged(database, contract.rpc, [12, 15], [3, 15]);
  assert.deepEqual([ended.experiment_status, ended.winning_variant, ended.sample_size], [
    "completed",
    null,
    30,
  ]);
  assert.match(String((ended.decision as { reason: string }).reason), /^b does harm/);
  assert.equal((await patternOf(database, ended.variant_b_pattern_id)).status, "retired");
  assert.equal(ended.first_choice_pattern_id, ended.variant_a_pattern_id);
  assert.equal(await count(database, "applied_improvements"), 0);
  assert.equal(ended.deployment_request, null);
  const pattern = ended.pattern_id;
  await assert.rejects(createFixExperiment(contract.rpc, pattern, FIX_A, FIX_B), {
    message: "A variant of the experiment is a retired pattern",
  });
});

Deno.test("concludeExperiment() keeps the incumbent when the size is reached, and when nothing is to be gained", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const size = await judged(database, contract.rpc, [25, 50], [27, 50], {
    maxN: 100,
    signature: "3F000: size",
  });
  const futile = await judged(database, contract.rpc, [95, 100], [90, 100], { signature: "3F000: futile" });
  const kinds = [size, futile].map(({ decision }) => (decision as { kind: string }).kind);
  assert.deepEqual(kinds, ["inconclusive", "keepA"]);
  for (const { winning_variant, first_choice_pattern_id, variant_a_pattern_id } of [size, futile]) {
    assert.equal(winning_variant, null);
    assert.equal(first_choice_pattern_id, variant_a_pattern_id);
  }
  assert.equal(await count(database, "universal_error_patterns", "status = 'retired'"), 0);
});

Deno.test("concludeExperiment() holds an experiment whose units are shared out wrongly, says so once, and goes on", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const held = await judged(database, contract.rpc, [180, 300], [90, 200]);
  assert.deepEqual([held.experiment_status, held.winning_variant], ["running", null]);
  assert.equal((held.decision as { kind: string }).kind, "hold");
  await concludeExperiment(contract.rpc, held.id);
  const [told] = await database.query("select occurrence_count from notifications where title like '%wrongly'");
  assert.deepEqual(told, { occurrence_count: 1 });
  // With a planned split of 60/40 the same counts are as they should be.
  const other = await judged(database, contract.rpc, [180, 300], [90, 200], {
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

Deno.test("conclude, cancel and promote are for people, who say why", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const id = await startExperiment(contract.rpc);
  const calls = [
    `select public.conclude_fix_experiment('${id}', 'b', 'a test')`,
    `select public.cancel_fix_experiment('${id}', 'a test')`,
    `select public.promote_experiment_variant('${id}', 'b', 'a test')`,
  ];
  for (const call of calls) {
    await assert.rejects(database.asRole("service_role", {}, (session) => session.query(call)), {
      code: "PT403",
    });
    await assert.rejects(database.asRole("authenticated", {}, (session) => session.query(call)), {
      code: "PT403",
    });
    await assert.rejects(database.asRole("anon", {}, (session) => session.query(call)), { code: "42501" });
  }
  await assert.rejects(concludeExperiment(contract.rpc, id, { winner: "b", reason: " " }), {
    code: "BAD_REQUEST",
  });
  await assert.rejects(cancelExperiment(contract.rpc, id, ""), { code: "BAD_REQUEST" });
  await assert.rejects(concludeExperiment(contract.rpc, id, { winner: "c" as never, reason: "x" }), {
    code: "BAD_REQUEST",
  });
  await assert.rejects(promoteVariant(contract.rpc, id, { variant: "b", reason: "too early" }), {
    code: "CONFLICT",
  });
  assert.equal((await readExperiment(database, id)).experiment_status, "running");
  await database.asRole("authenticated", ADMIN, (session) => session.query(calls[0]!));
  const ended = await readExperiment(database, id);
  assert.deepEqual([ended.experiment_status, ended.winning_variant, ended.ended_by], [
    "completed",
    "b",
    "ada@example.test",
  ]);
  assert.equal((ended.decision as { reason: string }).reason, "concluded by ada@example.test: a test");
  await assert.rejects(concludeExperiment(contract.rpc, id, { winner: "a", reason: "again" }), {
    code: "CONFLICT",
  });
});

Deno.test("cancelExperiment() leaves no winner and no evidence, and the error is free for another experiment", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const id = await startExperiment(contract.rpc);
  await recordOutcomes(database, id, outcomesOf([2, 20], [19, 20]));
  await advanceExperiment(contract.rpc, id);
  const cancelled = await cancelExperiment(contract.rpc, id, "the wrong fix");
  assert.deepEqual([cancelled.experiment_status, cancelled.winning_variant], ["cancelled", null]);
  assert.equal(await count(database, "universal_error_patterns", "success_count + failure_count > 0"), 0);
  assert.notEqual(await startExperiment(contract.rpc), id);
});

Deno.test("promoteVariant() takes a promotion back and makes it again, and the improvement follows", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  const { id, variant_a_pattern_id: a, variant_b_pattern_id: b } = await judged(database, rpc, [32, 80], [
    64,
    80,
  ]);
  const states = async () =>
    (await database.query("select status from applied_improvements order by applied_at")).map((row) =>
      row.status
    );
  const back = await promoteVariant(rpc, id, { variant: "a", reason: "users complain" });
  assert.deepEqual([back.first_choice_pattern_id, back.deployment_request, await states()], [a, null, [
    "rolled_back",
  ]]);
  const again = await promoteVariant(rpc, id, { variant: "b", reason: "they were wrong" });
  assert.deepEqual([again.first_choice_pattern_id, await states()], [b, ["rolled_back", "in_force"]]);
});

Deno.test("a later experiment that keeps the earlier winner leaves its improvement in force", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  const first = await judged(database, rpc, [32, 80], [64, 80]);
  const { id } = await createFixExperiment(rpc, first.pattern_id, FIX_B, FIX_A, { maturitySeconds: 0 });
  await recordOutcomes(database, id, outcomesOf([12, 15], [3, 15]));
  await concludeExperiment(rpc, id);
  assert.equal(await count(database, "applied_improvements", "status = 'in_force'"), 1);
});

Deno.test("tickExperiments() judges each experiment by itself: a broken one takes no other with it", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const broken = await startExperiment(contract.rpc, { signature: "3F000: broken" });
  const sound = await startExperiment(contract.rpc, { signature: "3F000: sound" });
  await recordOutcomes(database, sound, outcomesOf([32, 80], [64, 80]));
  await database.query("update fix_experiments set e_process = '{\"a\": 1}' where id = $1", [broken]);
  await recordOutcomes(database, broken, outcomesOf([1, 2], [1, 2]));
  const tick = await tickExperiments(contract.rpc);
  assert.equal(tick.experiments_judged, 1);
  assert.equal(tick.experiments_concluded, 1);
  assert.equal(tick.improvements_deployed, 1);
  assert.equal(tick.failures.length, 1);
  assert.ok(tick.failures[0]!.startsWith(broken));
});

Deno.test("tickExperiments() asks for a winner's deployment once, again after a failure, and never against the switches", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  const { id } = await judged(database, rpc, [32, 80], [64, 80]);
  const asked: DeploymentRequest[] = [];
  let isDown = true;
  const deployments = {
    request(wanted: DeploymentRequest) {
      asked.push(wanted);
      return isDown ? Promise.reject(new Error("nobody answers")) : Promise.resolve();
    },
  };
  await tickExperiments(rpc, { deployments });
  assert.equal(asked.length, 0, "deployments are only suggested");
  await setSetting(rpc, "mode_deployment", "auto");
  const failed = await tickExperiments(rpc, { deployments });
  assert.deepEqual(failed.failures, [`deployment of ${id}: nobody answers`]);
  assert.equal(failed.auto_redeploys_triggered, 0);
  isDown = false;
  await tickExperiments(rpc, { deployments });
  assert.equal(asked.length, 1, "its lease still holds");
  await database.query("update fix_experiments set deployment_lease_expires_at = now() - interval '1 second'");
  assert.equal((await tickExperiments(rpc, { deployments })).auto_redeploys_triggered, 1);
  await tickExperiments(rpc, { deployments });
  assert.deepEqual(asked.map(({ key }) => key), Array(2).fill(`experiment:${id}`));
  assert.deepEqual(asked[1]!.changes, {
    error_signature: "3F000: schema $1 does not exist",
    from: FIX_A,
    to: FIX_B,
  });
});

Deno.test("get_experiment_metrics() tells the four figures, and admins read the running experiments with their reason", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  assert.deepEqual(await getExperimentMetrics(contract.rpc), {
    experiments_running: 0,
    winning_variant_deployments: 0,
    statistical_confidence: 0,
    auto_redeploys_triggered: 0,
  });
  await judged(database, contract.rpc, [32, 80], [64, 80]);
  await judged(database, contract.rpc, [8, 10], [2, 10], { signature: "3F000: runs" });
  const metrics = await getExperimentMetrics(contract.rpc);
  assert.deepEqual([metrics.experiments_running, metrics.winning_variant_deployments], [1, 1]);
  assert.ok(metrics.statistical_confidence > 0.95 && metrics.statistical_confidence < 1);
  const read = (claims: Record<string, unknown>) =>
    database.asRole("authenticated", claims, (session) => session.query("select * from running_experiments"));
  const [running] = await read(ADMIN);
  assert.equal(running!.error_signature, "3F000: runs");
  assert.deepEqual([running!.variant_a_n, running!.variant_b_n], [10, 10]);
  assert.deepEqual([running!.variant_a_success_rate, running!.variant_b_success_rate], [0.8, 0.2]);
  assert.ok(Math.abs(running!.e_value as number - 4.43943166) < 1e-8);
  assert.match(String(running!.reason), /^no rule holds yet: e-value 4.439 with 10 and 10 outcomes/);
  assert.deepEqual(await read({}), []);
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
