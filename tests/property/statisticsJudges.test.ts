/** What holds of the judges of patterns and votes whatever they are told, and of every door told nonsense. */

import assert from "node:assert/strict";
import {
  addOutcomes,
  chiSquareTest,
  combineMajority,
  combineUnanimous,
  combineWeighted,
  createEProcess,
  decideExperiment,
  expectedLoss,
  fisherExactTest,
  incompleteBeta,
  judgePattern,
  logGamma,
  newPatternEvidence,
  normalCdf,
  normalQuantile,
  PATTERN_RULES,
  posteriorMean,
  probabilityBBeatsA,
  probabilityBelow,
  rankCandidates,
  type RankedCandidate,
  recordOutcome,
  requiredSampleSize,
  routeBySplit,
  sampleRatioEvidence,
  type Vote,
  wilsonInterval,
} from "../../supabase/functions/_shared/statistics.ts";
import { assertClose } from "../helpers/exact.ts";
import { assertProperty, fc } from "../helpers/property.ts";

const history = fc.array(fc.boolean(), { maxLength: 120 });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const prior = fc.double({ min: 0.01, max: 0.99, noNaN: true });
const votes = fc.array(
  fc.record({ accuracy: share, answer: fc.constantFrom(true, false, null) }),
  { maxLength: 9 },
).map((all): Vote[] => all.map((vote, index) => ({ ...vote, voter: `${index}` })));

function learn(outcomes: readonly boolean[]) {
  return outcomes.reduce(recordOutcome, newPatternEvidence());
}

Deno.test("recordOutcome() keeps evidence finite, bounded by 43.8, and the row of failures exact", () => {
  assertProperty(fc.property(history, (outcomes) => {
    const evidence = learn(outcomes);
    const { score, probabilityBelowHalf, effectiveN } = judgePattern(evidence);
    assert.ok(score > 0 && score < 1 && probabilityBelowHalf >= 0 && probabilityBelowHalf <= 1);
    assert.ok(effectiveN <= 43.8 + 0.1);
    assert.equal(evidence.consecutiveFailures, outcomes.length - 1 - outcomes.lastIndexOf(true));
  }));
});

Deno.test("recordOutcome() never lowers a score for a success nor raises a good one for a failure", () => {
  assertProperty(fc.property(history, (outcomes) => {
    const evidence = learn(outcomes);
    const { score } = judgePattern(evidence);
    assert.ok(judgePattern(recordOutcome(evidence, true)).score >= score - 1e-12);
    if (score >= 0.5) assert.ok(judgePattern(recordOutcome(evidence, false)).score <= score + 1e-12);
  }));
});

Deno.test("judgePattern() lets act alone only what is trusted, and trusts only within the bounds", () => {
  assertProperty(
    fc.property(history, (outcomes) => {
      const evidence = learn(outcomes);
      const { decision, score, probabilityBelowHalf } = judgePattern(evidence);
      assert.equal(decision === "auto", evidence.standing === "trusted");
      if (decision === "auto") {
        assert.ok(score >= PATTERN_RULES.suggestScore && probabilityBelowHalf <= PATTERN_RULES.demoteBound);
        assert.ok(evidence.consecutiveFailures < PATTERN_RULES.failuresInARow);
      }
      if (decision === "demoted") assert.equal(evidence.standing, "demoted");
      if (decision === "suggest") assert.ok(score >= PATTERN_RULES.suggestScore);
    }),
    { runs: 500 },
  );
});

Deno.test("recordOutcome() takes trust away only for a failure", () => {
  assertProperty(fc.property(history, (outcomes) => {
    const evidence = learn(outcomes);
    if (evidence.standing === "trusted") assert.equal(recordOutcome(evidence, true).standing, "trusted");
  }));
});

Deno.test("combineWeighted() is mirrored when everybody changes sides, and does not see the order of votes", () => {
  assertProperty(
    fc.property(votes, prior, fc.double({ min: -1, max: 1, noNaN: true }), (all, prior, correlation) => {
      const { probability } = combineWeighted(all, { prior, correlation });
      assert.ok(probability > 0 && probability < 1);
      const against = all.map((vote) => ({ ...vote, answer: vote.answer === null ? null : !vote.answer }));
      assertClose(
        combineWeighted(against, { prior: 1 - prior, correlation }).probability,
        1 - probability,
        1e-9,
      );
      assertClose(combineWeighted([...all].reverse(), { prior, correlation }).probability, probability, 1e-9);
    }),
  );
});

Deno.test("combineWeighted() believes less, never more, as voters repeat one another", () => {
  assertProperty(fc.property(votes, share, share, (all, one, other) => {
    const less = combineWeighted(all, { correlation: Math.max(one, other) });
    const more = combineWeighted(all, { correlation: Math.min(one, other) });
    assert.ok(Math.abs(less.logOdds) <= Math.abs(more.logOdds) + 1e-12);
  }));
});

Deno.test("combineMajority() and combineUnanimous() never name opposite sides", () => {
  assertProperty(fc.property(votes, (all) => {
    const [majority, unanimous] = [combineMajority(all).verdict, combineUnanimous(all).verdict];
    if (unanimous !== "undecided") assert.equal(majority, unanimous);
  }));
});

Deno.test("rankCandidates() gives one order whatever the order that it was given", () => {
  const candidate: fc.Arbitrary<RankedCandidate> = fc.record({
    id: fc.uuid(),
    logOdds: fc.integer({ min: -2, max: 2 }),
    patternScore: fc.constantFrom(0.2, 0.7),
    risk: fc.constantFrom("low", "medium", "high"),
    isIncumbent: fc.boolean(),
  });
  const candidates = fc.uniqueArray(candidate, { selector: ({ id }) => id });
  assertProperty(fc.property(candidates, (all) => {
    assert.deepEqual(rankCandidates([...all].reverse()), rankCandidates(all));
  }));
});

/** Every door with numbers that may be anything. */
const DOORS: Record<string, (x: number, y: number, z: number) => unknown> = {
  logGamma,
  incompleteBeta,
  normalCdf,
  normalQuantile,
  wilsonInterval,
  posteriorMean,
  probabilityBelow,
  sampleRatioEvidence,
  chiSquareTest: (x, y, z) => chiSquareTest({ successes: x, n: y }, { successes: z, n: y }),
  fisherExactTest: (x, y, z) => fisherExactTest({ successes: x, n: y }, { successes: z, n: y }),
  probabilityBBeatsA: (x, y, z) => probabilityBBeatsA({ successes: x, n: y }, { successes: z, n: y }),
  expectedLoss: (x, y, z) => expectedLoss({ successes: x, n: y }, { successes: z, n: y }),
  addOutcomes: (x, y, z) =>
    addOutcomes(createEProcess(), { a: { successes: x, n: y }, b: { successes: z, n: y } }),
  decideExperiment: (x, y, z) =>
    decideExperiment(createEProcess(), { maxN: x, assigned: { a: y, b: z } }).figures,
  requiredSampleSize: (x, y, z) => requiredSampleSize(x, y, { power: z }),
  judgePattern: (x, y, z) =>
    judgePattern({ successes: x, failures: y, consecutiveFailures: z, standing: "trusted" }),
  combineWeighted: (x, y, z) =>
    combineWeighted([{ voter: "v", accuracy: x, answer: true }], { prior: y, correlation: z }),
  routeBySplit: (x) => routeBySplit("e", "u", x),
};

Deno.test("statistics answers without NaN or refuses with a RangeError that names the value, for any numbers", () => {
  const odd = fc.constantFrom(
    Number.NaN,
    Infinity,
    -Infinity,
    -1,
    -0,
    0,
    1,
    0.5,
    2,
    3.5,
    1e-320,
    1e308,
    2 ** 53,
  );
  const any = fc.oneof(odd, fc.nat(300), fc.double());
  for (const [name, door] of Object.entries(DOORS)) {
    assertProperty(fc.property(any, any, any, (x, y, z) => {
      try {
        assertNoNaN(door(x, y, z), `${name}(${x}, ${y}, ${z})`);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        assert.match(error.message, /^Cannot .+ as ".+" must .+: current value is \S/);
      }
    }));
  }
});

function assertNoNaN(value: unknown, what: string): void {
  if (typeof value === "number") assert.ok(!Number.isNaN(value), what);
  if (typeof value === "string") assert.ok(!value.includes("NaN"), `${what}: ${value}`);
  if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) assertNoNaN(inner, what);
  }
}
