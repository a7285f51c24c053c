/** The tests of error rates against independently computed numbers, and what they must not see. */

import assert from "node:assert/strict";
import {
  evidenceAgainstBaseline,
  evidenceAgainstControl,
  spreadBetween,
  spreadOf,
} from "../../../supabase/functions/_shared/statistics.ts";
import { counts, type Minute, minutesOf, type Pair, repeat } from "../../helpers/canaryCounts.ts";
import { assertClose, choose } from "../../helpers/exact.ts";

/** By mpmath 1.3 with 50 digits, but for the tail of the beta distribution, which is scipy 1.17.1's. */
const AGAINST_BASELINE: readonly [Pair, Pair, number][] = [
  [[0, 0], [0, 0], 0],
  [[80, 2_000], [400, 20_000], 13.0769728409396],
  [[40, 2_000], [400, 20_000], -4.8617208550551],
  [[5, 100], [0, 20_000], 19.9011033260171],
  [[3, 2_000], [0, 20_000], 3.42011568178074],
  [[0, 2_000], [400, 20_000], -23.0426797128208],
  [[100, 100], [400, 20_000], 371.79109316771],
  [[22_000, 1_000_000], [200_000, 10_000_000], -1040.52268265753],
  [[20_500, 1_000_000], [200_000, 10_000_000], -1640.05434022224],
  [[9.5, 250.25], [100.5, 5_000], 1.10982598058723],
  [[1_000, 2_000], [0, 20_000], 2674.28798810833],
];

Deno.test("evidenceAgainstBaseline() is what fifty digits say, also for millions, for nothing and for parts of requests", () => {
  for (const [canary, baseline, expected] of AGAINST_BASELINE) {
    const evidence = evidenceAgainstBaseline(counts(canary), counts(baseline));
    assertClose(evidence, expected, 1e-9 * Math.max(1, Math.abs(expected)));
  }
});

Deno.test("evidenceAgainstBaseline() has winnings of one in the mean over everything that the baseline predicts", () => {
  const [e0, n0, n] = [3, 40, 12];
  const a = e0 + 0.5;
  const b = n0 - e0 + 0.5;
  const rising = (x: number, k: number) =>
    Array.from({ length: k }, (_, i) => x + i).reduce((p, f) => p * f, 1);
  let mean = 0;
  for (let x = 0; x <= n; x++) {
    const chance = Number(choose(n, x)) * rising(a, x) * rising(b, n - x) / rising(a + b, n);
    mean += chance * Math.exp(evidenceAgainstBaseline({ errors: x, n }, { errors: e0, n: n0 }));
  }
  assertClose(mean, 1, 1e-12);
});

Deno.test("evidenceAgainstBaseline() takes a rise by a tenth for none, however many requests show it", () => {
  const before = { errors: 2_000_000, n: 100_000_000 };
  for (const n of [1e5, 1e6, 1e7, 1e8]) {
    assert.ok(evidenceAgainstBaseline({ errors: 0.022 * n, n }, before) < 0, String(n));
  }
  assert.ok(evidenceAgainstBaseline({ errors: 0.03 * 1e6, n: 1e6 }, before) > 100);
});

/** By mpmath 1.3 with 50 digits; the second number with a dispersion of two. */
const AGAINST_CONTROL: readonly [Minute[], number, number][] = [
  [[[8, 100, 0, 100]], 3.59843912338178, 1.54928916044125],
  [repeat([4, 100, 2, 100], 5), 1.33469713732727, 0.584346144102149],
  [[[2, 10, 3, 90], [5, 50, 1, 50], [0, 20, 0, 5]], 2.00286954661342, 0.932656064755452],
  [[[80, 2_000, 40, 2_000]], 6.04349446476666, 2.87123962371342],
];

Deno.test("evidenceAgainstControl() is what fifty digits say, and less where errors come in bursts", () => {
  for (const [minutes, expected, dispersed] of AGAINST_CONTROL) {
    assertClose(evidenceAgainstControl(minutesOf(minutes)), expected, 1e-12 * 10);
    assertClose(evidenceAgainstControl(minutesOf(minutes), 2), dispersed, 1e-12 * 10);
  }
});

Deno.test("evidenceAgainstControl() never has winnings of more than one in the mean when both arms draw from the same errors", () => {
  // Every way in which so many errors fall on so many requests: hypergeometric, exactly.
  for (const [n, m, errors] of [[5, 5, 4], [3, 9, 6], [8, 2, 5], [4, 4, 8], [1, 6, 2]] as const) {
    let mean = 0;
    for (let x = Math.max(0, errors - m); x <= Math.min(n, errors); x++) {
      const chance = Number(choose(n, x) * choose(m, errors - x)) / Number(choose(n + m, errors));
      mean += chance * Math.exp(evidenceAgainstControl(minutesOf([[x, n, errors - x, m]])));
    }
    assert.ok(mean <= 1 + 1e-12, `${n} and ${m} requests, ${errors} errors: ${mean}`);
  }
});

Deno.test("evidenceAgainstControl() learns nothing of a minute that befell both arms alike, or that one of them missed", () => {
  const calm = minutesOf(repeat([2, 100, 2, 100], 10));
  const outage = minutesOf([[100, 100, 100, 100], [50, 50, 0, 0], [0, 0, 50, 50]]);
  assert.ok(evidenceAgainstControl([...calm, ...outage]) < evidenceAgainstControl(calm));
});

Deno.test("spreadOf() is Pearson's statistic over its freedom, with the chance that scipy gives it", () => {
  const blocks = [[4, 100], [12, 100], [8, 100], [9, 100], [3, 100], [14, 100], [6, 100], [8, 100]] as const;
  const rate = 64 / 800;
  const factor = blocks.reduce((sum, [errors]) => sum + (errors - 8) ** 2 / (100 * rate * (1 - rate)), 0) / 7;
  const spread = spreadOf(blocks.map(counts));
  assertClose(spread.factor, factor, 1e-12);
  assert.equal(spread.blocks, 8);
  // scipy 1.17.1: chi2.sf(7 * 1.902173913043478, 7) = 0.06479060411844091.
  assert.ok(Math.abs(spread.pValue - 0.0647906) < 0.002, String(spread.pValue));
});

Deno.test("spreadOf() says nothing of few blocks, of none, and of errors that all or none have", () => {
  const nothing = [[], repeat(counts([5, 100]), 4), repeat(counts([0, 100]), 50), repeat(counts([7, 7]), 50)];
  for (const blocks of nothing) assert.equal(spreadOf(blocks).factor, 1);
});

Deno.test("spreadBetween() sees bursts of one arm, and not those of both", () => {
  const alone = Array.from({ length: 40 }, (_, i): Minute => [i % 8 === 0 ? 24 : 1, 100, 4, 100]);
  const both = Array.from(
    { length: 40 },
    (_, i): Minute => i % 8 === 0 ? [24, 100, 22, 100] : [1, 100, 1, 100],
  );
  assert.ok(spreadBetween(minutesOf(alone)).factor > 3);
  assert.ok(spreadBetween(minutesOf(both)).pValue > 0.01);
});
