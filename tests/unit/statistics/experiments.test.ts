/** The e-process and the decision at each tick against the method's table and exact expectations. */

import assert from "node:assert/strict";
import {
  addOutcomes,
  createEProcess,
  decideExperiment,
  type EProcessState,
  eValuesOf,
  sampleRatioEvidence,
} from "../../../supabase/functions/_shared/statistics.ts";
import { assertClose, choose } from "../../helpers/exact.ts";

type Batch = readonly [sA: number, nA: number, sB: number, nB: number];

function play(...batches: readonly Batch[]): EProcessState {
  return batches.reduce(
    (state, [sA, nA, sB, nB]) =>
      addOutcomes(state, { a: { successes: sA, n: nA }, b: { successes: sB, n: nB } }),
    createEProcess(),
  );
}

function repeat(batch: Batch, times: number): Batch[] {
  return Array.from({ length: times }, () => batch);
}

/** The table of the method: batches, e-values, decision. */
const TABLE: readonly { batches: Batch[]; a: number; b: number; kind: string; n: number }[] = [
  { batches: [[5, 5, 0, 5]], a: 1, b: 1, kind: "continue", n: 5 },
  { batches: repeat([4, 5, 1, 5], 2), a: 4.43943166, b: 1, kind: "continue", n: 10 },
  { batches: repeat([4, 5, 1, 5], 3), a: 25.1458869, b: 1, kind: "stopB", n: 15 },
  { batches: repeat([4, 5, 1, 5], 5), a: 992.808026, b: 1, kind: "stopB", n: 25 },
  { batches: repeat([1, 5, 4, 5], 5), a: 1, b: 992.808026, kind: "continue", n: 25 },
  {
    batches: [[6, 8, 0, 2], [7, 8, 1, 2], [8, 8, 1, 2], [7, 8, 0, 2]],
    a: 30.2387361,
    b: 1,
    kind: "stopB",
    n: 8,
  },
  {
    batches: [[3, 5, 4, 5], [4, 5, 3, 5], [3, 5, 3, 5], [4, 5, 4, 5]],
    a: 1,
    b: 0.744549043,
    kind: "continue",
    n: 20,
  },
  {
    batches: [[5, 5, 2, 5], [2, 5, 5, 5], [1, 5, 5, 5], [1, 5, 5, 5]],
    a: 0.0614954614,
    b: 4.921875,
    kind: "continue",
    n: 20,
  },
  {
    batches: [[3, 4, 1, 4], [1, 1, 0, 1], [4, 5, 1, 5], [4, 6, 0, 0], [0, 0, 1, 5]],
    a: 15.0656069,
    b: 1,
    kind: "stopB",
    n: 15,
  },
  { batches: repeat([19, 20, 16, 20], 8), a: 1318.50841, b: 1, kind: "winner", n: 160 },
];

Deno.test("decideExperiment() meets every row of the method's table", () => {
  for (const { batches, a, b, kind, n } of TABLE) {
    const what = JSON.stringify(batches);
    const state = play(...batches);
    const values = eValuesOf(state);
    assertClose(values.a, a, 1e-8, what);
    assertClose(values.b, b, 1e-8, what);
    assertClose(values.both, a * b, 1e-8, what);
    // The fourth and the last but one row share units out otherwise than 50/50.
    const decision = decideExperiment(state, { maxN: 10_000, split: "other" });
    assert.equal(decision.kind, kind, what);
    assert.equal(decision.figures.nB, n, what);
  }
});

Deno.test("addOutcomes() keeps a state that survives JSON to the last bit", () => {
  const once = play(...repeat([4, 5, 1, 5], 3));
  const twice = addOutcomes(JSON.parse(JSON.stringify(once)), {
    a: { successes: 2, n: 4 },
    b: { successes: 1, n: 4 },
  });
  assert.deepEqual(twice, play(...repeat([4, 5, 1, 5], 3), [2, 4, 1, 4]));
});

Deno.test("addOutcomes() waits for ten outcomes and for both arms, whatever the outcomes are", () => {
  const waiting = play([2, 2, 0, 2], [0, 0, 5, 5]);
  assert.deepEqual(waiting.open, { a: { successes: 2, n: 2 }, b: { successes: 5, n: 7 } });
  assert.deepEqual(waiting.a, { successes: 0, n: 0 });
  const onlyOneArm = play([90, 100, 0, 0]);
  assert.equal(onlyOneArm.open.a.n, 100);
  const closed = addOutcomes(onlyOneArm, { a: { successes: 0, n: 0 }, b: { successes: 1, n: 1 } });
  assert.deepEqual([closed.a.n, closed.b.n, closed.open.a.n], [100, 1, 0]);
});

Deno.test("addOutcomes() multiplies E by 1 at most in expectation when the arms are equal, summed exactly", () => {
  const states = [play([5, 5, 0, 5]), play([1, 9, 3, 3]), play([8, 8, 1, 2], [7, 8, 0, 2])];
  for (const state of states) {
    for (const p of [0.001, 0.02, 0.2, 0.5, 0.7, 0.95, 0.999]) {
      for (const [nA, nB] of [[5, 5], [8, 2], [1, 9], [13, 4]] as const) {
        assert.ok(expectedGrowth(state, nA, nB, p) <= 1 + 1e-12, `${p} ${nA} ${nB}`);
      }
    }
  }
});

function expectedGrowth(state: EProcessState, nA: number, nB: number, p: number): number {
  const before = eValuesOf(state).both;
  const chance = (s: number, n: number) => Number(choose(n, s)) * p ** s * (1 - p) ** (n - s);
  let growth = 0;
  for (let sA = 0; sA <= nA; sA++) {
    for (let sB = 0; sB <= nB; sB++) {
      const after = addOutcomes(state, { a: { successes: sA, n: nA }, b: { successes: sB, n: nB } });
      growth += chance(sA, nA) * chance(sB, nB) * eValuesOf(after).both / before;
    }
  }
  return growth;
}

Deno.test("sampleRatioEvidence() meets the method's figures", () => {
  assertClose(sampleRatioEvidence(60, 40), 2.25463, 5e-6);
  assertClose(sampleRatioEvidence(130, 70), 821.737, 1e-6);
  assertClose(sampleRatioEvidence(300, 200), 3051.11, 2e-6);
});

Deno.test("sampleRatioEvidence() is 1 in expectation under a true 50/50, which makes it a Bayes factor", () => {
  for (const n of [1, 2, 7, 40, 200]) {
    let expectation = 0;
    for (let k = 0; k <= n; k++) {
      expectation += Number(choose(n, k)) / 2 ** n * sampleRatioEvidence(k, n - k);
    }
    assertClose(expectation, 1, 1e-12, `${n}`);
  }
});

Deno.test("decideExperiment() asks for the split before it crowns a winner", () => {
  const state = play(...repeat([58, 60, 12, 40], 5));
  const held = decideExperiment(state, { maxN: 10_000 });
  assert.equal(held.kind, "hold");
  assert.ok(held.figures.sampleRatio! > 1_000 && held.figures.eValue > 20);
  assert.equal(decideExperiment(state, { maxN: 10_000, split: "other" }).kind, "winner");
});

Deno.test("decideExperiment() judges the split by the units sent, where they are known", () => {
  const state = play([3, 5, 3, 5]);
  assert.equal(decideExperiment(state, { maxN: 100 }).kind, "continue");
  assert.equal(decideExperiment(state, { maxN: 100, assigned: { a: 300, b: 200 } }).kind, "hold");
});

Deno.test("decideExperiment() crowns a winner before the guardrail and the size are asked", () => {
  const won = decideExperiment(play(...repeat([19, 20, 16, 20], 8)), { maxN: 1 });
  assert.deepEqual([won.kind, won.rule], ["winner", "winner"]);
  assert.ok(won.kind === "winner" && won.winner === "a");
  const challenger = decideExperiment(play(...repeat([16, 20, 19, 20], 8)), { maxN: 1 });
  assert.ok(challenger.kind === "winner" && challenger.winner === "b");
});

Deno.test("decideExperiment() stops harm before it looks at the size", () => {
  assert.equal(decideExperiment(play(...repeat([4, 5, 1, 5], 3)), { maxN: 1 }).kind, "stopB");
});

Deno.test("decideExperiment() ends at maxN with the incumbent, counting open outcomes as well", () => {
  const state = play(...repeat([4, 5, 4, 5], 3), [1, 2, 1, 2]);
  assert.equal(decideExperiment(state, { maxN: 35 }).kind, "continue");
  const ended = decideExperiment(state, { maxN: 34 });
  assert.deepEqual([ended.kind, ended.figures.recorded], ["inconclusive", 34]);
});

Deno.test("decideExperiment() gives up from a hundred outcomes an arm when keeping a costs next to nothing", () => {
  const equal: Batch[] = repeat([19, 20, 18, 20], 5);
  const futile = decideExperiment(play(...equal), { maxN: 2_000 });
  assert.equal(futile.kind, "keepA");
  assert.ok(futile.figures.lossOfKeepingA! < 0.01);
  const early = decideExperiment(play(...equal.slice(1)), { maxN: 2_000 });
  assert.deepEqual([early.kind, early.figures.lossOfKeepingA], ["continue", null]);
});

Deno.test("decideExperiment() explains itself with figures that JSON holds", () => {
  const huge = play(...repeat([1_000, 1_000, 0, 1_000], 20));
  const decision = decideExperiment(huge, { maxN: 10 ** 6 });
  assert.equal(decision.figures.eValue, Number.MAX_VALUE);
  assert.deepEqual(JSON.parse(JSON.stringify(decision)), decision);
  assert.match(decision.reason, /a is better: e-value .* reached 20 with 20000 and 20000 outcomes/);
});

Deno.test("addOutcomes() and decideExperiment() refuse impossible counts, sizes and states", () => {
  const state = createEProcess();
  const none = { successes: 0, n: 0 };
  assert.throws(() => addOutcomes(state, { a: { successes: 2, n: 1 }, b: none }), /"outcomes.a.successes"/);
  assert.throws(() => addOutcomes(state, { a: none, b: { successes: 0, n: -1 } }), RangeError);
  assert.throws(() => addOutcomes({ ...state, logA: Number.NaN }, { a: none, b: none }), /"state.logA"/);
  assert.throws(() => eValuesOf({ ...state, open: { a: { successes: 1, n: 0 }, b: none } }), RangeError);
  assert.throws(() => decideExperiment(state, { maxN: 0 }), /"maxN" must be a whole number >= 1/);
  assert.throws(() => decideExperiment(state, { maxN: 9, assigned: { a: -1, b: 0 } }), RangeError);
  assert.throws(
    () => sampleRatioEvidence(-1, 3),
    /"countA" must be a whole number >= 0 and <= 1000000000: current value is -1/,
  );
  assert.deepEqual(state, createEProcess());
});
