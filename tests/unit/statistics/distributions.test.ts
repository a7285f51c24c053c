/** The distributions against exact fractions, identities and published tables. */

import assert from "node:assert/strict";
import {
  incompleteBeta,
  logGamma,
  normalCdf,
  normalQuantile,
  posteriorMean,
  probabilityBBeatsA,
  probabilityBelow,
} from "../../../supabase/functions/_shared/statistics.ts";
import { assertClose, exactIncompleteBeta, exactSecondIsGreater, toNumber } from "../../helpers/exact.ts";

Deno.test("logGamma() is the logarithm of the factorial, computed exactly", () => {
  let factorial = 1n;
  for (let n = 1; n <= 170; n++) {
    assertClose(logGamma(n), Math.log(Number(factorial)), 1e-14, `${n}`);
    factorial *= BigInt(n);
  }
});

Deno.test("logGamma() meets its values at a half and the duplication formula of Legendre", () => {
  assertClose(logGamma(0.5), Math.log(Math.sqrt(Math.PI)), 1e-14);
  for (const x of [1e-6, 0.1, 0.77, 1.5, 3.2, 9.99, 10.01, 47.3]) {
    const doubled = logGamma(x) + logGamma(x + 0.5) - (1 - 2 * x) * Math.LN2 - 0.5 * Math.log(Math.PI);
    assertClose(logGamma(2 * x), doubled, 1e-13, `${x}`);
  }
});

Deno.test("incompleteBeta() meets exact binomial tails to 1e-13", () => {
  for (
    const [a, b] of [[1, 1], [2, 7], [7, 1], [16, 6], [28, 4], [81, 21], [120, 300], [400, 401]] as const
  ) {
    for (const [k, m] of [[1n, 2n], [1n, 10n], [4n, 5n], [99n, 100n]] as const) {
      const expected = toNumber(exactIncompleteBeta(k, m, a, b));
      assertClose(incompleteBeta(Number(k) / Number(m), a, b), expected, 1e-13, `I(${k}/${m}; ${a}, ${b})`);
    }
  }
});

Deno.test("incompleteBeta() meets its closed forms: powers, the arcsine law, one half by symmetry", () => {
  for (const x of [0, 1e-9, 0.03, 0.25, 0.5, 0.81, 0.999999, 1]) {
    assertClose(incompleteBeta(x, 3.7, 1), x ** 3.7, 1e-13);
    assertClose(incompleteBeta(x, 1, 0.4), 1 - (1 - x) ** 0.4, 1e-13);
    assertClose(incompleteBeta(x, 0.5, 0.5), 2 / Math.PI * Math.asin(Math.sqrt(x)), 1e-13);
  }
  for (const a of [1e-3, 0.5, 5.667656, 43.8, 1e6]) assertClose(incompleteBeta(0.5, a, a), 0.5, 1e-12);
});

// mpmath 1.3.0, betainc(a, b, 0, x, regularized=True) with 40 digits.
const BETA_REFERENCES: readonly [x: number, a: number, b: number, value: number][] = [
  [0.5, 6.667656, 1, 0.00983638555204745682],
  [0.5, 12, 4.5, 0.0265789880843570053],
  [0.5, 12.5, 4.25, 0.0170610779545473946],
  [0.3, 0.02, 0.7, 0.96586279731919439],
  [0.9, 250.5, 31.25, 0.709204867350863777],
  [0.001146950139957467, 10.058415136878669, 11659.993290428658, 0.854181415378253513],
];

Deno.test("incompleteBeta() meets values of mpmath at fractional and lopsided parameters", () => {
  for (const [x, a, b, value] of BETA_REFERENCES) assertClose(incompleteBeta(x, a, b), value, 1e-13);
});

// Abramowitz and Stegun, table 26.1, fifteen digits.
const NORMAL_TABLE: readonly [z: number, p: number][] = [
  [0, 0.5],
  [0.5, 0.691462461274013],
  [1, 0.841344746068543],
  [1.96, 0.97500210485178],
  [2.5, 0.993790334674224],
  [3, 0.99865010196837],
];

Deno.test("normalCdf() meets the published table", () => {
  for (const [z, p] of NORMAL_TABLE) assertClose(normalCdf(z), p, 1e-15, `${z}`);
  // Table 26.2: minus the decimal logarithm of the lower tail.
  for (const [z, value] of [[5, 6.54265], [10, 23.11805], [20, 88.56010], [30, 197.30921]] as const) {
    assertClose(-Math.log10(normalCdf(-z)), value, 6e-6 / value, `${z}`);
  }
});

Deno.test("normalQuantile() meets the usual critical values", () => {
  // The roots of mpmath's ncdf (1.3.0, 40 digits); the first five digits are those of any printed table.
  const known = [
    [0.9, 1.2815515655446004],
    [0.95, 1.6448536269514722],
    [0.975, 1.959963984540054],
    [0.995, 2.5758293035489004],
    [0.8, 0.8416212335729143],
    [1e-10, -6.361340902404056],
  ] as const;
  for (const [p, z] of known) assertClose(normalQuantile(p), z, 1e-13, `${p}`);
  assertClose(normalQuantile(0.5), 0, 1e-15);
  assert.equal(normalQuantile(0), -Infinity);
  assert.equal(normalQuantile(1), Infinity);
});

Deno.test("probabilityBelow() and posteriorMean() meet every undiscounted figure of the method", () => {
  const figures = [
    [2, 0, 0.75, 0.125],
    [5, 0, 0.857143, 0.015625],
    [6, 0, 0.875, 0.0078125],
    [8, 1, 0.818182, 0.010742188],
    [9, 1, 0.833333, 0.005859375],
    [15, 5, 0.727273, 0.013301849],
    [27, 3, 0.875, 0.000002325],
  ] as const;
  for (const [successes, failures, mean, below] of figures) {
    assertClose(posteriorMean(successes, failures), mean, 5e-7);
    assertClose(probabilityBelow(0.5, successes, failures), below, 5.1e-10);
    const exact = toNumber(exactIncompleteBeta(1n, 2n, successes + 1, failures + 1));
    assertClose(probabilityBelow(0.5, successes, failures), exact, 1e-14);
  }
});

Deno.test("probabilityBBeatsA() meets the method's figure and exact fractions to 1e-12", () => {
  assertClose(probabilityBBeatsA({ successes: 20, n: 30 }, { successes: 25, n: 30 }), 0.927244562433, 1e-12);
  const arms = [[0, 0], [0, 9], [9, 9], [3, 20], [20, 30], [25, 30], [160, 200], [199, 200]] as const;
  for (const [sA, nA] of arms) {
    for (const [sB, nB] of arms) {
      const exact = exactSecondIsGreater(sA + 1, nA - sA + 1, sB + 1, nB - sB + 1);
      const actual = probabilityBBeatsA({ successes: sA, n: nA }, { successes: sB, n: nB });
      assertClose(actual, toNumber(exact), 1e-12, `${sA}/${nA} ${sB}/${nB}`);
    }
  }
});

Deno.test("probabilityBBeatsA() still sees evidence where the first term of the sum is no longer a double", () => {
  const half = { successes: 5_000, n: 10_000 };
  assertClose(probabilityBBeatsA(half, half), 0.5, 1e-12);
  // The difference of two near-normal rates: z = .0141 / sqrt(2 x .25 / 10,000) = 2.
  const better = { successes: 5_141, n: 10_000 };
  assertClose(probabilityBBeatsA(half, better), normalCdf(1.994), 5e-4);
});

Deno.test("normalCdf(), incompleteBeta() and logGamma() refuse what is no number or out of range", () => {
  assert.throws(() => normalCdf(Number.NaN), RangeError);
  assert.throws(() => logGamma(0), /"x" must be a number > 0: current value is 0/);
  assert.throws(() => logGamma(Infinity), RangeError);
  assert.throws(() => incompleteBeta(1.1, 1, 1), /"x" must be a number >= 0 and <= 1: current value is 1.1/);
  assert.throws(() => incompleteBeta(0.5, 0, 1), RangeError);
  assert.throws(() => incompleteBeta(0.5, 1, Number.NaN), RangeError);
  assert.throws(() => normalQuantile(-0.1), RangeError);
  assert.throws(() => probabilityBelow(0.5, -1, 0), RangeError);
  assert.throws(() => posteriorMean(1, Number.NaN), RangeError);
  assert.throws(() => probabilityBBeatsA({ successes: 2, n: 1 }, { successes: 0, n: 1 }), /"a.successes"/);
});
