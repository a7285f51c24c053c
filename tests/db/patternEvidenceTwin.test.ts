/** The database and the kernel count patterns in the same way: both are told the same random evidence. */

import assert from "node:assert/strict";
import {
  findHealingPatterns,
  type HealingPattern,
  recordPatternEvidence,
  upsertHealingPattern,
} from "../../supabase/functions/_shared/healingDb.ts";
import {
  judgePattern,
  newPatternEvidence,
  type PatternEvidence,
  probabilityBelow,
  recordOutcome,
} from "../../supabase/functions/_shared/statistics.ts";
import { proposeFromPatterns, proposeUnproven } from "../../supabase/functions/_shared/patternLearning.ts";
import { openContract, proposal } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { assertClose } from "../helpers/exact.ts";
import { facts } from "../helpers/facts.ts";
import { patternWith } from "../helpers/patterns.ts";
import { assertAsyncProperty, fc } from "../helpers/property.ts";

const { pattern } = proposal({ id: "", claim_number: 0 });

/** What the database keeps of a pattern's evidence. */
interface StoredEvidence extends HealingPattern {
  weighted_successes: number;
  weighted_failures: number;
  consecutive_failures: number;
}

Deno.test("probability_below_half() is probabilityBelow(0.5) to 1e-12 for any evidence that forgetting leaves", async () => {
  await using database = await createTestDatabase();
  const weight = fc.double({ min: 0, max: 44, noNaN: true });
  const evidence = fc.array(fc.tuple(weight, weight), { minLength: 100, maxLength: 100 });
  await assertAsyncProperty(
    fc.asyncProperty(evidence, async (pairs) => {
      const rows = await database.query<{ p: number }>(
        `select healing_private.probability_below_half(s, f) as p
        from unnest($1::double precision[], $2::double precision[]) with ordinality as e (s, f, position)
        order by position`,
        [pairs.map(([successes]) => successes), pairs.map(([, failures]) => failures)],
      );
      for (const [index, [successes, failures]] of pairs.entries()) {
        const expected = probabilityBelow(0.5, successes, failures);
        assertClose(rows[index]!.p, expected, 1e-12, `${successes}, ${failures}`);
      }
    }),
    { runs: 20 },
  );
});

Deno.test("probability_below_half() agrees with the kernel on undiscounted evidence of a long life", async () => {
  await using database = await createTestDatabase();
  for (
    const [successes, failures] of [[1_000, 900], [900, 1_000], [4_000, 4_000], [20_000, 19_700]] as const
  ) {
    const [row] = await database.query<{ p: number }>(
      "select healing_private.probability_below_half($1, $2) as p",
      [successes, failures],
    );
    assertClose(row!.p, probabilityBelow(0.5, successes, failures), 1e-9, `${successes}, ${failures}`);
  }
});

Deno.test("record_pattern_evidence() takes every step that recordOutcome() takes", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  // Mostly successes, and rows of failures, so that trust is earned and lost in many ways.
  const stretch = fc.oneof(
    { weight: 3, arbitrary: fc.array(fc.constant(true), { maxLength: 9 }) },
    { weight: 2, arbitrary: fc.array(fc.constant(false), { maxLength: 4 }) },
    { weight: 1, arbitrary: fc.array(fc.boolean(), { maxLength: 6 }) },
  );
  const history = fc.array(stretch, { maxLength: 10 }).map((stretches) => stretches.flat());
  const seen = new Set<PatternEvidence["standing"]>();
  await assertAsyncProperty(
    fc.asyncProperty(history, async (outcomes) => {
      const signature = `3F000: ${crypto.randomUUID()}`;
      const { id } = await upsertHealingPattern(contract.rpc, { ...pattern, error_signature: signature });
      let evidence = newPatternEvidence();
      for (const [index, succeeded] of outcomes.entries()) {
        evidence = recordOutcome(evidence, succeeded);
        seen.add(evidence.standing);
        const stored = await recordPatternEvidence(contract.rpc, {
          patternId: id,
          unit: `${index}`,
          succeeded,
        });
        assertSame(stored as StoredEvidence, evidence, outcomes.slice(0, index + 1));
      }
    }),
    { runs: 40 },
  );
  assert.deepEqual([...seen].sort(), ["demoted", "earning", "trusted"]);
});

Deno.test("find_healing_patterns() and proposeFromPatterns() let the same pattern speak for a project", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const outcomes = fc.oneof(fc.constant(null), fc.stringMatching(/^\+{0,8}-?\+?$/));
  const word = fc.constantFrom("promote_pattern", "demote_pattern", null);
  let spoken = { own: 0, shared: 0 };
  await assertAsyncProperty(
    fc.asyncProperty(outcomes, outcomes, word, async (ofShared, ofOwn, decision) => {
      const error_signature = `3F000: ${crypto.randomUUID()}`;
      const shared = ofShared === null
        ? null
        : await patternWith(contract.rpc, ofShared, { error_signature });
      const own = ofOwn === null
        ? null
        : await patternWith(contract.rpc, ofOwn, { error_signature, project_id: "shop" });
      if (own !== null && decision !== null) {
        await contract.rpc.call(decision, { p_pattern_id: own.id, p_reason: "a test" });
      }
      const rows = await database.query<{ pattern: HealingPattern }>(
        "select to_jsonb(p) as pattern from universal_error_patterns as p where error_signature = $1",
        [error_signature],
      );
      const all = rows.map(({ pattern }) => pattern);
      const known = facts({ signature: error_signature });
      const here = [...proposeFromPatterns(all, known), ...proposeUnproven(all, known)].map((one) =>
        one.patternId
      );
      const there = (await findHealingPatterns(contract.rpc, [error_signature], "shop"))
        .filter((one) => one.confidence_score >= 0.5 || one.auto_fixable).map(({ id }) => id);
      assert.deepEqual(here, there);
      if (own !== null && here[0] === own.id) spoken = { ...spoken, own: spoken.own + 1 };
      if (shared !== null && here[0] === shared.id) spoken = { ...spoken, shared: spoken.shared + 1 };
    }),
    { runs: 60 },
  );
  assert.ok(spoken.own > 0 && spoken.shared > 0, JSON.stringify(spoken));
});

function assertSame(stored: StoredEvidence, evidence: PatternEvidence, outcomes: readonly boolean[]): void {
  const what = outcomes.map((outcome) => outcome ? "+" : "-").join("");
  const { score, probabilityBelowHalf } = judgePattern(evidence);
  assertClose(stored.weighted_successes, evidence.successes, 1e-12, what);
  assertClose(stored.weighted_failures, evidence.failures, 1e-12, what);
  assertClose(stored.confidence_score, score, 1e-12, what);
  assertClose(stored.probability_ineffective, probabilityBelowHalf, 1e-12, what);
  assert.equal(stored.consecutive_failures, evidence.consecutiveFailures, what);
  assert.equal(stored.auto_fixable, evidence.standing === "trusted", what);
}
