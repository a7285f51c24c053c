/** What people decide about experiments: who may, with which reason, and that it can be taken back. */

import assert from "node:assert/strict";
import {
  cancelExperiment,
  concludeExperiment,
  createFixExperiment,
  promoteVariant,
} from "../../supabase/functions/_shared/fixExperiments.ts";
import { advanceExperiment } from "../../supabase/functions/_shared/engineDb.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";
import {
  countRows,
  FIX_A,
  FIX_B,
  judgedExperiment,
  outcomesOf,
  readExperiment,
  recordOutcomes,
  startExperiment,
} from "../helpers/experiments.ts";

const ADMIN = { app_metadata: { role: "admin" }, email: "ada@example.test" };

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
  assert.equal(await countRows(database, "universal_error_patterns", "success_count + failure_count > 0"), 0);
  assert.notEqual(await startExperiment(contract.rpc), id);
});

Deno.test("promoteVariant() takes a promotion back and makes it again, and the improvement follows", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  const { id, variant_a_pattern_id: a, variant_b_pattern_id: b } = await judgedExperiment(database, rpc, [
    32,
    80,
  ], [
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
  const first = await judgedExperiment(database, rpc, [32, 80], [64, 80]);
  const { id } = await createFixExperiment(rpc, first.pattern_id, FIX_B, FIX_A, { maturitySeconds: 0 });
  await recordOutcomes(database, id, outcomesOf([12, 15], [3, 15]));
  await concludeExperiment(rpc, id);
  assert.equal(await countRows(database, "applied_improvements", "status = 'in_force'"), 1);
});
