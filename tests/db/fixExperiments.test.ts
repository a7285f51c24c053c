/** The life of an experiment: what may be started, recorded and counted, and what is refused without a trace. */

import assert from "node:assert/strict";
import {
  createFixExperiment,
  recordVariantAssignment,
  recordVariantResult,
  routeToVariant,
} from "../../supabase/functions/_shared/fixExperiments.ts";
import { advanceExperiment } from "../../supabase/functions/_shared/engineDb.ts";
import { createEProcess } from "../../supabase/functions/_shared/statistics.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import {
  FIX_A,
  FIX_B,
  passTime,
  readExperiment,
  startExperiment,
  storePattern,
  unitOf,
} from "../helpers/experiments.ts";

const HOUR = { maturitySeconds: 3_600 };

/** Everything that an experiment could change. */
function everything(database: TestDatabase): Promise<unknown[]> {
  return database.query(
    `select (select jsonb_agg(e order by id) from fix_experiments as e) as experiments,
       (select jsonb_agg(r order by id) from experiment_results as r) as results,
       (select jsonb_agg(p order by id) from universal_error_patterns as p) as patterns,
       (select count(*) from healing_events) as events`,
  );
}

Deno.test("createFixExperiment() starts one experiment an error, with a pattern for each fix", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const pattern = await storePattern(contract.rpc);
  const { id } = await createFixExperiment(contract.rpc, pattern, FIX_A, FIX_B);
  const stored = await readExperiment(database, id);
  assert.equal(stored.experiment_status, "running");
  assert.equal(stored.variant_a_pattern_id, pattern.id);
  assert.equal(stored.first_choice_pattern_id, pattern.id);
  assert.deepEqual([stored.max_n, stored.share_of_b], [1_194, 0.5]);
  // Three days for watching, and one for an engine that was down.
  assert.equal(stored.maturity_seconds, 4 * 86_400);
  const [b] = await database.query(
    "select error_signature, fix_strategy, confidence_score from universal_error_patterns where id = $1",
    [
      stored.variant_b_pattern_id,
    ],
  );
  assert.deepEqual(b, {
    error_signature: pattern.error_signature,
    fix_strategy: FIX_B,
    confidence_score: 0.5,
  });
  const before = await everything(database);
  // The other pattern of the same error is the same error.
  for (const same of [pattern, stored.variant_b_pattern_id]) {
    await assert.rejects(createFixExperiment(contract.rpc, same, FIX_A, FIX_B), { code: "CONFLICT" });
  }
  assert.deepEqual(await everything(database), before);
});

Deno.test("createFixExperiment() from sixteen callers at once starts exactly one", async () => {
  await using database = await createTestDatabase();
  const contracts = await Promise.all(Array.from({ length: 16 }, () => openContract(database)));
  const pattern = await storePattern(contracts[0]!.rpc);
  const started = await Promise.allSettled(
    contracts.map(({ rpc }) => createFixExperiment(rpc, pattern, FIX_A, FIX_B)),
  );
  await Promise.all(contracts.map((contract) => contract[Symbol.asyncDispose]()));
  assert.equal(started.filter(({ status }) => status === "fulfilled").length, 1);
  const codes = started.flatMap((one) => one.status === "rejected" ? [one.reason.code] : []);
  assert.deepEqual(new Set(codes), new Set(["CONFLICT"]));
});

Deno.test("createFixExperiment() refuses what is no fix, no pattern or no sensible plan, and changes nothing", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  const pattern = await storePattern(rpc);
  const retired = await storePattern(rpc, "3F000: retired");
  await database.query("update universal_error_patterns set status = 'retired' where id = $1", [retired.id]);
  const before = await everything(database);
  const attempts: [string, Promise<unknown>][] = [
    ["FIX_REFUSED", createFixExperiment(rpc, pattern, FIX_A, { kind: "run_sql", sql: "drop table x" })],
    ["FIX_REFUSED", createFixExperiment(rpc, pattern, FIX_A, { kind: "create_schema", schema: "a b; drop" })],
    ["FIX_REFUSED", createFixExperiment(rpc, pattern, FIX_A, { ...FIX_B, also: "this" })],
    ["FIX_REFUSED", createFixExperiment(rpc, pattern, null as never, FIX_B)],
    ["BAD_REQUEST", createFixExperiment(rpc, pattern, FIX_A, FIX_A)],
    ["BAD_REQUEST", createFixExperiment(rpc, pattern, FIX_A, FIX_B, { shareOfB: 1 })],
    ["BAD_REQUEST", createFixExperiment(rpc, pattern, FIX_A, FIX_B, { shareOfB: -0.1 })],
    ["BAD_REQUEST", createFixExperiment(rpc, pattern, FIX_A, FIX_B, { maxN: 0 })],
    ["BAD_REQUEST", createFixExperiment(rpc, pattern, FIX_A, FIX_B, { maxN: Number.NaN })],
    ["BAD_REQUEST", createFixExperiment(rpc, pattern, FIX_A, FIX_B, { maturitySeconds: -1 })],
    ["NOT_FOUND", createFixExperiment(rpc, crypto.randomUUID(), FIX_A, FIX_B)],
    ["NOT_FOUND", createFixExperiment(rpc, retired, FIX_A, FIX_B)],
    [
      "FIX_REFUSED",
      rpc.call("create_fix_experiment", {
        p_experiment: {
          pattern_id: pattern.id,
          fix_variant_a: FIX_A,
          fix_variant_b: { kind: "run_sql" },
          max_n: 100,
        },
      }),
    ],
  ];
  for (const [index, [code, attempt]] of attempts.entries()) {
    await assert.rejects(attempt, { code }, `attempt ${index}`);
  }
  assert.deepEqual(await everything(database), before);
});

Deno.test("recordVariantResult() takes one outcome a unit, and the documented calls work as they are written", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const id = await startExperiment(contract.rpc, HOUR);
  const unit = "order-1";
  const variant = await routeToVariant(id, unit);
  assert.equal((await recordVariantResult(contract.rpc, id, variant, true, { unit })).recorded, true);
  const before = await everything(database);
  assert.equal((await recordVariantResult(contract.rpc, id, variant, true, { unit })).recorded, false);
  await assert.rejects(recordVariantResult(contract.rpc, id, variant, false, { unit }), {
    code: "CONFLICT",
    message: "Unit order-1 was already recorded with the other outcome",
  });
  assert.deepEqual(await everything(database), before);
  const own = [
    await recordVariantResult(contract.rpc, id, "a", true),
    await recordVariantResult(contract.rpc, id, "b", true),
  ];
  assert.notEqual(own[0]!.unit, own[1]!.unit);
  assert.deepEqual(await database.query("select count(*)::int as n from experiment_results"), [{ n: 3 }]);
});

Deno.test("recordVariantResult() refuses what makes no sense with a code, and changes nothing", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  const id = await startExperiment(rpc, HOUR);
  const ended = await startExperiment(rpc, { ...HOUR, signature: "3F000: another" });
  await database.query("select cancel_fix_experiment($1, 'a test')", [ended]);
  const unit = unitOf(id, "a");
  const before = await everything(database);
  const attempts: [string, Promise<unknown>][] = [
    ["CONFLICT", recordVariantResult(rpc, id, "b", true, { unit })],
    ["CONFLICT", recordVariantAssignment(rpc, id, "b", unit)],
    ["BAD_REQUEST", recordVariantResult(rpc, id, "c" as never, true, { unit })],
    ["BAD_REQUEST", recordVariantResult(rpc, id, null as never, true)],
    ["BAD_REQUEST", recordVariantResult(rpc, id, "a", null as never, { unit })],
    ["BAD_REQUEST", recordVariantResult(rpc, id, "a", true, { unit: "" })],
    ["BAD_REQUEST", recordVariantResult(rpc, id, "a", true, { unit: "x".repeat(301) })],
    ["BAD_REQUEST", recordVariantResult(rpc, id, "a", true, { unit, elapsedMs: Number.NaN })],
    ["BAD_REQUEST", recordVariantResult(rpc, id, "a", true, { unit, elapsedMs: -1 })],
    ["BAD_REQUEST", recordVariantResult(rpc, id, "a", true, { unit, elapsedMs: Number.POSITIVE_INFINITY })],
    ["CONFLICT", recordVariantResult(rpc, id, "a", true, { unit, elapsedMs: 3_600_001 })],
    ["CONFLICT", recordVariantResult(rpc, ended, "a", true)],
    ["CONFLICT", recordVariantAssignment(rpc, ended, "a", unitOf(ended, "a"))],
    ["NOT_FOUND", recordVariantResult(rpc, crypto.randomUUID(), "a", true)],
    ["DATABASE_ERROR", recordVariantResult(rpc, "'; drop table fix_experiments", "a", true)],
  ];
  for (const [index, [code, attempt]] of attempts.entries()) {
    await assert.rejects(attempt, { code }, `attempt ${index}`);
  }
  assert.deepEqual(await everything(database), before);
});

Deno.test("add_experiment_outcomes() refuses negative counts and more successes than outcomes", async () => {
  await using database = await createTestDatabase();
  const state = JSON.stringify(createEProcess());
  for (const counts of [[2, 1, 0, 0], [0, 0, 3, 2], [-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 0, null]]) {
    await assert.rejects(
      database.query("select healing_private.add_experiment_outcomes($1, $2, $3, $4, $5)", [
        state,
        ...counts,
      ]),
      { code: "PT400" },
      `${counts}`,
    );
  }
});

Deno.test("advance_fix_experiment() counts a unit when it matures and not before, a success as well as a failure", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  const id = await startExperiment(rpc, HOUR);
  await recordVariantAssignment(rpc, id, "a", unitOf(id, "a"));
  await recordVariantResult(rpc, id, "a", true, { unit: unitOf(id, "a") });
  await recordVariantResult(rpc, id, "b", false, { unit: unitOf(id, "b") });
  await recordVariantResult(rpc, id, "b", true, { unit: unitOf(id, "b", 100), elapsedMs: 1_800_000 });
  assert.equal((await advanceExperiment(rpc, id)).counted, 0);
  await passTime(database, 1_801);
  assert.equal((await advanceExperiment(rpc, id)).counted, 1, "half of its time had passed when it reported");
  await passTime(database, 1_800);
  const after = await advanceExperiment(rpc, id);
  assert.equal(after.counted, 2);
  assert.deepEqual(after.e_process.open, { a: { successes: 1, n: 1 }, b: { successes: 1, n: 2 } });
  assert.deepEqual([after.variant_a_success_rate, after.variant_b_success_rate, after.sample_size], [
    1,
    0.5,
    3,
  ]);
  const again = await advanceExperiment(rpc, id);
  assert.deepEqual([again.counted, again.version], [0, after.version], "nothing new, nothing changed");
});

Deno.test("a unit whose process died between assignment and result counts as a failure, and its late outcome is refused", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  const id = await startExperiment(rpc, HOUR);
  const unit = unitOf(id, "b");
  await recordVariantAssignment(rpc, id, "b", unit);
  await passTime(database, 3_600);
  const late = () => recordVariantResult(rpc, id, "b", true, { unit });
  const before = await everything(database);
  await assert.rejects(late(), {
    code: "CONFLICT",
    message: `Unit ${unit} had matured before its outcome came, and counts as a failure`,
  });
  assert.deepEqual(await everything(database), before);
  assert.deepEqual((await advanceExperiment(rpc, id)).e_process.open.b, { successes: 0, n: 1 });
  await assert.rejects(late(), { code: "CONFLICT" });
});

Deno.test("a clock that jumps ahead and back counts no unit twice and takes no outcome of a counted one", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  const id = await startExperiment(rpc, HOUR);
  const [counted, open] = [unitOf(id, "a"), unitOf(id, "a", 50)];
  await recordVariantAssignment(rpc, id, "a", counted);
  await passTime(database, 86_400);
  assert.equal((await advanceExperiment(rpc, id)).sample_size, 1);
  await recordVariantAssignment(rpc, id, "a", open);
  await passTime(database, -2 * 86_400);
  await assert.rejects(recordVariantResult(rpc, id, "a", true, { unit: counted }), { code: "CONFLICT" });
  // What was not counted yet has its time again.
  assert.equal((await recordVariantResult(rpc, id, "a", true, { unit: open })).recorded, true);
  assert.equal((await advanceExperiment(rpc, id)).sample_size, 1);
  await passTime(database, 3 * 86_400);
  assert.deepEqual((await advanceExperiment(rpc, id)).e_process.open.a, { successes: 1, n: 2 });
});

Deno.test("advance_fix_experiment() takes many outcomes in portions and ends in the same state", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  const ids = [
    await startExperiment(rpc),
    await startExperiment(rpc, { signature: "3F000: in portions" }),
  ];
  for (const id of ids) {
    await database.query(
      "select count(record_variant_result($1, case when i % 3 = 0 then 'b' else 'a' end, i % 7 > 2)) from generate_series(1, 137) as i",
      [id],
    );
  }
  const whole = await advanceExperiment(rpc, ids[0]!);
  assert.deepEqual([whole.counted, whole.has_more], [137, false]);
  const portions: number[] = [];
  let advanced = await advanceInPortions(rpc, ids[1]!);
  portions.push(advanced.counted);
  while (advanced.has_more) portions.push((advanced = await advanceInPortions(rpc, ids[1]!)).counted);
  assert.deepEqual(portions, [...Array(10).fill(13), 7]);
  assert.deepEqual(advanced.e_process, whole.e_process);
});

function advanceInPortions(rpc: Parameters<typeof advanceExperiment>[0], id: string) {
  return rpc.call<Awaited<ReturnType<typeof advanceExperiment>>>("advance_fix_experiment", {
    p_experiment_id: id,
    p_limit: 13,
  });
}
