/** The database and the kernel count experiments in the same way, and the database meets the method's own table. */

import assert from "node:assert/strict";
import { routeToVariant } from "../../supabase/functions/_shared/fixExperiments.ts";
import { advanceExperiment } from "../../supabase/functions/_shared/engineDb.ts";
import {
  addOutcomes,
  createEProcess,
  decideExperiment,
  type EProcessState,
  eValuesOf,
} from "../../supabase/functions/_shared/statistics.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { assertClose } from "../helpers/exact.ts";
import { type Outcome, outcomesOf, recordOutcomes, startExperiment } from "../helpers/experiments.ts";
import { assertAsyncProperty, fc } from "../helpers/property.ts";

type Batch = readonly [sA: number, nA: number, sB: number, nB: number];

function repeat(batch: Batch, times: number): Batch[] {
  return Array.from({ length: times }, () => batch);
}

/** The table of the method (shared facts on statistics, section 1): batches, e-values, decision, outcomes of b. */
const TABLE: readonly [batches: Batch[], a: number, b: number, kind: string, nB: number][] = [
  [[[5, 5, 0, 5]], 1, 1, "continue", 5],
  [repeat([4, 5, 1, 5], 2), 4.43943166, 1, "continue", 10],
  [repeat([4, 5, 1, 5], 3), 25.1458869, 1, "stopB", 15],
  [repeat([4, 5, 1, 5], 5), 992.808026, 1, "stopB", 25],
  [repeat([1, 5, 4, 5], 5), 1, 992.808026, "continue", 25],
  [[[6, 8, 0, 2], [7, 8, 1, 2], [8, 8, 1, 2], [7, 8, 0, 2]], 30.2387361, 1, "stopB", 8],
  [[[3, 5, 4, 5], [4, 5, 3, 5], [3, 5, 3, 5], [4, 5, 4, 5]], 1, 0.744549043, "continue", 20],
  [[[5, 5, 2, 5], [2, 5, 5, 5], [1, 5, 5, 5], [1, 5, 5, 5]], 0.0614954614, 4.921875, "continue", 20],
  [[[3, 4, 1, 4], [1, 1, 0, 1], [4, 5, 1, 5], [4, 6, 0, 0], [0, 0, 1, 5]], 15.0656069, 1, "stopB", 15],
  [repeat([19, 20, 16, 20], 8), 1_318.50841, 1, "winner", 160],
];

async function playInSql(database: TestDatabase, batches: readonly Batch[]): Promise<EProcessState> {
  let state = createEProcess();
  for (const batch of batches) {
    const [row] = await database.query<{ state: EProcessState }>(
      "select healing_private.add_experiment_outcomes($1, $2, $3, $4, $5) as state",
      [JSON.stringify(state), ...batch],
    );
    state = row!.state;
  }
  return state;
}

Deno.test("add_experiment_outcomes() meets every row of the method's table", async () => {
  await using database = await createTestDatabase();
  for (const [batches, a, b, kind, nB] of TABLE) {
    const what = JSON.stringify(batches);
    const state = await playInSql(database, batches);
    const values = eValuesOf(state);
    assertClose(values.a, a, 1e-8, what);
    assertClose(values.b, b, 1e-8, what);
    const decision = decideExperiment(state, { maxN: 10_000, split: "other" });
    assert.deepEqual([decision.kind, decision.figures.nB], [kind, nB], what);
  }
});

Deno.test("advance_fix_experiment() meets the table's rows of ten outcomes a block from recorded results", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  // The last two rows have larger blocks, which come of adding a whole batch at once.
  for (const [index, [batches, a, b]] of TABLE.slice(0, 8).entries()) {
    const id = await startExperiment(contract.rpc, { signature: `3F000: row ${index}` });
    for (const [sA, nA, sB, nB] of batches) {
      await recordOutcomes(database, id, outcomesOf([sA, nA], [sB, nB]));
    }
    const { e_process } = await advanceExperiment(contract.rpc, id);
    const values = eValuesOf(e_process);
    assertClose(values.a, a, 1e-8, `row ${index}`);
    assertClose(values.b, b, 1e-8, `row ${index}`);
  }
});

Deno.test("add_experiment_outcomes() takes every step that addOutcomes() takes", async () => {
  await using database = await createTestDatabase();
  const arm = fc.nat({ max: 12 }).chain((n) => fc.tuple(fc.nat({ max: n }), fc.constant(n)));
  const batches = fc.array(fc.tuple(arm, arm).map(([[sA, nA], [sB, nB]]): Batch => [sA, nA, sB, nB]), {
    maxLength: 25,
  });
  await assertAsyncProperty(
    fc.asyncProperty(batches, async (played) => {
      const expected = played.reduce(
        (state, [sA, nA, sB, nB]) =>
          addOutcomes(state, { a: { successes: sA, n: nA }, b: { successes: sB, n: nB } }),
        createEProcess(),
      );
      const { logA, logB, ...counts } = await playInSql(database, played);
      assertClose(logA, expected.logA, 1e-12);
      assertClose(logB, expected.logB, 1e-12);
      assert.deepEqual(counts, { a: expected.a, b: expected.b, open: expected.open });
    }),
    { runs: 60 },
  );
});

Deno.test("advance_fix_experiment() ends in the state of the kernel whenever it is called, and no call shapes a block", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const outcome = fc.record({
    variant: fc.constantFrom<"a" | "b">("a", "a", "b"),
    succeeded: fc.boolean(),
  });
  const portions = fc.array(fc.array(outcome, { maxLength: 30 }), { maxLength: 6 });
  await assertAsyncProperty(
    fc.asyncProperty(portions, async (recorded) => {
      const id = await startExperiment(contract.rpc, { signature: `3F000: ${crypto.randomUUID()}` });
      for (const portion of recorded) {
        await recordOutcomes(database, id, portion);
        await advanceExperiment(contract.rpc, id);
      }
      const { e_process } = await advanceExperiment(contract.rpc, id);
      const expected = recorded.flat().reduce(addOne, createEProcess());
      assertClose(e_process.logA, expected.logA, 1e-12);
      assertClose(e_process.logB, expected.logB, 1e-12);
      assert.deepEqual({ ...e_process, logA: 0, logB: 0 }, { ...expected, logA: 0, logB: 0 });
    }),
    { runs: 25 },
  );
});

function addOne(state: EProcessState, { variant, succeeded }: Outcome): EProcessState {
  const one = { successes: succeeded ? 1 : 0, n: 1 };
  const none = { successes: 0, n: 0 };
  return addOutcomes(state, variant === "a" ? { a: one, b: none } : { a: none, b: one });
}

Deno.test("route_unit() gives every unit the variant that routeToVariant() gives", async () => {
  await using database = await createTestDatabase();
  const text = fc.string({ unit: "binary", minLength: 1, maxLength: 40 }).filter((unit) =>
    !unit.includes("\0")
  );
  const unit = fc.oneof(text, fc.uuid(), fc.constantFrom("ß", "日本", "🙂", " ", "unit-1"));
  await assertAsyncProperty(
    fc.asyncProperty(
      fc.uuid(),
      fc.array(unit, { minLength: 50, maxLength: 50 }),
      fc.double({ min: 0.05, max: 0.95, noNaN: true }),
      async (id, units, shareOfB) => {
        const rows = await database.query<{ variant: string }>(
          `select healing_private.route_unit($1, unit, $3) as variant
           from unnest($2::text[]) with ordinality as u (unit, place) order by place`,
          [id, units, shareOfB],
        );
        assert.deepEqual(
          rows.map(({ variant }) => variant),
          units.map((one) => routeToVariant(id.toUpperCase(), one, { shareOfB })),
        );
      },
    ),
    { runs: 20 },
  );
});
