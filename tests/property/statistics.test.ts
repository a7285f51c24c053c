/** What holds of the statistics whatever the counts: symmetric, monotone, bounded, never NaN. */

import assert from "node:assert/strict";
import {
  addOutcomes,
  type ArmCounts,
  type ArmPair,
  chiSquareTest,
  createEProcess,
  decideExperiment,
  eValuesOf,
  expectedLoss,
  fisherExactTest,
  incompleteBeta,
  normalCdf,
  normalQuantile,
  posteriorMean,
  probabilityBBeatsA,
  requiredSampleSize,
  routeBySplit,
  sampleRatioEvidence,
  wilsonInterval,
} from "../../supabase/functions/_shared/statistics.ts";
import { assertClose } from "../helpers/exact.ts";
import { assertProperty, fc } from "../helpers/property.ts";

const share = fc.double({ min: 0, max: 1, noNaN: true });
const innerShare = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });
const shape = fc.double({ min: 1e-3, max: 1e5, noNaN: true });
const arm = fc.oneof(fc.nat(12), fc.nat(400), fc.nat(1_000_000))
  .chain((n) => fc.record({ n: fc.constant(n), successes: fc.nat(n) }));
const smallArm = fc.nat(20).chain((n) => fc.record({ n: fc.constant(n), successes: fc.nat(n) }));
const batches = fc.array(fc.record({ a: smallArm, b: smallArm }), { maxLength: 30 });

function mirrored({ successes, n }: ArmCounts): ArmCounts {
  return { successes: n - successes, n };
}

function play(pairs: readonly ArmPair[]) {
  return pairs.reduce(addOutcomes, createEProcess());
}

Deno.test("incompleteBeta() is a distribution: within 0..1, growing with x, mirrored with its parameters", () => {
  assertProperty(
    fc.property(share, share, shape, shape, (x, y, a, b) => {
      const [low, high] = [Math.min(x, y), Math.max(x, y)].map((at) => incompleteBeta(at, a, b)) as [
        number,
        number,
      ];
      assert.ok(low >= 0 && high <= 1 && low <= high + 1e-12, `${low} ${high}`);
      // 1 - x is exact for x >= 1/2 only, and the mirror image must be asked at the very same place.
      const mirror = Math.max(x, 1 - x);
      assertClose(incompleteBeta(mirror, a, b), 1 - incompleteBeta(1 - mirror, b, a), 1e-11);
    }),
    { runs: 1_000 },
  );
});

Deno.test("normalCdf() and normalQuantile() are mirrored, monotone and each other's inverse", () => {
  const z = fc.double({ min: -37, max: 37, noNaN: true });
  assertProperty(
    fc.property(z, z, innerShare, (one, other, p) => {
      assertClose(normalCdf(one) + normalCdf(-one), 1, 1e-15);
      assert.ok(normalCdf(Math.min(one, other)) <= normalCdf(Math.max(one, other)) + 1e-16);
      assertClose(normalCdf(normalQuantile(p)), p, 1e-14);
      const tail = -Math.abs(one);
      assertClose(normalQuantile(normalCdf(tail)), tail, 1e-11, "the far tail");
    }),
    { runs: 1_000 },
  );
});

Deno.test("wilsonInterval() lies within 0..1 around the rate, mirrored, and grows with the confidence", () => {
  assertProperty(fc.property(arm, innerShare, innerShare, (counts, one, other) => {
    const { successes, n } = counts;
    const narrow = wilsonInterval(successes, n, Math.min(one, other));
    const wide = wilsonInterval(successes, n, Math.max(one, other));
    const rate = n === 0 ? 0.5 : successes / n;
    assert.ok(0 <= wide.low && wide.low <= narrow.low + 1e-15 && narrow.low <= rate + 1e-15);
    assert.ok(rate <= narrow.high + 1e-15 && narrow.high <= wide.high + 1e-15 && wide.high <= 1);
    assertClose(wilsonInterval(n - successes, n).low, 1 - wilsonInterval(successes, n).high, 1e-14);
  }));
});

Deno.test("chiSquareTest() and fisherExactTest() do not see which arm is which or what counts as success", () => {
  assertProperty(fc.property(arm, arm, (a, b) => {
    const chi = chiSquareTest(a, b);
    const fisher = fisherExactTest(a, b);
    assert.ok(chi.statistic >= 0 && chi.pValue >= 0 && chi.pValue <= 1 && fisher >= 0 && fisher <= 1);
    for (const [one, other] of [[b, a], [mirrored(a), mirrored(b)]] as const) {
      assertClose(chiSquareTest(one, other).pValue, chi.pValue, 1e-9);
      assertClose(fisherExactTest(one, other), fisher, 1e-9);
    }
    assertClose(fisherExactTest(a, a), 1, 1e-9);
  }));
});

Deno.test("probabilityBBeatsA() is a probability, 1 with its mirror image, and grows with b's successes", () => {
  assertProperty(fc.property(arm, arm, (a, b) => {
    const better = probabilityBBeatsA(a, b);
    assert.ok(better >= 0 && better <= 1);
    assertClose(better + probabilityBBeatsA(b, a), 1, 1e-9);
    assertClose(probabilityBBeatsA(mirrored(b), mirrored(a)), better, 1e-9);
    const more = { successes: b.successes + 1, n: b.n + 1 };
    assert.ok(probabilityBBeatsA(a, more) >= better - 1e-9);
  }));
});

Deno.test("expectedLoss() differs between the choices by the difference of the posterior means", () => {
  assertProperty(fc.property(arm, arm, (a, b) => {
    const { keepA, shipB } = expectedLoss(a, b);
    assert.ok(keepA >= 0 && shipB >= 0 && keepA <= 1 && shipB <= 1);
    const means = [a, b].map(({ successes, n }) => posteriorMean(successes, n - successes)) as [
      number,
      number,
    ];
    assertClose(keepA - shipB, means[1] - means[0], 1e-9);
  }));
});

Deno.test("addOutcomes() mirrors with its arms and takes the outcomes of a block in any order", () => {
  assertProperty(fc.property(batches, (pairs) => {
    const state = play(pairs);
    const swapped = play(pairs.map(({ a, b }) => ({ a: b, b: a })));
    assertClose(swapped.logA, state.logB, 1e-12);
    assertClose(swapped.logB, state.logA, 1e-12);
    assert.deepEqual(swapped.open, { a: state.open.b, b: state.open.a });
    const failing = play(pairs.map(({ a, b }) => ({ a: mirrored(a), b: mirrored(b) })));
    assertClose(failing.logA, state.logB, 1e-12);
  }));
});

Deno.test("addOutcomes() loses no outcome and stays finite", () => {
  assertProperty(fc.property(batches, (pairs) => {
    const state = play(pairs);
    const n = pairs.reduce((sum, { a, b }) => sum + a.n + b.n, 0);
    assert.equal(state.a.n + state.b.n + state.open.a.n + state.open.b.n, n);
    assert.ok(Object.values(eValuesOf(state)).every((value) => value >= 0 && Number.isFinite(value)));
  }));
});

Deno.test("decideExperiment() always decides with a reason and figures without NaN", () => {
  const kinds = new Set(["hold", "winner", "stopB", "inconclusive", "keepA", "continue"]);
  const big = fc.record({ a: arm, b: arm });
  const split = fc.constantFrom("even" as const, "other" as const);
  assertProperty(
    fc.property(fc.array(fc.oneof(big, fc.record({ a: smallArm, b: smallArm }))), split, (pairs, split) => {
      const { kind, reason, figures } = decideExperiment(play(pairs), { maxN: 600, split });
      assert.ok(kinds.has(kind) && reason.length > 20 && !reason.includes("NaN"));
      assert.ok(Object.values(figures).every((value) => value === null || Number.isFinite(value)));
    }),
  );
});

Deno.test("sampleRatioEvidence() is symmetric, grows with the imbalance and never exceeds a double", () => {
  assertProperty(fc.property(fc.nat(10 ** 8), fc.nat(10 ** 8), (a, b) => {
    const evidence = sampleRatioEvidence(a, b);
    assert.ok(evidence > 0 && Number.isFinite(evidence));
    assertClose(Math.log(sampleRatioEvidence(b, a)), Math.log(evidence), 1e-9);
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    if (low > 0) assert.ok(sampleRatioEvidence(low - 1, high + 1) >= evidence * (1 - 1e-9));
  }));
});

Deno.test("requiredSampleSize() falls with the difference and grows with the power", () => {
  assertProperty(
    fc.property(innerShare, innerShare, fc.double({ min: 0.5, max: 0.98, noNaN: true }), (p, q, power) => {
      fc.pre(Math.abs(p - q) > 1e-3);
      const n = requiredSampleSize(p, q, { power });
      assert.ok(Number.isSafeInteger(n) && n >= 1);
      assert.equal(requiredSampleSize(q, p, { power }), n);
      assert.ok(requiredSampleSize(p, q, { power: power + 0.01 }) >= n);
    }),
  );
});

Deno.test("routeBySplit() never takes a unit out of b when the share grows", () => {
  assertProperty(
    fc.property(fc.uuid(), fc.string({ minLength: 1 }), share, share, (experiment, unit, one, other) => {
      if (routeBySplit(experiment, unit, Math.min(one, other)) === "a") return;
      assert.equal(routeBySplit(experiment, unit, Math.max(one, other)), "b");
    }),
  );
});
