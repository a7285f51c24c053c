/** Predictions lower what the engine does, stand in the fix's row, and are held against what became of it. */

import assert from "node:assert/strict";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { occurrence } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { engineOf, prepared } from "../helpers/engine.ts";
import { patternWith } from "../helpers/patterns.ts";

interface Bin {
  predicted_share: string;
  n: number;
  mean_predicted: number;
  observed_share: number;
  brier_score: number;
}

async function addFix(
  database: TestDatabase,
  predicted: unknown,
  status: string,
  verdict = {},
): Promise<void> {
  await database.query(
    `with error as (
      insert into detected_errors (fingerprint, error_signature, error_template, error_type, error_message)
      values (gen_random_uuid()::text, 's', 't', 'missing_schema', 'm') returning id)
    insert into auto_fixes (detected_error_id, action_kind, action_group, action, target, tier, confidence, risk, status, reason,
      what_will_happen, evidence, rollback_point, probe, verdict, finished_at)
    select id, 'retry', 'call', '{"kind": "retry"}', 'x', 'learned', 0.8, 'low', $2, 'r', 'w',
      jsonb_build_object('prediction', jsonb_build_object('predicted', $1::jsonb)), '{}', '{}', $3::jsonb || '{"reason": "r"}',
      case when $2 in ('validating', 'proposed') then null else now() end from error`,
    [JSON.stringify(predicted), status, JSON.stringify(verdict)],
  );
}

Deno.test("pattern_prediction_calibration gives the Brier score and the shares by tenths, worked out by hand", async () => {
  await using database = await createTestDatabase();
  for (const status of ["kept", "kept", "kept", "reverted"]) await addFix(database, 0.8, status);
  for (const status of ["kept", "failed"]) await addFix(database, 0.25, status);
  await addFix(database, 1, "kept");
  // None of these says anything.
  await addFix(database, 0.8, "inconclusive");
  await addFix(database, 0.8, "validating");
  await addFix(database, 0.8, "reverted", { is_evidence: false });
  for (const odd of ["0.8", null, {}, 1.5, -1]) await addFix(database, odd, "kept");
  const rows = await database.query<Bin & Record<string, unknown>>(
    "select * from pattern_prediction_calibration order by predicted_share",
  );
  const rounded = rows.map((row) => [
    row.predicted_share,
    row.n,
    ...[row.mean_predicted, row.observed_share, row.brier_score].map((value) =>
      Math.round(value * 1e6) / 1e6
    ),
  ]);
  // (3 x .2^2 + .8^2) / 4, (.75^2 + .25^2) / 2, and both with one of 0 over all seven.
  assert.deepEqual(rounded, [
    ["0.2-0.3", 2, 0.25, 0.5, 0.3125],
    ["0.8-0.9", 4, 0.8, 0.75, 0.19],
    ["0.9-1.0", 1, 1, 1, 0],
    ["all", 7, 0.671429, 0.714286, Math.round((4 * 0.19 + 2 * 0.3125) / 7 * 1e6) / 1e6],
  ]);
});

Deno.test("pattern_prediction_calibration is empty where nothing was predicted, and nobody but admins reads it", async () => {
  await using database = await createTestDatabase();
  const rows = await database.query("select predicted_share, n from pattern_prediction_calibration");
  assert.deepEqual(rows, [{ predicted_share: "all", n: 0 }]);
  await assert.rejects(
    database.asRole("anon", {}, (session) => session.query("select from pattern_prediction_calibration")),
    { code: "42501" },
  );
});

Deno.test("HealingEngine.detectAndHeal() asks a person about a trusted pattern whose family fails, and says so in the row", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await patternWith(contract.rpc, "++++++");
  for (let member = 0; member < 6; member++) {
    await patternWith(contract.rpc, "-----+", { error_signature: `3F000: other ${member}` });
  }
  await using engine = engineOf(database, contract);
  await captureErrors(contract.rpc, [occurrence()]);
  assert.deepEqual((await engine.detectAndHeal()).fixes_waiting, 1);
  const [fix] = await database.query<{ evidence: { prediction?: Record<string, unknown> }; tier: string }>(
    "select evidence, tier from auto_fixes",
  );
  // The rule proposes the same action, but the pattern came first.
  assert.equal(fix!.tier, "learned");
  const { predicted, family } = fix!.evidence.prediction!;
  assert.equal(family, "category");
  assert.ok(Number(predicted) > 0.2 && Number(predicted) < 0.7, String(predicted));
});

Deno.test("HealingEngine.detectAndHeal() acts by a trusted pattern whose family works", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await patternWith(contract.rpc, "++++++");
  for (let member = 0; member < 6; member++) {
    await patternWith(contract.rpc, "++++++", { error_signature: `3F000: other ${member}` });
  }
  await using engine = engineOf(database, contract);
  await captureErrors(contract.rpc, [occurrence()]);
  assert.equal((await engine.detectAndHeal()).fixes_applied, 1);
});

Deno.test("HealingEngine.detectAndHeal() does not act by a pattern that a person has demoted, nor by the rule of the same fix", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const { id } = await patternWith(contract.rpc, "++++++++");
  await contract.rpc.call("demote_pattern", { p_pattern_id: id, p_reason: "it hides the fault" });
  await using engine = engineOf(database, contract);
  await captureErrors(contract.rpc, [occurrence()]);
  assert.equal((await engine.detectAndHeal()).fixes_waiting, 1);
  const [approval] = await database.query("select reason from admin_approval_queue");
  assert.equal(approval!.reason, "a person has demoted the pattern of this fix");
});

Deno.test("HealingEngine.detectAndHeal() follows a person's promotion, and a project's own failures above the shared trust", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const shared = await patternWith(contract.rpc, "");
  await contract.rpc.call("promote_pattern", { p_pattern_id: shared.id, p_reason: "known for years" });
  await patternWith(contract.rpc, "-", { project_id: "shop" });
  await using engine = engineOf(database, contract);
  await captureErrors(contract.rpc, [occurrence({ project_id: "bank", slots: ["one"] })]);
  assert.equal((await engine.detectAndHeal()).fixes_applied, 1);
  await captureErrors(contract.rpc, [
    occurrence({ project_id: "shop", slots: ["two"], fingerprint: "v1:b" }),
  ]);
  assert.equal((await engine.detectAndHeal()).fixes_waiting, 1);
});

Deno.test("permitted_level() lets nobody act by a learned fix without a proven pattern of that failure", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const { proposal } = await import("../helpers/contract.ts");
  const imported = await patternWith(contract.rpc, "", {
    origin: "imported",
    fix_strategy: { kind: "retry" },
  });
  await captureErrors(contract.rpc, [occurrence()]);
  const [error] = await contract.rpc.call<{ id: string; claim_number: number }[]>("claim_errors", {
    p_worker: "w",
  });
  const proposed = await contract.rpc.call<{ decision: string; reason: string }>("propose_fix", {
    p_fix: proposal(error!, {
      action: { kind: "retry" },
      tier: "learned",
      confidence: 1,
      pattern_id: imported.id,
    }),
  });
  assert.equal(proposed.decision, "suggest");
  assert.match(proposed.reason, /a learned fix acts alone only by a pattern/);
});
