/** How trust moves: by evidence, by a person, by time, in a project of its own. */

import assert from "node:assert/strict";
import {
  demotePattern,
  findHealingPatterns,
  type HealingPattern,
  maintainPatterns,
  promotePattern,
  recordPatternStats,
  type RpcPort,
} from "../../supabase/functions/_shared/healingDb.ts";
import { openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { patternWith, recordOutcomes, schemaPattern } from "../helpers/patterns.ts";

const SIGNATURE = schemaPattern().error_signature;

async function changesOf(database: TestDatabase, { id }: HealingPattern): Promise<string[]> {
  const rows = await database.query<{ line: string }>(
    `select format('%s by %s: %s', change, actor, reason) as line from pattern_trust_history
     where pattern_id = $1 order by changed_at`,
    [id],
  );
  return rows.map(({ line }) => line);
}

async function statusOf(database: TestDatabase, { id }: HealingPattern): Promise<Record<string, unknown>> {
  const [row] = await database.query(
    `select status, retired_because, auto_fixable, trust_decision, trust_decided_by, success_count, failure_count
     from universal_error_patterns where id = $1`,
    [id],
  );
  return row!;
}

Deno.test("record_pattern_evidence() writes down when trust was earned and lost, with the figures", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const pattern = await patternWith(contract.rpc, "++++++---+");
  assert.deepEqual(await changesOf(database, pattern), [
    "earned_trust by evidence: score 0.8696 and P(ineffective) 0.0098",
    // The second failure already; the rule of three is for patterns with more behind them.
    "lost_trust by evidence: score 0.6829 and P(ineffective) 0.1172",
  ]);
});

Deno.test("promote_pattern() lets a pattern act at once, and three failures in a row still demote it", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const pattern = await patternWith(contract.rpc, "+-");
  const promoted = await promotePattern(contract.rpc, pattern.id, "seen it work for years");
  assert.deepEqual([promoted.auto_fixable, promoted.success_count], [true, 1]);
  // Two failures are within what a person's word covers; the score is far below 0.70 by then.
  assert.equal((await recordOutcomes(contract.rpc, pattern, "--")).auto_fixable, true);
  const lost = await recordOutcomes(contract.rpc, pattern, "-");
  assert.deepEqual([lost.auto_fixable, lost.trust_decision], [false, null]);
  assert.deepEqual(await changesOf(database, pattern), [
    "promoted by postgres: seen it work for years",
    "lost_trust by evidence: 3 failures in a row",
  ]);
});

Deno.test("promote_pattern() counts three failures from the promotion on, and ends when the evidence says no", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const pattern = await patternWith(contract.rpc, "--");
  await promotePattern(contract.rpc, pattern.id, "the cause was elsewhere");
  assert.equal((await recordOutcomes(contract.rpc, pattern, "-")).auto_fixable, true);
  const other = await patternWith(contract.rpc, "", { error_signature: "3F000: another" });
  await promotePattern(contract.rpc, other.id, "try it");
  // Never three in a row, but four of six failed.
  assert.equal((await recordOutcomes(contract.rpc, other, "--+--")).auto_fixable, true);
  assert.equal((await recordOutcomes(contract.rpc, other, "+")).auto_fixable, false);
});

Deno.test("promote_pattern() hands over to the evidence once that has earned the trust by itself", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const pattern = await patternWith(contract.rpc, "+");
  await promotePattern(contract.rpc, pattern.id, "try it");
  const earned = await recordOutcomes(contract.rpc, pattern, "+++++");
  assert.deepEqual([earned.auto_fixable, earned.trust_decision], [true, null]);
});

Deno.test("demote_pattern() holds whatever the evidence says, until a person promotes", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const pattern = await patternWith(contract.rpc, "++++++");
  await demotePattern(contract.rpc, pattern.id, "it hides the real fault");
  assert.equal((await recordOutcomes(contract.rpc, pattern, "+".repeat(10))).auto_fixable, false);
  await promotePattern(contract.rpc, pattern.id, "the real fault is mended");
  assert.equal((await recordOutcomes(contract.rpc, pattern, "+")).auto_fixable, true);
});

Deno.test("promote_pattern() and demote_pattern() obey people only, and want a reason and a pattern", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { id } = await patternWith(contract.rpc, "");
  for (const name of ["promote_pattern", "demote_pattern"]) {
    await assert.rejects(database.rpc(name, { p_pattern_id: id, p_reason: "because" }), { code: "PT403" });
    await assert.rejects(contract.rpc.call(name, { p_pattern_id: id, p_reason: " " }), {
      code: "BAD_REQUEST",
    });
    const unknown = { p_pattern_id: crypto.randomUUID(), p_reason: "because" };
    await assert.rejects(contract.rpc.call(name, unknown), { code: "NOT_FOUND" });
  }
  const plain = { sub: crypto.randomUUID(), user_metadata: { role: "admin" } };
  await assert.rejects(
    database.asRole(
      "authenticated",
      plain,
      (session) => session.query("select promote_pattern($1, 'because')", [id]),
    ),
    { code: "PT403" },
  );
});

Deno.test("promote_pattern() refuses an imported pattern until it has evidence of its own", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const imported = await patternWith(contract.rpc, "", { origin: "imported" });
  await assert.rejects(promotePattern(contract.rpc, imported.id, "a friend uses it"), { code: "CONFLICT" });
  await recordOutcomes(contract.rpc, imported, "+");
  assert.equal((await promotePattern(contract.rpc, imported.id, "it worked here")).auto_fixable, true);
});

Deno.test("update_pattern_stats() counts a project's outcome for its own pattern and for the shared one, once", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const shared = await patternWith(contract.rpc, "++");
  const outcome = { patternId: shared.id, projectId: "shop", unit: "order-1", succeeded: true };
  const own = await recordPatternStats(contract.rpc, outcome);
  await recordPatternStats(contract.rpc, outcome);
  assert.deepEqual([own.project_id, own.success_count], ["shop", 1]);
  assert.equal((await statusOf(database, shared)).success_count, 3);
  await assert.rejects(recordPatternStats(contract.rpc, { ...outcome, succeeded: false }), {
    code: "CONFLICT",
  });
  // Another project may not speak through this one's pattern.
  await assert.rejects(
    recordPatternStats(contract.rpc, { ...outcome, patternId: own.id, projectId: "bank", unit: "order-2" }),
    { code: "NOT_FOUND" },
  );
  await recordPatternStats(contract.rpc, { ...outcome, projectId: "", unit: "order-3" });
  assert.equal((await statusOf(database, own)).success_count, 1);
});

Deno.test("find_healing_patterns() lets the own pattern stand for the shared one from its first failure on", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const shared = await patternWith(contract.rpc, "++++++");
  const speaker = async (project: string) =>
    (await findHealingPatterns(contract.rpc, [SIGNATURE, "x"], project)).map(({ id }) => id);
  const own = await patternWith(contract.rpc, "+++++", { project_id: "shop" });
  assert.deepEqual(await speaker("shop"), [shared.id]);
  await recordOutcomes(contract.rpc, own, "-");
  assert.deepEqual(await speaker("shop"), [own.id]);
  assert.deepEqual(await speaker("bank"), [shared.id]);
  assert.deepEqual(await speaker(""), [shared.id]);
});

Deno.test("find_healing_patterns() lets an own pattern speak that has no shared twin, and nothing where it was retired as bad", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const speaker = async () =>
    (await findHealingPatterns(contract.rpc, [SIGNATURE], "shop")).map(({ id }) => id);
  const own = await patternWith(contract.rpc, "+", { project_id: "shop" });
  assert.deepEqual(await speaker(), [own.id]);
  await recordOutcomes(contract.rpc, own, "-".repeat(12));
  await maintainPatterns(contract.rpc);
  await patternWith(contract.rpc, "++++++");
  assert.deepEqual(await speaker(), []);
});

Deno.test("maintain_patterns() retires what is bad and what was not used for long, deletes nothing, and says so", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const named = (name: string) => ({ error_signature: `3F000: ${name}` });
  const bad = await patternWith(contract.rpc, "-----", named("bad"));
  const good = await patternWith(contract.rpc, "++++++", named("good"));
  const unlucky = await patternWith(contract.rpc, "---", named("unlucky"));
  const unused = await patternWith(contract.rpc, "++++++", named("unused"));
  const vouched = await patternWith(contract.rpc, "-----", named("vouched"));
  await promotePattern(contract.rpc, vouched.id, "wait and see");
  await database.query(
    "update universal_error_patterns set last_used_at = now() - interval '181 days', created_at = now() - interval '1 year' where id = $1",
    [unused.id],
  );
  const first = await maintainPatterns(contract.rpc);
  assert.deepEqual(first, { retired_bad: 1, retired_unused: 1, active: 3, trusted: 2 });
  assert.deepEqual(await maintainPatterns(contract.rpc), { ...first, retired_bad: 0, retired_unused: 0 });
  assert.equal((await statusOf(database, bad)).retired_because, "bad");
  for (const pattern of [good, unlucky, vouched]) {
    assert.equal((await statusOf(database, pattern)).status, "active");
  }
  assert.deepEqual((await changesOf(database, unused)).slice(1), [
    "retired by maintenance: not used for 180 days",
  ]);
  const [{ n }] = await database.query<{ n: number }>("select count(*)::int as n from healing_patterns") as [
    { n: number },
  ];
  assert.equal(n, 5);
});

Deno.test("maintain_patterns() gives the word back to the shared pattern when it puts a project's own away", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const shared = await patternWith(contract.rpc, "++++++");
  const own = await patternWith(contract.rpc, "+++++-", { project_id: "shop" });
  const speaker = async () =>
    (await findHealingPatterns(contract.rpc, [SIGNATURE], "shop")).map(({ id }) => id);
  assert.deepEqual(await speaker(), [own.id]);
  await database.query(
    "update universal_error_patterns set last_used_at = now() - interval '1 year', created_at = now() - interval '1 year' where id = $1",
    [own.id],
  );
  await maintainPatterns(contract.rpc);
  assert.deepEqual(await speaker(), [shared.id]);
});

Deno.test("maintain_patterns() halves what an unused pattern knew; it comes back when it helps again, and earns anew", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const unused = await patternWith(contract.rpc, "++++++");
  await database.query(
    "update universal_error_patterns set last_used_at = now() - interval '1 year', created_at = now() - interval '1 year'",
  );
  await maintainPatterns(contract.rpc);
  assert.deepEqual([
    (await statusOf(database, unused)).status,
    (await statusOf(database, unused)).auto_fixable,
  ], ["retired", false]);
  await recordOutcomes(contract.rpc, unused, "-");
  assert.equal((await statusOf(database, unused)).status, "retired");
  const back = await recordOutcomes(contract.rpc, unused, "+");
  assert.deepEqual([(await statusOf(database, unused)).status, back.auto_fixable], ["active", false]);
});

Deno.test("maintain_patterns() never retires by time where that is switched off, and leaves what is being counted for the next round", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await setSetting(contract.rpc, "pattern_unused_days", 0);
  await patternWith(contract.rpc, "+");
  await database.query(
    "update universal_error_patterns set last_used_at = now() - interval '9 years', created_at = now() - interval '9 years'",
  );
  assert.equal((await maintainPatterns(contract.rpc)).retired_unused, 0);
  const bad = await patternWith(contract.rpc, "-----", { error_signature: "3F000: bad" });
  const counting = await database.connect();
  await counting.query("begin");
  await counting.query("select from universal_error_patterns where id = $1 for update", [bad.id]);
  assert.equal((await maintainPatterns(contract.rpc)).retired_bad, 0);
  await counting.query("rollback");
  assert.equal((await maintainPatterns(contract.rpc)).retired_bad, 1);
});

Deno.test("evidence, decisions of people and maintenance at once end in one state without a deadlock", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const shared = await patternWith(contract.rpc, "");
  const contracts = await Promise.all(Array.from({ length: 16 }, () => openContract(database)));
  const work = (rpc: RpcPort, worker: number) =>
    Array.from({ length: 10 }, (_, step) => step).reduce(async (before, step) => {
      await before;
      const outcome = { patternId: shared.id, projectId: `p${worker % 3}`, unit: `${worker}:${step}` };
      await recordPatternStats(rpc, { ...outcome, succeeded: step % 5 !== 0 });
      if (worker % 4 === 0) await promotePattern(rpc, shared.id, "yes");
      if (worker % 4 === 1) await demotePattern(rpc, shared.id, "no");
      if (worker % 4 === 2) await maintainPatterns(rpc);
    }, Promise.resolve());
  await Promise.all(contracts.map(({ rpc }, worker) => work(rpc, worker)));
  await Promise.all(contracts.map((own) => own[Symbol.asyncDispose]()));
  const rows = await database.query(
    `select project_id <> '' as own, sum(success_count)::int as good, sum(failure_count)::int as bad
     from universal_error_patterns group by 1 order by 1`,
  );
  assert.deepEqual(rows, [{ own: false, good: 128, bad: 32 }, { own: true, good: 128, bad: 32 }]);
});
