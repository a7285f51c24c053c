/** Sixty-four connections at once: every outcome is counted once, and every experiment ends once. */

import assert from "node:assert/strict";
import { ensembleDecision, recordEnsembleTruth } from "../../supabase/functions/_shared/ensembleLearning.ts";
import {
  recordVariantAssignment,
  recordVariantResult,
  routeToVariant,
  tickExperiments,
} from "../../supabase/functions/_shared/fixExperiments.ts";
import { advanceExperiment } from "../../supabase/functions/_shared/engineDb.ts";
import { type Contract, openContract } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { outcomesOf, passTime, recordOutcomes, startExperiment } from "../helpers/experiments.ts";

async function connect(database: TestDatabase, clients: number) {
  const contracts = await Promise.all(Array.from({ length: clients }, () => openContract(database)));
  return Object.assign(contracts, {
    [Symbol.asyncDispose]: () =>
      Promise.all(contracts.map((contract) => contract[Symbol.asyncDispose]())).then(() => {}),
  });
}

/** Whether a unit's fix works, by its number alone: reporters that repeat one another agree. */
function works(number: number): boolean {
  return number % 10 < 5;
}

async function report({ rpc }: Contract, id: string, numbers: readonly number[]): Promise<void> {
  for (const number of numbers) {
    const unit = `unit-${number}`;
    const variant = routeToVariant(id, unit);
    await recordVariantAssignment(rpc, id, variant, unit);
    // Every ninth process dies here.
    if (number % 9 !== 0) await recordVariantResult(rpc, id, variant, works(number), { unit });
  }
}

Deno.test("recordVariantResult() from 64 connections at once, while eight others count, loses and doubles nothing", async () => {
  await using database = await createTestDatabase();
  await using contracts = await connect(database, 72);
  const { rpc } = contracts[0]!;
  const ids = await Promise.all(
    [1, 2].map((number) =>
      startExperiment(rpc, { signature: `3F000: ${number}`, maturitySeconds: 3_600, maxN: 10_000 })
    ),
  );
  const units = Array.from({ length: 640 }, (_, number) => number);
  let isRecording = true;
  const counting = contracts.slice(64).map(async ({ rpc: own }) => {
    while (isRecording) for (const id of ids) await advanceExperiment(own, id);
  });
  // Every unit is reported by two clients, which start at opposite ends.
  await Promise.all(
    contracts.slice(0, 64).map(async (contract, client) => {
      const own = units.filter((number) => number % 32 === client % 32);
      for (const id of ids) await report(contract, id, client < 32 ? own : own.toReversed());
    }),
  );
  isRecording = false;
  await Promise.all(counting);
  await passTime(database, 3_600);
  await Promise.all(contracts.slice(0, 8).map(({ rpc: own }) => advanceExperiment(own, ids[0]!)));
  for (const id of ids) {
    const { e_process: { a, b, open }, sample_size } = await advanceExperiment(rpc, id);
    const arm = (variant: string) =>
      units.filter((number) => routeToVariant(id, `unit-${number}`) === variant);
    const successes = (variant: string) =>
      arm(variant).filter((number) => number % 9 !== 0 && works(number)).length;
    assert.equal(sample_size, 640);
    assert.deepEqual([a.n + open.a.n, b.n + open.b.n], [arm("a").length, arm("b").length]);
    assert.deepEqual([a.successes + open.a.successes, b.successes + open.b.successes], [
      successes("a"),
      successes("b"),
    ]);
  }
  const [row] = await database.query(
    "select deadlocks::int as deadlocks from pg_stat_database where datname = current_database()",
  );
  assert.equal(row!.deadlocks, 0);
});

Deno.test("tickExperiments() of eight tickers at once ends every experiment exactly once, while outcomes keep coming", async () => {
  await using database = await createTestDatabase();
  await using contracts = await connect(database, 16);
  const ids: string[] = [];
  for (let number = 0; number < 12; number++) {
    const id = await startExperiment(contracts[0]!.rpc, { signature: `3F000: ${number}` });
    await recordOutcomes(database, id, outcomesOf([32, 80], [64, 80]));
    ids.push(id);
  }
  const asked: string[] = [];
  const deployments = {
    request: ({ key }: { key: string }) => (asked.push(key), Promise.resolve()),
  };
  await database.query("select change_healing_setting('mode_deployment', '\"auto\"', 'a test')");
  const refused: string[] = [];
  const reporting = contracts.slice(8).map(async ({ rpc }) => {
    for (const id of ids) {
      await recordVariantResult(rpc, id, "b", true).catch((error) => refused.push(error.code));
    }
  });
  const ticks = await Promise.all(
    contracts.slice(0, 8).map(({ rpc }) => tickExperiments(rpc, { deployments })),
  );
  await Promise.all(reporting);
  // A decision on a state that moved on is void; the next tick makes another.
  ticks.push(await tickExperiments(contracts[0]!.rpc, { deployments }));
  assert.deepEqual(ticks.flatMap(({ failures }) => failures), []);
  assert.equal(ticks.reduce((sum, { experiments_concluded }) => sum + experiments_concluded, 0), 12);
  assert.deepEqual(asked.toSorted(), ids.map((id) => `experiment:${id}`).toSorted());
  const [row] = await database.query(
    `select (select count(*)::int from fix_experiments where winning_variant = 'b') as won,
       (select count(*)::int from applied_improvements where status = 'in_force') as improvements,
       (select count(*)::int from healing_events where event_type = 'experiment_concluded') as events,
       (select deadlocks::int from pg_stat_database where datname = current_database()) as deadlocks`,
  );
  assert.deepEqual(row, { won: 12, improvements: 12, events: 12, deadlocks: 0 });
  assert.ok(refused.every((code) => code === "CONFLICT"));
});

Deno.test("recordEnsembleTruth() from sixteen connections at once counts every voter exactly, without a deadlock", async () => {
  await using database = await createTestDatabase();
  await using contracts = await connect(database, 16);
  const voters = ["x", "y", "z"];
  const action = { kind: "retry" };
  const units = Array.from({ length: 64 }, (_, number) => number);
  const votesOf = (number: number) =>
    voters.map((voter, index) => ({ voter, action, answer: (number + index) % 4 > 0 }));
  await Promise.all(contracts.map(async ({ rpc }, client) => {
    // Every case is voted on and judged by two clients.
    for (const number of units.filter((one) => one % 8 === client % 8)) {
      const data = { unit: `case ${number}`, votes: votesOf(number) };
      const { id, ranking } = await ensembleDecision(rpc, [{ voter: "x", action }], data);
      await recordEnsembleTruth(rpc, id, ranking[0]!.key, true);
    }
  }));
  const rows = await database.query(
    "select voter, right_count::int as right, wrong_count::int as wrong from ensemble_voters order by voter",
  );
  assert.deepEqual(rows, voters.map((voter) => ({ voter, right: 48, wrong: 16 })));
  const [row] = await database.query(
    "select deadlocks::int as deadlocks from pg_stat_database where datname = current_database()",
  );
  assert.equal(row!.deadlocks, 0);
});
