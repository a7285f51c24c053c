/** Votes and their combination against the method's figures. */

import assert from "node:assert/strict";
import {
  combineMajority,
  combineUnanimous,
  combineWeighted,
  meanPairwiseCorrelation,
  rankCandidates,
  type RankedCandidate,
  type Vote,
} from "../../../supabase/functions/_shared/statistics.ts";
import { assertClose } from "../../helpers/exact.ts";

/** `.8y .7n .6-`: accuracies with the answers yes, no and none. */
function votes(text: string): Vote[] {
  return text.split(" ").filter(Boolean).map((one, index) => ({
    voter: `voter ${index}`,
    accuracy: Number(one.slice(0, -1)),
    answer: one.endsWith("-") ? null : one.endsWith("y"),
  }));
}

Deno.test("combineWeighted() meets the method's figures", () => {
  const figures = [
    [".8y .7y .6n", 0.861538462],
    [".9y .7n .7n", 0.623076923],
    [".75y .75y .75y", 0.964285714],
    [".95y .6n .6n .6n .6n", 0.789610390],
    [".6y .6n", 0.5],
  ] as const;
  for (const [text, probability] of figures) {
    assertClose(combineWeighted(votes(text)).probability, probability, 1e-9, text);
  }
  const correlated = combineWeighted(votes(".75y .75y .75y"), { correlation: 0.5 });
  assert.equal(correlated.divisor, 2);
  assertClose(correlated.probability, 0.838609522, 1e-9);
});

Deno.test("combineWeighted() is Bayes' rule for independent voters", () => {
  // 0.3 x 0.8 x 0.7 x 0.4 against 0.7 x 0.2 x 0.3 x 0.6.
  const expected = 0.0672 / (0.0672 + 0.0252);
  assertClose(combineWeighted(votes(".8y .7y .6n"), { prior: 0.3 }).probability, expected, 1e-14);
});

Deno.test("combineWeighted() counts nobody as more than .95 or less than .05 and leaves abstentions out", () => {
  assertClose(combineWeighted(votes("1y")).probability, 0.95, 1e-14);
  assertClose(combineWeighted(votes("0y")).probability, 0.05, 1e-14);
  const { abstained, divisor, verdict } = combineWeighted(votes(".7y .7y .9-"), { correlation: 0.5 });
  assert.deepEqual({ abstained, divisor, verdict }, { abstained: 1, divisor: 1.5, verdict: "for" });
});

Deno.test("combineWeighted() decides nothing on a tie or without a vote", () => {
  assert.equal(combineWeighted(votes(".6y .6n")).verdict, "tie");
  assert.equal(combineWeighted(votes(".1y .1n .5y")).verdict, "tie");
  assert.equal(combineWeighted(votes(".9- .9-"), { prior: 0.9 }).verdict, "undecided");
  assert.equal(combineWeighted([]).verdict, "undecided");
});

Deno.test("combineWeighted() never believes more because voters contradict one another", () => {
  const text = ".75y .75y .75y";
  assert.deepEqual(combineWeighted(votes(text), { correlation: -0.9 }), combineWeighted(votes(text)));
});

Deno.test("combineWeighted() with the correlation claims what five voters that repeat one another keep", () => {
  // Voters at .7 whose common chance is Beta(a, b) with a + b = 1/.36 - 1: the exact beta-binomial distribution.
  const total = 1 / 0.36 - 1;
  const product = (share: number) =>
    [0, 1, 2, 3, 4].reduce((all, i) => all * (share * total + i) / (total + i), 1);
  const right = product(0.7) / (product(0.7) + product(0.3));
  const five = votes(".7y .7y .7y .7y .7y");
  const claimed = combineWeighted(five, { correlation: 0.36 }).probability;
  assertClose(claimed, 0.850, 5e-4);
  assert.ok(claimed <= right && right - claimed < 0.015, `${claimed} claimed, ${right} right`);
  assert.ok(combineWeighted(five).probability > right + 0.12);
});

Deno.test("combineMajority() needs strictly more than half of the votes cast", () => {
  assert.equal(combineMajority(votes(".6y .6y .9n")).verdict, "for");
  assert.equal(combineMajority(votes(".6n .6n .9y .9-")).verdict, "against");
  assert.equal(combineMajority(votes(".6y .9n .9-")).verdict, "tie");
  assert.equal(combineMajority(votes(".9-")).verdict, "undecided");
});

Deno.test("combineUnanimous() needs two votes and no dissent", () => {
  assert.equal(combineUnanimous(votes(".6y .6y .9-")).verdict, "for");
  assert.equal(combineUnanimous(votes(".6n .6n")).verdict, "against");
  assert.equal(combineUnanimous(votes(".6y .6y .6n")).verdict, "undecided");
  assert.equal(combineUnanimous(votes(".9y .9-")).verdict, "undecided");
  assert.equal(combineUnanimous([]).verdict, "undecided");
});

Deno.test("meanPairwiseCorrelation() is the mean phi of the pairs that can be told", () => {
  const t = true;
  const f = false;
  assert.equal(meanPairwiseCorrelation([[t, f, t, f], [t, f, t, f]]), 1);
  assert.equal(meanPairwiseCorrelation([[t, f, t, f], [f, t, f, t]]), -1);
  assert.equal(meanPairwiseCorrelation([[t, t, f, f], [t, f, t, f]]), 0);
  // Pairs: 1, 1/3, 1/3; phi of (t,t,f,f) and (t,t,t,f) is 2 / sqrt(4 x 3) = .577.
  const phi = 2 / Math.sqrt(12);
  assertClose(meanPairwiseCorrelation([[t, t, f, f], [t, t, f, f], [t, t, t, f]])!, (1 + 2 * phi) / 3, 1e-14);
  assert.equal(meanPairwiseCorrelation([[t, t], [t, f]]), null);
  assert.equal(meanPairwiseCorrelation([]), null);
});

const candidate: RankedCandidate = {
  id: "m",
  logOdds: 1,
  patternScore: 0.7,
  risk: "medium",
  isIncumbent: false,
};

Deno.test("rankCandidates() orders by sum, score, risk, incumbent and id, in this order", () => {
  const ranked = rankCandidates([
    { ...candidate, id: "z" },
    { ...candidate, id: "a" },
    { ...candidate, id: "incumbent", isIncumbent: true },
    { ...candidate, id: "safer", risk: "low" },
    { ...candidate, id: "better", patternScore: 0.8, risk: "high" },
    { ...candidate, id: "stronger", logOdds: 2, patternScore: 0.1, risk: "high" },
  ]);
  assert.deepEqual(ranked.map(({ id }) => id), ["stronger", "better", "safer", "incumbent", "a", "z"]);
});

Deno.test("combineWeighted(), combineMajority() and rankCandidates() refuse what cannot be", () => {
  const [vote] = votes(".6y");
  assert.throws(() => combineMajority([vote!, vote!]), /"voter" must be a voter that has not voted yet/);
  assert.throws(() => combineUnanimous([{ ...vote!, accuracy: 1.2 }]), RangeError);
  assert.throws(() => combineWeighted([{ ...vote!, accuracy: Number.NaN }]), RangeError);
  assert.throws(() => combineWeighted([], { prior: 1 }), /"prior" must be a number > 0 and < 1/);
  assert.throws(() => combineWeighted([], { correlation: 2 }), RangeError);
  assert.throws(() => meanPairwiseCorrelation([[true], []]), /rows of 1 cases each: current value is 0/);
  assert.throws(() => rankCandidates([{ ...candidate, logOdds: Number.NaN }]), RangeError);
  assert.throws(() => rankCandidates([{ ...candidate, risk: "none" as "low" }]), RangeError);
});
