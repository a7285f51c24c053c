/** How a pattern earns and loses trust, against the method's figures. */

import assert from "node:assert/strict";
import {
  judgePattern,
  newPatternEvidence,
  type PatternEvidence,
  recordOutcome,
} from "../../../supabase/functions/_shared/statistics.ts";
import { assertClose } from "../../helpers/exact.ts";

function after(outcomes: string, from = newPatternEvidence()): PatternEvidence {
  return [...outcomes].reduce((evidence, outcome) => recordOutcome(evidence, outcome === "+"), from);
}

function undiscounted(successes: number, failures: number): PatternEvidence {
  return { ...newPatternEvidence(), successes, failures };
}

Deno.test("judgePattern() meets every undiscounted decision of the method", () => {
  const decisions = [
    [2, 0, "suggest"],
    [5, 0, "suggest"],
    [6, 0, "auto"],
    [8, 1, "suggest"],
    [9, 1, "auto"],
    [15, 5, "suggest"],
    [27, 3, "auto"],
    [0, 0, "options"],
    [7, 3, "options"],
  ] as const;
  for (const [successes, failures, decision] of decisions) {
    assert.equal(judgePattern(undiscounted(successes, failures)).decision, decision);
  }
});

Deno.test("recordOutcome() discounts: six straight successes count 5.667656 and earn trust, five do not", () => {
  assert.equal(judgePattern(after("+++++")).decision, "suggest");
  const six = after("++++++");
  const judged = judgePattern(six);
  assertClose(six.successes, 5.667656, 5e-7);
  assertClose(judged.probabilityBelowHalf, 0.009836, 5e-7);
  assert.deepEqual([judged.decision, six.standing], ["auto", "trusted"]);
});

Deno.test("recordOutcome() never remembers more than 43.8 outcomes and halves them in thirty", () => {
  const long = after("+".repeat(2_000));
  assertClose(judgePattern(long).effectiveN, 1 / (1 - 2 ** (-1 / 30)), 1e-10);
  assertClose(judgePattern(long).effectiveN, 43.8, 0.002);
  const before = after("+-+++");
  const later = after("+".repeat(30), before);
  assertClose(later.failures, before.failures / 2, 1e-14);
});

Deno.test("recordOutcome() takes the trust away at the third failure in a row and halves the evidence once", () => {
  const trusted = after("+".repeat(40));
  const two = after("--", trusted);
  assert.equal(judgePattern(two).decision, "auto");
  const three = after("-", two);
  const judged = judgePattern(three);
  assert.equal(judged.decision, "demoted");
  assert.match(judged.reason, /3 failures in a row/);
  const gamma = 2 ** (-1 / 30);
  assertClose(three.successes, two.successes * gamma / 2, 1e-14);
  assertClose(three.failures, (two.failures * gamma + 1) / 2, 1e-14);
  const four = after("-", three);
  assertClose(four.failures, three.failures * gamma + 1, 1e-14);
  assert.equal(four.standing, "demoted");
});

Deno.test("recordOutcome() keeps the trust between the bound that earns it and the bound that loses it", () => {
  const trusted: PatternEvidence = { ...undiscounted(12, 4), standing: "trusted" };
  const worse: PatternEvidence = { ...undiscounted(11, 3.5), standing: "trusted" };
  assert.equal(judgePattern(trusted).decision, "auto");
  assert.equal(judgePattern(worse).decision, "auto");
  assert.equal(judgePattern({ ...worse, standing: "earning" }).decision, "suggest");
  assert.equal(judgePattern({ ...worse, standing: "demoted" }).decision, "suggest");
});

Deno.test("judgePattern() demotes a trusted pattern by score and by bound, and says which", () => {
  const byScore = judgePattern({ ...undiscounted(20, 9), standing: "trusted" });
  assert.deepEqual([byScore.decision, byScore.reason], ["demoted", "score 0.6774 is below 0.7"]);
  const byBound = judgePattern({ ...undiscounted(4, 1), standing: "trusted" });
  assert.deepEqual([byBound.decision, byBound.reason], ["demoted", "P(theta < 0.5) 0.1094 is above 0.05"]);
  assert.equal(judgePattern(undiscounted(4, 1)).decision, "suggest");
});

Deno.test("judgePattern() lets a demoted pattern earn its trust again", () => {
  const demoted = after("+".repeat(8) + "---");
  assert.equal(judgePattern(demoted).decision, "demoted");
  assert.equal(judgePattern(after("+".repeat(20), demoted)).decision, "auto");
});

Deno.test("judgePattern() never trusts a pattern that fails three times in a row at the start", () => {
  const judged = judgePattern(after("---"));
  assert.deepEqual([judged.decision, after("---").standing], ["options", "earning"]);
});

Deno.test("recordOutcome() and judgePattern() refuse evidence that cannot be", () => {
  const evidence = newPatternEvidence();
  const refused = (changes: Record<string, unknown>) => () =>
    recordOutcome({ ...evidence, ...changes } as PatternEvidence, true);
  assert.throws(
    refused({ successes: -1 }),
    /"successes" must be a number >= 0 and <= 1000000000: current value is -1/,
  );
  assert.throws(refused({ failures: Number.NaN }), RangeError);
  assert.throws(refused({ consecutiveFailures: 1.5 }), RangeError);
  assert.throws(refused({ standing: "loved" }), /"standing" must be earning, trusted or demoted/);
  assert.throws(() => judgePattern({ ...evidence, successes: Infinity }), RangeError);
  assert.throws(() => recordOutcome(evidence, 1 as unknown as boolean), /must be true or false/);
  assert.deepEqual(evidence, newPatternEvidence());
});
