/** The empirical-Bayes prior, against numbers that were found on other roads. */

import assert from "node:assert/strict";
import {
  type ArmCounts,
  fitBetaBinomial,
  posteriorMean,
  predictRate,
  probabilityBelow,
} from "../../../supabase/functions/_shared/statistics.ts";
import { assertClose } from "../../helpers/exact.ts";

/**
 * Endometrial tumours in 70 historical control groups of rats and the current one, 4 of 14 (Tarone 1982; Gelman et al.,
 * Bayesian Data Analysis, 3rd edition, table 5.1; there the 70 raw rates have mean 0.136 and deviation 0.103).
 */
const TUMOURS =
  "0/20 0/20 0/20 0/20 0/20 0/20 0/20 0/19 0/19 0/19 0/19 0/18 0/18 0/17 1/20 1/20 1/20 1/20 1/19 1/19 1/18 1/18 2/25 2/24 2/23 2/20 2/20 2/20 2/20 2/20 2/20 1/10 5/49 2/19 5/46 3/27 2/17 7/49 7/47 3/20 3/20 2/13 9/48 10/50 4/20 4/20 4/20 4/20 4/20 4/20 4/20 10/48 4/19 4/19 4/19 5/22 11/46 12/49 5/20 5/20 6/23 5/19 6/22 6/20 6/20 6/20 16/52 15/47 15/46 9/24 4/14";

function familyOf(text: string): ArmCounts[] {
  return text.split(" ").map((pair) => {
    const [successes, n] = pair.split("/").map(Number);
    return { successes: successes!, n: n! };
  });
}

Deno.test("fitBetaBinomial() finds the maximum-likelihood prior of the rat tumours", () => {
  // Minimised in SciPy 1.17 (betaln, Nelder-Mead from three starts, xatol 1e-12).
  const prior = fitBetaBinomial(familyOf(TUMOURS))!;
  assertClose(prior.alpha, 2.34161445, 1e-6);
  assertClose(prior.beta, 14.11480458, 1e-6);
  assert.equal(prior.members, 71);
});

Deno.test("fitBetaBinomial() finds a small, uneven family as another optimiser does", () => {
  // The same SciPy minimisation.
  const prior = fitBetaBinomial(familyOf("9/10 8/10 2/10 6/6 0/4 10/12 3/5"))!;
  assertClose(prior.alpha, 1.21006833, 1e-6);
  assertClose(prior.beta, 0.75707805, 1e-6);
});

Deno.test("fitBetaBinomial() meets the closed form of members with two outcomes each", () => {
  // Three cells and two parameters: the fit reproduces the shares of 0, 1 and 2 successes exactly, so that
  // mean = share(1)/2 + share(2) and 1/(strength + 1) = 1 - share(1) / (2 mean (1 - mean)); here .6 and 5/7.
  const family = [
    ...Array<string>(30).fill("0/2"),
    ...Array<string>(20).fill("1/2"),
    ...Array<string>(50).fill("2/2"),
  ];
  const prior = fitBetaBinomial(familyOf(family.join(" ")))!;
  assertClose(prior.alpha / (prior.alpha + prior.beta), 0.6, 1e-10);
  assertClose(prior.alpha + prior.beta, 5 / 7, 1e-9);
});

Deno.test("fitBetaBinomial() calls members that differ no more than chance one rate, and survives perfect ones", () => {
  const even = fitBetaBinomial(familyOf("5/10 5/10 5/10 5/10"))!;
  assertClose(even.alpha / (even.alpha + even.beta), 0.5, 1e-9);
  assert.ok(even.alpha + even.beta > 4_000);
  for (const perfect of ["6/6 8/8 10/10", "0/6 0/9"]) {
    const prior = fitBetaBinomial(familyOf(perfect))!;
    const { predicted, probabilityBelowHalf } = predictRate({ successes: 0, failures: 0 }, prior);
    assert.ok(predicted > 0 && predicted < 1 && Number.isFinite(probabilityBelowHalf), perfect);
  }
});

Deno.test("fitBetaBinomial() says nothing of fewer than two members, and refuses counts that cannot be", () => {
  assert.equal(fitBetaBinomial([]), null);
  assert.equal(fitBetaBinomial(familyOf("3/4 0/0")), null);
  assert.throws(() => fitBetaBinomial([{ successes: 3, n: 2 }]), /"family\[0\].successes" must be/);
  assert.throws(() => fitBetaBinomial([{ successes: Number.NaN, n: 2 }]), RangeError);
});

Deno.test("predictRate() with a uniform prior is the score that patterns have", () => {
  const uniform = { alpha: 1, beta: 1, members: 2 };
  for (const [successes, failures] of [[0, 0], [6, 0], [5.667656, 0], [27, 3]] as const) {
    const { predicted, probabilityBelowHalf } = predictRate({ successes, failures }, uniform);
    assertClose(predicted, posteriorMean(successes, failures), 1e-14);
    assertClose(probabilityBelowHalf, probabilityBelow(0.5, successes, failures), 1e-14);
  }
});

Deno.test("predictRate() lets a prior count for ten outcomes at most, so that own evidence wins in the end", () => {
  const poor = { alpha: 20, beta: 180, members: 50 };
  // (1 + 6) / (10 + 6): the prior's mean .1 with the weight of ten.
  assertClose(predictRate({ successes: 6, failures: 0 }, poor).predicted, 7 / 16, 1e-14);
  assertClose(predictRate({ successes: 40, failures: 0 }, poor).predicted, 41 / 50, 1e-14);
  assert.throws(() => predictRate({ successes: -1, failures: 0 }, poor), RangeError);
  assert.throws(() => predictRate({ successes: 1, failures: 0 }, { ...poor, alpha: Number.NaN }), RangeError);
});
