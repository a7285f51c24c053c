/** Intervals, tests of two rates and sample sizes against published examples. */

import assert from "node:assert/strict";
import {
  chiSquareTest,
  expectedLoss,
  fisherExactTest,
  incompleteBeta,
  maxExperimentSize,
  requiredSampleSize,
  wilsonInterval,
} from "../../../supabase/functions/_shared/statistics.ts";
import { assertClose, choose, toNumber } from "../../helpers/exact.ts";

Deno.test("wilsonInterval() meets the method's figure", () => {
  const { low, high } = wilsonInterval(27, 30);
  assertClose(low, 0.743789, 5e-7);
  assertClose(high, 0.965400, 5e-7);
});

Deno.test("wilsonInterval() meets the published examples of Newcombe 1998, table I, method 3", () => {
  const examples = [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const;
  for (const [successes, n, low, high] of examples) {
    const interval = wilsonInterval(successes, n);
    assertClose(interval.low, low, 5.1e-5);
    assertClose(interval.high, high, 5.1e-5);
  }
});

Deno.test("wilsonInterval() ends at the rates whose score test just rejects, which is its definition", () => {
  const z = 1.959963984540054;
  for (const [successes, n] of [[3, 10], [27, 30], [1, 400]] as const) {
    for (const p of Object.values(wilsonInterval(successes, n))) {
      assertClose(Math.abs(successes / n - p) / Math.sqrt(p * (1 - p) / n), z, 1e-10);
    }
  }
});

Deno.test("wilsonInterval() is 0..1 without an outcome and touches the ends exactly", () => {
  assert.deepEqual(wilsonInterval(0, 0), { low: 0, high: 1 });
  assert.equal(wilsonInterval(0, 7).low, 0);
  assert.equal(wilsonInterval(7, 7).high, 1);
});

Deno.test("chiSquareTest() meets the method's figure and the critical value of one degree of freedom", () => {
  const { statistic, pValue } = chiSquareTest({ successes: 80, n: 100 }, { successes: 65, n: 100 });
  assertClose(statistic, 5.642633229, 1e-9);
  assertClose(pValue, 0.017528861, 5e-10);
  // The same statistic as n (ad - bc)^2 over the margins: 200 x 1500^2 / (100 x 100 x 145 x 55).
  assertClose(statistic, 200 * 1_500 ** 2 / (100 * 100 * 145 * 55), 1e-13);
});

Deno.test("chiSquareTest() says nothing about an empty row or column", () => {
  const nothing = { statistic: 0, pValue: 1, smallestExpected: 0 };
  assert.deepEqual(chiSquareTest({ successes: 0, n: 0 }, { successes: 3, n: 5 }), nothing);
  assert.deepEqual(chiSquareTest({ successes: 4, n: 4 }, { successes: 5, n: 5 }), nothing);
  assert.deepEqual(chiSquareTest({ successes: 0, n: 0 }, { successes: 0, n: 0 }), nothing);
});

Deno.test("fisherExactTest() meets published examples", () => {
  // Fisher 1935, The Design of Experiments, chapter 2: the lady tasting tea with three cups of four right, 34/70.
  assertClose(fisherExactTest({ successes: 3, n: 4 }, { successes: 1, n: 4 }), 34 / 70, 1e-14);
  // Fisher 1962, convictions of like-sex twins of criminals, as in the manual of R's fisher.test.
  assertClose(fisherExactTest({ successes: 10, n: 13 }, { successes: 2, n: 17 }), 0.0005367, 5e-8);
});

Deno.test("fisherExactTest() meets the sum of exact hypergeometric fractions", () => {
  for (
    const [sA, nA, sB, nB] of [[7, 20, 15, 20], [0, 5, 9, 12], [80, 100, 65, 100], [4, 9, 4, 9]] as const
  ) {
    const ways = (k: number) => choose(nA, k) * choose(nB, sA + sB - k);
    let over = 0n;
    for (let k = Math.max(0, sA + sB - nB); k <= Math.min(nA, sA + sB); k++) {
      if (ways(k) <= ways(sA)) over += ways(k);
    }
    const exact = toNumber({ over, under: choose(nA + nB, sA + sB) });
    assertClose(fisherExactTest({ successes: sA, n: nA }, { successes: sB, n: nB }), exact, 1e-13);
  }
});

Deno.test("fisherExactTest() of arms of a million takes milliseconds and agrees with chi-square", () => {
  const a = { successes: 500_000, n: 1_000_000 };
  const b = { successes: 501_500, n: 1_000_000 };
  assertClose(fisherExactTest(a, b), chiSquareTest(a, b).pValue, 2e-4);
  assert.equal(fisherExactTest(a, { successes: 1, n: 1_000_000 }), 0);
});

Deno.test("requiredSampleSize() meets the fixed sizes that the method compares with", () => {
  assert.equal(2 * requiredSampleSize(0.5, 0.7), 186);
  assert.equal(2 * requiredSampleSize(0.8, 0.9), 398);
  assert.equal(2 * requiredSampleSize(0.9, 0.95), 870);
  assert.equal(maxExperimentSize(0.5, 0.7), 3 * 186);
  assert.equal(maxExperimentSize(0.5, 0.7, 0.8), 2 * 186);
});

Deno.test("requiredSampleSize() gives the wanted power, summed exactly over all outcomes of both arms", () => {
  for (const [rateA, rateB, power] of [[0.5, 0.7, 0.8], [0.8, 0.9, 0.8], [0.3, 0.6, 0.95]] as const) {
    const n = requiredSampleSize(rateA, rateB, { power });
    assertClose(exactPower(rateA, rateB, n), power, 0.012, `${rateA} ${rateB}`);
  }
});

/** The probability that chi-square rejects equality at 5 %. */
function exactPower(rateA: number, rateB: number, n: number): number {
  const atLeast = (k: number, rate: number) => k === 0 ? 1 : k > n ? 0 : incompleteBeta(rate, k, n - k + 1);
  const chances = (rate: number) =>
    Array.from({ length: n + 1 }, (_, k) => atLeast(k, rate) - atLeast(k + 1, rate));
  const [chancesA, chancesB] = [chances(rateA), chances(rateB)];
  let power = 0;
  for (const [sA, chanceA] of chancesA.entries()) {
    for (const [sB, chanceB] of chancesB.entries()) {
      const { statistic } = chiSquareTest({ successes: sA, n }, { successes: sB, n });
      if (statistic > 3.841458820694124) power += chanceA * chanceB;
    }
  }
  return power;
}

Deno.test("expectedLoss() meets the method's figures", () => {
  const loss = expectedLoss({ successes: 20, n: 30 }, { successes: 25, n: 30 });
  assertClose(loss.keepA, 0.159815453842, 1e-12);
  assertClose(loss.shipB, 0.003565453842, 1e-12);
});

Deno.test("wilsonInterval() and the tests of two rates refuse impossible counts", () => {
  const arm = { successes: 1, n: 2 };
  assert.throws(
    () => wilsonInterval(-1, 4),
    /"successes" must be a number >= 0 and <= 4: current value is -1/,
  );
  assert.throws(() => wilsonInterval(5, 4), RangeError);
  assert.throws(() => wilsonInterval(1, Number.NaN), RangeError);
  assert.throws(
    () => wilsonInterval(1, 4, 1),
    /"confidence" must be a number > 0 and < 1: current value is 1/,
  );
  assert.throws(() => chiSquareTest(arm, { successes: 1.5, n: 2 }), /a whole number >= 0 and <= 2/);
  assert.throws(() => fisherExactTest({ successes: Number.NaN, n: 2 }, arm), RangeError);
  assert.throws(() => expectedLoss({ successes: 0, n: -2 }, arm), RangeError);
  assert.throws(() => requiredSampleSize(0.5, 0.5), /"rateB" must differ from "rateA"/);
  assert.throws(() => requiredSampleSize(0, 0.5), RangeError);
  assert.throws(() => requiredSampleSize(0.4, 0.5, { power: 1 }), RangeError);
  assert.throws(() => maxExperimentSize(0.4, 0.5, 0.9 as 0.8), /must be 0.8 or 0.95: current value is 0.9/);
});
