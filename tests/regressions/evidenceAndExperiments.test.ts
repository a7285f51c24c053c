/** What a review of learning found: forged units, variants that are lost while they are tried, and what follows from it. */

import assert from "node:assert/strict";
import {
  concludeExperiment,
  createFixExperiment,
  tickExperiments,
} from "../../supabase/functions/_shared/fixExperiments.ts";
import { getExperimentForError } from "../../supabase/functions/_shared/engineDb.ts";
import { captureErrors, recordPatternEvidence } from "../../supabase/functions/_shared/healingDb.ts";
import { ensembleDecision } from "../../supabase/functions/_shared/ensembleLearning.ts";
import { occurrence, openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { engineOf, MISSING_FUNCTION, prepared } from "../helpers/engine.ts";
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

Deno.test("record_pattern_evidence() leaves the units of fixes and experiments to those: a forged one would block their verdict", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const pattern = await storePattern(contract.rpc);
  for (const unit of ["fix:5f4e3d2c-1b0a-4998-8776-655443322110", "experiment:x:y"]) {
    await assert.rejects(
      recordPatternEvidence(contract.rpc, { patternId: pattern.id, unit, succeeded: false }),
      { code: "BAD_REQUEST" },
    );
    await assert.rejects(
      database.rpc("update_pattern_stats", {
        p_pattern_id: pattern.id,
        p_project_id: "",
        p_unit: unit,
        p_succeeded: false,
      }, "service_role"),
      { code: "PT400" },
    );
  }
  const [row] = await database.query("select failure_count from universal_error_patterns");
  assert.equal(row!.failure_count, 0);
});

for (
  const [what, sql] of [
    [
      "retired",
      "update universal_error_patterns set status = 'retired', retired_because = 'bad' where id = $1",
    ],
    ["demoted", "select demote_pattern($1, 'it has done harm elsewhere')"],
  ] as const
) {
  Deno.test(`tickExperiments() ends an experiment whose challenger is ${what} meanwhile, however good it looks`, async () => {
    await using database = await createTestDatabase();
    await using contract = await openContract(database);
    const id = await startExperiment(contract.rpc);
    await recordOutcomes(database, id, outcomesOf([32, 80], [64, 80]));
    const { errors } = await captureErrors(contract.rpc, [
      occurrence({ error_signature: "3F000: schema $1 does not exist" }),
    ]);
    assert.equal((await getExperimentForError(contract.rpc, errors[0]!.id))?.running?.id, id);
    const { variant_b_pattern_id } = await readExperiment(database, id);
    await database.query(sql, [variant_b_pattern_id]);
    assert.equal((await getExperimentForError(contract.rpc, errors[0]!.id))?.running, null);
    const tick = await tickExperiments(contract.rpc);
    assert.deepEqual(tick.failures, []);
    const ended = await readExperiment(database, id);
    assert.deepEqual([ended.experiment_status, ended.winning_variant, ended.ended_by], [
      "cancelled",
      null,
      "system",
    ]);
    assert.match(String((ended.decision as { reason: string }).reason), new RegExp(`variant b .* ${what}`));
    assert.equal(await countRows(database, "healing_events", "event_type = 'deployment_wanted'"), 0);
    assert.equal(await countRows(database, "notifications", "dedupe_key like 'experiment:%'"), 1);
  });
}

Deno.test("create_fix_experiment() refuses a variant that a person has demoted", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const pattern = await storePattern(contract.rpc);
  await database.query("select demote_pattern($1, 'no')", [pattern.id]);
  await assert.rejects(createFixExperiment(contract.rpc, pattern, FIX_A, FIX_B), { code: "CONFLICT" });
});

Deno.test("an experiment that stops its challenger says so in the history of that pattern", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const ended = await judgedExperiment(database, contract.rpc, [12, 15], [3, 15]);
  const history = await database.query(
    "select change, actor, status_now from pattern_trust_history where pattern_id = $1 and change = 'retired'",
    [ended.variant_b_pattern_id],
  );
  assert.deepEqual(history, [{ change: "retired", actor: "system", status_now: "retired" }]);
  const [pattern] = await database.query(
    "select retired_because from universal_error_patterns where id = $1",
    [ended.variant_b_pattern_id],
  );
  assert.equal(pattern!.retired_because, "bad");
});

Deno.test("promote_experiment_variant() brings back a winner that maintenance has put away", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const ended = await judgedExperiment(database, contract.rpc, [32, 80], [64, 80]);
  await database.query(
    "update universal_error_patterns set last_used_at = now() - interval '400 days', created_at = now() - interval '400 days'",
  );
  await database.query("select maintain_patterns()");
  await database.query("select promote_experiment_variant($1, 'b', 'needed again')", [ended.id]);
  const [pattern] = await database.query(
    "select status, retired_because from universal_error_patterns where id = $1",
    [ended.variant_b_pattern_id],
  );
  assert.deepEqual(pattern, { status: "active", retired_because: null });
  assert.equal(await countRows(database, "pattern_changes", "change = 'revived'"), 1);
});

Deno.test("create_fix_experiment() locks the patterns of its variants in one order, whichever is the challenger", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const pattern = await storePattern(contract.rpc);
  const fixes = ["alpha", "beta"].map((schema) => ({ kind: "create_schema", schema }));
  const contracts = await Promise.all(Array.from({ length: 8 }, () => openContract(database)));
  try {
    for (let round = 0; round < 10; round++) {
      const made = await Promise.allSettled(contracts.map(({ rpc }, client) => {
        const [a, b] = client % 2 === 0 ? fixes : fixes.toReversed();
        return createFixExperiment(rpc, pattern, a!, b!);
      }));
      const created = made.filter(({ status }) => status === "fulfilled");
      for (const one of made) {
        if (one.status === "rejected") assert.equal(one.reason.code, "CONFLICT", one.reason);
      }
      assert.equal(created.length, 1);
      await database.query("delete from fix_experiments");
      await database.query("delete from universal_error_patterns where id <> $1", [pattern.id]);
    }
  } finally {
    await Promise.all(contracts.map((one) => one[Symbol.asyncDispose]()));
  }
  const [row] = await database.query(
    "select deadlocks::int as deadlocks from pg_stat_database where datname = current_database()",
  );
  assert.equal(row!.deadlocks, 0);
});

Deno.test("create_fix_experiment() does not wait for the end of the experiment that runs: its end waits for the same patterns", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const id = await startExperiment(contract.rpc);
  const { pattern_id } = await readExperiment(database, id);
  const ending = await database.connect();
  await ending.query("begin");
  await ending.query("select conclude_fix_experiment($1, 'b', 'a test')", [id]);
  const starting = await database.connect();
  await starting.query("set lock_timeout = '5s'");
  await assert.rejects(
    starting.query("select create_fix_experiment($1)", [{
      pattern_id,
      fix_variant_a: FIX_A,
      fix_variant_b: FIX_B,
      max_n: 100,
    }]),
    { code: "PT409" },
  );
  await ending.query("commit");
});

Deno.test("an experiment whose kinds are switched off, or under the kill switch, gets no units and makes nobody lose", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await using engine = engineOf(database, contract);
  const id = await startExperiment(contract.rpc, { signature: "42883: function $1 does not exist" });
  for (const [key, value] of [["mode_database", "off"], ["mode_call", "off"], ["enabled", false]] as const) {
    await setSetting(contract.rpc, key, value);
    await captureErrors(
      contract.rpc,
      Array.from(
        { length: 6 },
        (_, index) => occurrence({ ...MISSING_FUNCTION, fingerprint: `v2:${key}:${index}` }),
      ),
    );
    await engine.detectAndHeal();
  }
  assert.deepEqual((await tickExperiments(contract.rpc)).failures, []);
  const { experiment_status, sample_size } = await readExperiment(database, id);
  assert.deepEqual([experiment_status, sample_size, await countRows(database, "experiment_results")], [
    "running",
    0,
    0,
  ]);
});

Deno.test("ensembleDecision() gives one voter under twenty names what it gives one, judged together or never", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const names = Array.from({ length: 20 }, (_, index) => `model-${index}`);
  const confidence = async (unit: string, voters: readonly string[]) => {
    const fixes = voters.map((voter) => ({ voter, action: { kind: "create_schema", schema: "shop" } }));
    return (await ensembleDecision(contract.rpc, fixes, { unit })).ranking[0]!.confidence;
  };
  assert.equal(await confidence("unknown", names), 0.5);
  await database.query(
    "insert into ensemble_voters (voter, right_count, wrong_count) select name, 8, 3 from unnest($1::text[]) as name",
    [names],
  );
  const alone = await confidence("one", names.slice(0, 1));
  assert.ok(Math.abs(await confidence("twenty", names) - alone) < 1e-12);
});

Deno.test("concludeExperiment() refuses nobody for a pattern that is deleted meanwhile: the experiment goes with it", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const id = await startExperiment(contract.rpc);
  const { variant_b_pattern_id } = await readExperiment(database, id);
  await database.query("delete from universal_error_patterns where id = $1", [variant_b_pattern_id]);
  await assert.rejects(concludeExperiment(contract.rpc, id), { code: "NOT_FOUND" });
  assert.deepEqual((await tickExperiments(contract.rpc)).failures, []);
});
