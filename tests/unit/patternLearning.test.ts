import assert from "node:assert/strict";
import {
  type LearnedPattern,
  patternOf,
  proposeFromPatterns,
} from "../../supabase/functions/_shared/patternLearning.ts";
import { facts } from "../helpers/facts.ts";

function pattern(changes: Partial<LearnedPattern> = {}): LearnedPattern {
  return {
    id: "1",
    pattern_name: "missing_schema: create_schema",
    error_signature: "3F000: schema $1 does not exist",
    fix_strategy: { kind: "create_schema", schema: "$1" },
    confidence_score: 0.9,
    auto_fixable: true,
    ...changes,
  };
}

Deno.test("patternOf() is general when the error itself said everything in the fix", () => {
  const learned = patternOf({ kind: "create_schema", schema: "shop" }, facts(), "deterministic", "database");
  assert.equal(learned.error_signature, "3F000: schema $1 does not exist");
  assert.deepEqual(learned.fix_strategy, { kind: "create_schema", schema: "$1" });
});

Deno.test("patternOf() knows one failure only when the fix holds more than the error said", () => {
  const action = { kind: "create_extension", extension: "unaccent", provides: "unaccent" };
  const learned = patternOf(
    action,
    facts({ template: "42883: function unaccent(text) does not exist" }),
    "deterministic",
    "database",
  );
  assert.equal(learned.error_signature, "42883: function unaccent(text) does not exist");
  assert.deepEqual(learned.fix_strategy, action);
});

Deno.test("proposeFromPatterns() fills the slots of this error, the best pattern first", () => {
  const proposals = proposeFromPatterns(
    [pattern({ id: "2", confidence_score: 0.8 }), pattern()],
    facts({ slots: ["tenant_9"] }),
  );
  assert.deepEqual(proposals.map((one) => one.patternId), ["1", "2"]);
  assert.deepEqual(proposals[0]!.action, { kind: "create_schema", schema: "tenant_9" });
});

Deno.test("proposeFromPatterns() leaves patterns below 0.70 alone, and a slot that the error does not have stays unfilled", () => {
  assert.deepEqual(proposeFromPatterns([pattern({ confidence_score: 0.69 })], facts()), []);
  const [proposed] = proposeFromPatterns(
    [pattern({ fix_strategy: { kind: "create_schema", schema: "$3" } })],
    facts(),
  );
  assert.deepEqual(proposed!.action, { kind: "create_schema", schema: "$3" });
});
