/** One approval, several ways: a person may pick another one, and it takes the road of any fix. */

import assert from "node:assert/strict";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { type Contract, occurrence } from "../helpers/contract.ts";
import type { TestDatabase } from "../helpers/database.ts";
import { engineOf, operation, prepared } from "../helpers/engine.ts";
import { patternWith } from "../helpers/patterns.ts";

interface Waiting {
  id: string;
  auto_fix_id: string;
  alternatives: { action: Record<string, string>; reason: string; what_will_happen: string; risk: string }[];
}

/** A schema is missing: the rule would make it, and a pattern that has shown nothing yet would make the call again. */
async function waiting(database: TestDatabase, contract: Contract): Promise<Waiting> {
  await patternWith(contract.rpc, "", {
    pattern_name: "missing_schema: retry",
    error_signature: "3F000: schema $1 does not exist",
    fix_strategy: { kind: "retry" },
  });
  await using engine = engineOf(database, contract, () => Promise.resolve({ status: 200, body: "" }));
  await captureErrors(contract.rpc, [occurrence({ operation: operation("a") })]);
  assert.equal((await engine.detectAndHeal()).fixes_waiting, 1);
  const [row] = await database.query<Waiting & Record<string, unknown>>("select * from admin_approval_queue");
  return row!;
}

function choose(
  contract: Contract,
  id: string,
  alternative: number | null,
  reason = "try this first",
): Promise<unknown> {
  return contract.rpc.call("choose_alternative", {
    p_approval_id: id,
    p_alternative: alternative,
    p_reason: reason,
  });
}

Deno.test("a suggestion lists its alternatives with what each would do, and the fix says what it was weighed on", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const { alternatives } = await waiting(database, contract);
  assert.deepEqual(alternatives.map(({ action }) => action), [{ kind: "retry" }]);
  assert.match(alternatives[0]!.what_will_happen, /again/);
  const [fix] = await database.query<{ evidence: Record<string, Record<string, unknown>> }>(
    "select evidence from auto_fixes",
  );
  const decision = fix!.evidence.decision!;
  assert.equal(decision.decision, "suggest");
  assert.equal((decision.costBenefit as Record<string, unknown>).verdict, "worth");
  assert.deepEqual((decision.gates as { gate: string }[]).map(({ gate }) => gate), ["risk"]);
});

Deno.test("choose_alternative() makes the picked fix of it, which is applied, proved and kept like any other", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const { id, auto_fix_id } = await waiting(database, contract);
  const chosen = await choose(contract, id, 1) as Record<string, unknown>;
  assert.deepEqual([chosen.status, chosen.chosen_alternative, chosen.decided_by], [
    "approved",
    1,
    "postgres",
  ]);
  await using engine = engineOf(database, contract, () => Promise.resolve({ status: 200, body: "" }));
  assert.equal((await engine.detectAndHeal()).fixes_applied, 1);
  assert.equal((await engine.detectAndHeal()).fixes_kept, 1);
  const fixes = await database.query(
    "select id = $1 as proposed, status, action_kind, approved_by from auto_fixes order by created_at",
    [auto_fix_id],
  );
  assert.deepEqual(fixes, [
    { proposed: true, status: "rejected", action_kind: "create_schema", approved_by: null },
    { proposed: false, status: "kept", action_kind: "retry", approved_by: "postgres" },
  ]);
  // The pattern that was picked has its first evidence; the one that was not has none against it.
  const patterns = await database.query(
    "select action_kind, success_count, failure_count from healing_patterns order by 1",
  );
  assert.deepEqual(patterns, [{ action_kind: "retry", success_count: 1, failure_count: 0 }]);
});

Deno.test("choose_alternative() leaves what was not chosen to be proposed again when the choice does not help", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const { id } = await waiting(database, contract);
  await choose(contract, id, 1);
  await using engine = engineOf(database, contract, () => Promise.resolve({ status: 500, body: "no" }));
  await engine.detectAndHeal();
  await database.query("update detected_errors set next_attempt_at = now()");
  assert.equal((await engine.detectAndHeal()).fixes_waiting, 1);
  const [again] = await database.query(
    "select f.action_kind from admin_approval_queue as q join auto_fixes as f on f.id = q.auto_fix_id where q.status = 'pending'",
  );
  assert.equal(again!.action_kind, "create_schema");
});

Deno.test("choose_alternative() refuses machines, missing reasons, places that are not there, and what was decided", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const { id } = await waiting(database, contract);
  await assert.rejects(
    database.rpc("choose_alternative", { p_approval_id: id, p_alternative: 1, p_reason: "because" }),
    { code: "PT403" },
  );
  await assert.rejects(choose(contract, id, 1, " "), { code: "BAD_REQUEST" });
  for (const place of [0, -1, 2, 2_147_483_647, null]) {
    await assert.rejects(choose(contract, id, place), { code: "BAD_REQUEST" }, String(place));
  }
  const [untouched] = await database.query("select status from admin_approval_queue");
  assert.equal(untouched!.status, "pending");
  await choose(contract, id, 1);
  await assert.rejects(choose(contract, id, 1), { code: "CONFLICT" });
  await assert.rejects(choose(contract, crypto.randomUUID(), 1), { code: "CONFLICT" });
});

Deno.test("choose_alternative() and decide_approval() at once have one winner", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const { id } = await waiting(database, contract);
  const { openContract } = await import("../helpers/contract.ts");
  const people = await Promise.all(Array.from({ length: 12 }, () => openContract(database)));
  const decided = await Promise.allSettled(
    people.map(({ rpc }, person) =>
      person % 2 === 0
        ? rpc.call("choose_alternative", { p_approval_id: id, p_alternative: 1, p_reason: "mine" })
        : rpc.call("decide_approval", { p_approval_id: id, p_decision: "approve", p_reason: "mine" })
    ),
  );
  await Promise.all(people.map((one) => one[Symbol.asyncDispose]()));
  assert.equal(decided.filter(({ status }) => status === "fulfilled").length, 1);
  const live = await database.query(
    "select from auto_fixes where status = 'proposed' and approved_by is not null",
  );
  assert.equal(live.length, 1);
});

Deno.test("choose_alternative() applies nothing that no kind can read, however it got into the row", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const { id } = await waiting(database, contract);
  const forged = [
    { action: { kind: "drop_everything" } },
    { action: { kind: "create_schema", schema: "x; drop table users" }, target: "schema:x", risk: "low" },
  ];
  await database.query("update admin_approval_queue set alternatives = $1::jsonb", [JSON.stringify(forged)]);
  await assert.rejects(choose(contract, id, 1), { code: "BAD_REQUEST" });
  await choose(contract, id, 2);
  const [fix] = await database.query("select risk from auto_fixes where approved_by is not null");
  // Never below what the kind has at run time.
  assert.equal(fix!.risk, "medium");
  await using engine = engineOf(database, contract);
  await engine.detectAndHeal();
  const [failed] = await database.query(
    "select status, verdict ->> 'reason' as reason from auto_fixes where approved_by is not null",
  );
  assert.equal(failed!.status, "failed");
});
