/** The engine's cycle over all experiments: each by itself, deployments asked for once, and figures that admins read. */

import assert from "node:assert/strict";
import { ensembleDecision, recordEnsembleTruth } from "../../supabase/functions/_shared/ensembleLearning.ts";
import {
  type DeploymentRequest,
  recordVariantAssignment,
  recordVariantResult,
  tickExperiments,
} from "../../supabase/functions/_shared/fixExperiments.ts";
import {
  claimExperimentDeployments,
  finishExperimentDeployment,
  getExperimentForError,
  getExperimentMetrics,
} from "../../supabase/functions/_shared/engineDb.ts";
import { captureErrors, type RpcPort } from "../../supabase/functions/_shared/healingDb.ts";
import { isStatisticallySignificant } from "../../supabase/functions/_shared/statisticalValidation.ts";
import { occurrence, openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";
import {
  FIX_A,
  FIX_B,
  judgedExperiment,
  outcomesOf,
  passTime,
  readExperiment,
  recordOutcomes,
  startExperiment,
  unitOf,
} from "../helpers/experiments.ts";

const ADMIN = { app_metadata: { role: "admin" }, email: "ada@example.test" };

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
  const { id } = await judgedExperiment(database, rpc, [32, 80], [64, 80]);
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
  await database.query(
    "update fix_experiments set deployment_lease_expires_at = now() - interval '1 second'",
  );
  assert.equal((await tickExperiments(rpc, { deployments })).auto_redeploys_triggered, 1);
  await tickExperiments(rpc, { deployments });
  assert.deepEqual(asked.map(({ key }) => key), Array(2).fill(`experiment:${id}`));
  assert.deepEqual(asked[1]!.changes, {
    error_signature: "3F000: schema $1 does not exist",
    from: FIX_A,
    to: FIX_B,
  });
});

Deno.test("tickExperiments() forgets the units of experiments that ended long ago, and of no other", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const old = await judgedExperiment(database, contract.rpc, [32, 80], [64, 80]);
  const recent = await judgedExperiment(database, contract.rpc, [32, 80], [64, 80], {
    signature: "3F000: new",
  });
  const running = await judgedExperiment(database, contract.rpc, [8, 10], [2, 10], {
    signature: "3F000: run",
  });
  await database.query(
    "update fix_experiments set started_at = now() - interval '40 days', concluded_at = now() - interval '31 days' where id = $1",
    [old.id],
  );
  await tickExperiments(contract.rpc);
  const rows = await database.query(
    "select experiment_id as id, count(*)::int as n from experiment_results group by 1",
  );
  assert.deepEqual(
    new Map(rows.map(({ id, n }) => [id, n])),
    new Map([[recent.id, 160], [running.id, 20]]),
  );
  assert.equal((await readExperiment(database, old.id)).sample_size, old.sample_size);
});

Deno.test("the service role may do all that a function does with experiments, votes and patterns", async () => {
  await using database = await createTestDatabase();
  const rpc: RpcPort = { call: (name, args) => database.rpc(name, args) };
  const id = await startExperiment(rpc, { maturitySeconds: 3_600 });
  const unit = unitOf(id, "b");
  await recordVariantAssignment(rpc, id, "b", unit);
  await recordVariantResult(rpc, id, "b", true, { unit });
  await captureErrors(rpc, [occurrence()]);
  const [error] = await database.query<{ id: string }>("select id from detected_errors");
  assert.equal((await getExperimentForError(rpc, error!.id))?.running?.id, id);
  await passTime(database, 3_600);
  assert.equal((await tickExperiments(rpc)).experiments_judged, 1);
  assert.deepEqual(await claimExperimentDeployments(rpc), []);
  assert.equal(await finishExperimentDeployment(rpc, id), false);
  const fixes = [{ voter: "rules", action: FIX_B }];
  const decision = await ensembleDecision(rpc, fixes, { unit: "error-1" });
  assert.equal((await recordEnsembleTruth(rpc, decision.id, decision.ranking[0]!.key, true)).recorded, true);
  const [pattern] = await database.query<{ id: string }>("select id from universal_error_patterns limit 1");
  assert.equal(await isStatisticallySignificant(rpc, pattern!.id), false);
  const [running] = await database.asRole(
    "service_role",
    {},
    (session) => session.query("select variant_b_n, e_value from running_experiments"),
  );
  assert.deepEqual(running, { variant_b_n: 1, e_value: 1 });
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
  await judgedExperiment(database, contract.rpc, [32, 80], [64, 80]);
  await judgedExperiment(database, contract.rpc, [8, 10], [2, 10], { signature: "3F000: runs" });
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
