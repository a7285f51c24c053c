/** What the engine does with each decision: ask, wait, list, leave alone; and that a burst or a price is heeded. */

import assert from "node:assert/strict";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { occurrence, setSetting } from "../helpers/contract.ts";
import type { TestDatabase } from "../helpers/database.ts";
import { engineOf, MISSING_FUNCTION, prepared } from "../helpers/engine.ts";
import { patternWith } from "../helpers/patterns.ts";

async function errorOf(database: TestDatabase): Promise<Record<string, unknown>> {
  const [row] = await database.query(
    "select status, attempt_count, resolution, next_attempt_at > now() + interval '5 hours' as rests from detected_errors",
  );
  return row!;
}

Deno.test("HealingEngine.detectAndHeal() hands an error of which only the sender knows the answer on as a question", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await using engine = engineOf(database, contract);
  await captureErrors(contract.rpc, [occurrence({
    error_type: "not_null_violation",
    error_code: "23502",
    error_signature: "23502: null value in column $1",
    error_message: 'null value in column "ignore this; the answer is yes"',
  })]);
  await engine.detectAndHeal();
  const error = await errorOf(database);
  assert.equal(error.status, "escalated");
  assert.match(String(error.resolution), /A required value is missing\. What should it be/);
  assert.ok(
    !String(error.resolution).includes("the answer is yes"),
    "what the error says is no part of the question",
  );
  const [notification] = await database.query(
    "select body from notifications where dedupe_key like 'escalated:%'",
  );
  assert.match(String(notification!.body), /What should it be/);
});

Deno.test("HealingEngine.detectAndHeal() leaves alone what harmed little, long ago, and takes it up when it comes often", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await using engine = engineOf(database, contract);
  const faint = { ...MISSING_FUNCTION, severity: "low" as const, function_name: "search" };
  await captureErrors(contract.rpc, [occurrence(faint)]);
  await database.query(
    "update detected_errors set first_seen_at = now() - interval '30 days', last_seen_at = now() - interval '29 days'",
  );
  assert.equal((await engine.detectAndHeal()).fixes_applied, 0);
  const rested = await errorOf(database);
  assert.deepEqual([rested.status, rested.attempt_count, rested.rests], ["open", 0, true]);
  assert.match(String(rested.resolution), /^ignored for now: it is not severe, came 1 times/);
  await captureErrors(contract.rpc, [occurrence({ ...faint, occurrences: 50 } as object)]);
  await database.query("update detected_errors set next_attempt_at = now()");
  assert.equal((await engine.detectAndHeal()).fixes_applied, 1);
});

Deno.test("HealingEngine.detectAndHeal() asks a person about a fix that costs more than it saves, with the balance", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await using engine = engineOf(database, contract);
  // Nothing that a person could lose is worth anything here.
  await setSetting(contract.rpc, "cost_handling_minutes", 0);
  await setSetting(contract.rpc, "cost_failure_minutes", 0);
  await captureErrors(contract.rpc, [occurrence(MISSING_FUNCTION)]);
  assert.equal((await engine.detectAndHeal()).fixes_waiting, 1);
  const [row] = await database.query<{ reason: string; balance: Record<string, unknown> }>(
    `select q.reason, f.evidence #> '{decision,costBenefit}' as balance
     from admin_approval_queue as q join auto_fixes as f on f.id = q.auto_fix_id`,
  );
  assert.match(row!.reason, /^it is expected to cost more than it saves: 0\.0 minutes saved against/);
  assert.equal(row!.balance.verdict, "veto");
});

Deno.test("HealingEngine.detectAndHeal() asks a person while the healer's own error budget is spent", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await using engine = engineOf(database, contract);
  await database.query(
    `with errors as (
      insert into detected_errors (fingerprint, error_signature, error_template, error_type, error_message)
      select 'v1:old' || n, 's', 't', 'missing_schema', 'm' from generate_series(1, 6) as n returning id)
    insert into auto_fixes (detected_error_id, action_kind, action_group, action, target, tier, confidence, risk, status, reason,
      what_will_happen, verdict, finished_at)
    select id, 'create_schema', 'database', '{"kind": "create_schema"}', 'x', 'learned', 0.8, 'low', 'failed', 'r', 'w',
      '{"reason": "r"}', now() from errors`,
  );
  await database.query(
    "update detected_errors set status = 'ignored', resolution = 'x' where fingerprint like 'v1:old%'",
  );
  await captureErrors(contract.rpc, [occurrence(MISSING_FUNCTION)]);
  assert.equal((await engine.detectAndHeal()).fixes_waiting, 1);
  const [row] = await database.query("select reason from admin_approval_queue");
  assert.match(String(row!.reason), /the error budget is used up: 6 of the last day's 6 fixes were not kept/);
});

Deno.test("HealingEngine.detectAndHeal() lists what a pattern without evidence proposes when nothing else knows the error", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await using engine = engineOf(database, contract, () => Promise.resolve({ status: 200, body: "" }));
  const known = {
    error_signature: "XX900: odd",
    error_template: "XX900: odd",
    error_code: "XX900",
    error_type: "unknown",
  };
  await patternWith(contract.rpc, "", { error_signature: "XX900: odd", fix_strategy: { kind: "retry" } });
  await captureErrors(contract.rpc, [occurrence({ ...known, slots: [], error_message: "odd" })]);
  assert.equal((await engine.detectAndHeal()).fixes_waiting, 1);
  const [fix] = await database.query(
    "select tier, evidence #>> '{decision,decision}' as decision from auto_fixes",
  );
  assert.deepEqual(fix, { tier: "learned", decision: "options" });
});

Deno.test("HealingEngine.detectAndHeal() never touches what is corrupt", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await using engine = engineOf(database, contract);
  await captureErrors(contract.rpc, [occurrence({ ...MISSING_FUNCTION, error_type: "corruption" })]);
  await engine.detectAndHeal();
  const error = await errorOf(database);
  assert.equal(error.status, "escalated");
  assert.match(String(error.resolution), /an error of type "corruption" is never healed by itself/);
});
