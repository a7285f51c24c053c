/** What a pattern's family lets expect of it. */

import assert from "node:assert/strict";
import {
  type FamilyMember,
  type LearnedPattern,
  predictEffectiveness,
  proposeFromPatterns,
  proposeUnproven,
} from "../../supabase/functions/_shared/patternLearning.ts";
import { fitBetaBinomial } from "../../supabase/functions/_shared/statistics.ts";
import { facts } from "../helpers/facts.ts";

function pattern(changes: Partial<LearnedPattern> = {}): LearnedPattern {
  return {
    id: "mine",
    pattern_name: "missing_schema: create_schema",
    error_signature: "3F000: schema $1 does not exist",
    fix_strategy: { kind: "create_schema", schema: "$1" },
    confidence_score: 0.75,
    auto_fixable: false,
    category: "database",
    project_id: "",
    success_count: 2,
    failure_count: 0,
    weighted_successes: 2,
    weighted_failures: 0,
    trust_decision: null,
    ...changes,
  };
}

function family(size: number, changes: Partial<FamilyMember> = {}): FamilyMember[] {
  return Array.from({ length: size }, (_, index) => ({
    id: `${index}`,
    kind: "create_schema",
    category: "database",
    table: null,
    successes: 2 + index % 2,
    failures: 8 - index % 2,
    ...changes,
  }));
}

Deno.test("predictEffectiveness() joins the pattern's evidence with what its family is like", () => {
  const members = family(8);
  const prior = fitBetaBinomial(
    members.map(({ successes, failures }) => ({ successes, n: successes + failures })),
  )!;
  const prediction = predictEffectiveness(pattern(), members)!;
  assert.equal(prediction.family, "category");
  assert.deepEqual(prediction.prior, prior);
  // A family so alike counts for ten outcomes at a quarter each: (2.5 + 2) / 12.
  assert.ok(Math.abs(prediction.predicted - 4.5 / 12) < 1e-3, String(prediction.predicted));
});

Deno.test("predictEffectiveness() takes the closest family that is large enough", () => {
  const about = (table: string) => pattern({ fix_strategy: { kind: "create_schema", table } });
  const orders = family(5, { table: "orders" });
  const others = family(20, { table: "users", successes: 9, failures: 1 }).map((one) => ({
    ...one,
    id: `o${one.id}`,
  }));
  assert.equal(predictEffectiveness(about("orders"), [...orders, ...others])!.family, "table");
  assert.equal(predictEffectiveness(about("orders"), [...orders.slice(1), ...others])!.family, "category");
  assert.equal(predictEffectiveness(about("orders"), family(9, { category: "migration" }))!.family, "kind");
});

Deno.test("predictEffectiveness() is silent on strangers, on small families and of patterns with enough evidence", () => {
  assert.equal(predictEffectiveness(pattern(), []), null);
  assert.equal(predictEffectiveness(pattern(), family(4)), null);
  assert.equal(predictEffectiveness(pattern(), family(9, { kind: "retry" })), null);
  assert.equal(predictEffectiveness(pattern({ success_count: 12 }), family(9)), null);
  assert.notEqual(predictEffectiveness(pattern({ success_count: 11 }), family(9)), null);
});

Deno.test("predictEffectiveness() never takes a pattern for its own family, nor counts that cannot be", () => {
  const mine = family(1, { id: "mine" });
  assert.equal(predictEffectiveness(pattern(), [...family(4), ...mine]), null);
  const broken = [{ successes: -1 }, { failures: Number.NaN }, { successes: 0.5 }, {
    successes: 0,
    failures: 0,
  }];
  const members = broken.flatMap((changes) => family(5, changes));
  assert.equal(predictEffectiveness(pattern(), members), null);
  const huge = family(6, { successes: 900_000_000, failures: 100_000_000 });
  assert.ok(Math.abs(predictEffectiveness(pattern({ weighted_successes: 0 }), huge)!.predicted - 0.9) < 0.01);
});

Deno.test("proposeFromPatterns() ranks by what is to be expected, and leaves the confidence as it is", () => {
  const other = pattern({ id: "other", confidence_score: 0.72, fix_strategy: { kind: "retry" } });
  const prediction = predictEffectiveness(pattern(), family(8))!;
  const of = (predictions?: ReadonlyMap<string, typeof prediction>) =>
    proposeFromPatterns([pattern(), other], facts(), predictions === undefined ? {} : { predictions })
      .map(({ patternId, confidence }) => [patternId, confidence]);
  assert.deepEqual(of(), [["mine", 0.75], ["other", 0.72]]);
  assert.deepEqual(of(new Map([["mine", prediction]])), [["other", 0.72], ["mine", 0.75]]);
  // A good family lifts nothing.
  assert.deepEqual(of(new Map([["other", { ...prediction, predicted: 1 }]])), [["mine", 0.75], [
    "other",
    0.72,
  ]]);
});

Deno.test("proposeUnproven() lists what has shown nothing yet, and not what has shown that it fails", () => {
  const listed = (score: number) => proposeUnproven([pattern({ confidence_score: score })], facts()).length;
  assert.deepEqual([0.49, 0.5, 0.69, 0.7].map(listed), [0, 1, 1, 0]);
});

Deno.test("proposeFromPatterns() asks the project's own pattern from its first failure on, and the shared one before", () => {
  const shared = pattern({ id: "shared", confidence_score: 0.9 });
  const own = pattern({ id: "own", project_id: "shop", confidence_score: 0.8 });
  const of = (changes: Partial<LearnedPattern>) =>
    proposeFromPatterns([shared, { ...own, ...changes }], facts()).map(({ patternId }) => patternId);
  assert.deepEqual(of({ success_count: 5, failure_count: 0 }), ["shared"]);
  assert.deepEqual(of({ success_count: 6, failure_count: 0 }), ["own"]);
  assert.deepEqual(of({ success_count: 1, failure_count: 1 }), ["own"]);
  assert.deepEqual(of({ trust_decision: "demoted", success_count: 1 }), ["own"]);
  // Its score is too low, and the shared one must not speak for it.
  assert.deepEqual(of({ failure_count: 3, confidence_score: 0.3 }), []);
});

Deno.test("proposeFromPatterns() takes a person's word for as much as a rule's", () => {
  const of = (changes: Partial<LearnedPattern>) =>
    proposeFromPatterns([pattern({ confidence_score: 0.5, ...changes })], facts()).map(({ confidence }) =>
      confidence
    );
  assert.deepEqual(of({ trust_decision: "promoted", auto_fixable: true }), [0.9]);
  assert.deepEqual(of({ trust_decision: "promoted", auto_fixable: false }), []);
  assert.deepEqual(of({ auto_fixable: true }), []);
});
