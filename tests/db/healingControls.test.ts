/** One view says of every restraint what is wanted, what is in force, and why. */

import assert from "node:assert/strict";
import {
  beginFix,
  captureErrors,
  claimErrors,
  proposeFix,
} from "../../supabase/functions/_shared/healingDb.ts";
import { type Contract, occurrence, proposal, setSetting } from "../helpers/contract.ts";
import type { TestDatabase } from "../helpers/database.ts";
import { prepared } from "../helpers/engine.ts";

type Controls = Record<string, { wanted: unknown; actual: unknown; reason: string }>;

async function controls(database: TestDatabase): Promise<Controls> {
  const rows = await database.query<{ control: string; wanted: unknown; actual: unknown; reason: string }>(
    "select control, wanted, actual, reason from healing_controls",
  );
  return Object.fromEntries(rows.map(({ control, ...row }) => [control, row]));
}

async function startFix(contract: Contract): Promise<void> {
  const { errors: [group] } = await captureErrors(contract.rpc, [occurrence({ fingerprint: "v1:once" })]);
  const [error] = await claimErrors(contract.rpc, { worker: "test", errorId: group!.id });
  const { fix_id } = await proposeFix(contract.rpc, proposal(error!));
  assert.equal((await beginFix(contract.rpc, fix_id!, error!)).moved, true);
}

Deno.test("healing_controls lists every restraint, each with a reason, and nothing to people who are no admins", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const all = await controls(database);
  for (
    const name of [
      "enabled",
      "dry_run",
      "mode_payload",
      "mode_call",
      "mode_database",
      "mode_runtime",
      "mode_code",
      "mode_deployment",
      "max_fixes_per_target_hour",
      "max_fixes_per_fingerprint_hour",
      "max_fixes_per_day",
      "max_attempts",
      "loop_fixes",
      "loop_hours",
      "quiet_hours",
      "protected_areas",
      "ai_daily_tokens",
      "ai_daily_usd",
      "approval_hours",
      "validation_min_seconds",
      "cooldown",
    ]
  ) {
    assert.ok(all[name] !== undefined, `${name} is missing`);
    assert.ok(all[name].wanted !== null && all[name].actual !== null && all[name].reason !== "", name);
  }
  assert.equal(all.cooldown!.reason, "no error cools down now");
  const seen = await database.asRole(
    "authenticated",
    { sub: "x" },
    (session) => session.query("select * from healing_controls"),
  );
  assert.deepEqual(seen, []);
  const admin = { app_metadata: { role: "admin" } };
  const shown = await database.asRole(
    "authenticated",
    admin,
    (session) => session.query("select * from healing_controls"),
  );
  assert.equal(shown.length, Object.keys(all).length);
});

Deno.test("healing_controls says which target and which error have used up their budgets, and what is left of the day", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await setSetting(contract.rpc, "loop_fixes", 1);
  await startFix(contract);
  let all = await controls(database);
  assert.equal(all.max_fixes_per_target_hour!.reason, "used up by 1: extension:unaccent");
  assert.equal(all.max_fixes_per_fingerprint_hour!.reason, "used up by 1: v1:once");
  assert.deepEqual([all.max_fixes_per_day!.wanted, all.max_fixes_per_day!.actual], [200, 199]);
  assert.equal(all.max_fixes_per_day!.reason, "1 of 200 are used in 24 hours");
  assert.equal(all.loop_fixes!.reason, "in force", "it has not been applied yet");
  await database.query("update auto_fixes set applied_at = now()");
  await database.query(
    "update detected_errors set status = 'open', attempt_count = 1, next_attempt_at = now() + interval '1 hour', claimed_by = null, lease_expires_at = null",
  );
  all = await controls(database);
  assert.equal(all.loop_fixes!.reason, "used up by 1: extension:unaccent");
  assert.match(all.cooldown!.reason, /^1 errors cool down, the first until /);
  await database.query("update auto_fixes set applying_at = now() - interval '2 hours'");
  all = await controls(database);
  assert.equal(all.max_fixes_per_target_hour!.reason, "in force", "the hour has passed");
});
