import assert from "node:assert/strict";
import {
  beginFix,
  captureErrors,
  claimErrors,
  concludeFix,
  proposeFix,
  recordFixApplied,
} from "../../supabase/functions/_shared/healingDb.ts";
import { occurrence, proposal, setSetting } from "../helpers/contract.ts";
import {
  engineOf,
  failedScript,
  MISSING_FUNCTION,
  operation,
  prepared,
  TRANSIENT,
} from "../helpers/engine.ts";

Deno.test("conclude_fix() demands a claim", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await captureErrors(contract.rpc, [occurrence()]);
  const [claim] = await claimErrors(contract.rpc, { worker: "w" });
  const { fix_id } = await proposeFix(contract.rpc, proposal(claim!));
  await beginFix(contract.rpc, fix_id!, claim!);
  await recordFixApplied(contract.rpc, fix_id!, claim!, {
    rollback_point: {},
    probe: { ok: true },
    description: "x",
    duration_ms: 1,
  });
  await assert.rejects(
    concludeFix(contract.rpc, { id: fix_id!, claim_number: null as never }, "kept", {
      reason: "because I say so",
    }),
  );
});

Deno.test("an inconclusive fix leaves its error unhealed", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await setSetting(contract.rpc, "validation_max_seconds", 0);
  await using engine = engineOf(database, contract);
  await captureErrors(contract.rpc, [occurrence({ ...MISSING_FUNCTION, fingerprint: "v1:u" })]);
  await engine.detectAndHeal();
  await engine.detectAndHeal();
  const [row] = await database.query(
    "select f.status, e.status as error from auto_fixes f join detected_errors e on e.id = f.detected_error_id",
  );
  assert.equal(row!.status, "inconclusive");
  assert.notEqual(row!.error, "healed");
});

Deno.test("a fix that its engine can no longer read is ended, and its error can be healed in another way", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await captureErrors(contract.rpc, [occurrence({ ...MISSING_FUNCTION, fingerprint: "v1:u" })]);
  const [claim] = await claimErrors(contract.rpc, { worker: "an older version" });
  await proposeFix(contract.rpc, proposal(claim!, { action: { kind: "create_schema", schema: "Shop" } }));
  await database.query("update detected_errors set lease_expires_at = now() - interval '1 s'");
  await using engine = engineOf(database, contract);
  for (let run = 0; run < 6; run++) {
    await engine.detectAndHeal();
    await database.query("update detected_errors set next_attempt_at = now() where status = 'open'");
  }
  const rows = await database.query(
    "select f.status, e.status as error, e.resolution from auto_fixes f join detected_errors e on e.id = f.detected_error_id",
  );
  assert.ok(rows.every((row) => row.status !== "proposed"), JSON.stringify(rows));
});

Deno.test("claim_fixes_to_judge() works off more than twenty due fixes in a run", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await using engine = engineOf(database, contract, () => Promise.resolve({ status: 200, body: "" }));
  await captureErrors(
    contract.rpc,
    Array.from(
      { length: 50 },
      (_, i) => occurrence({ ...TRANSIENT, fingerprint: `v1:${i}`, operation: operation(`k${i}`) }),
    ),
  );
  await engine.detectAndHeal();
  const { fixes_kept } = await engine.detectAndHeal();
  assert.equal(fixes_kept, 50);
});

Deno.test("a failure that passed by itself and never came back is no case for a person", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await using engine = engineOf(database, contract, () => Promise.resolve({ status: 200, body: "" }));
  await captureErrors(contract.rpc, [occurrence({ ...TRANSIENT, fingerprint: "v1:blip" })]);
  for (let run = 0; run < 6; run++) {
    await engine.detectAndHeal();
    await database.query("update detected_errors set next_attempt_at = now() where status = 'open'");
  }
  const [row] = await database.query(
    "select status, resolution, (select array_agg(severity || ': ' || title) from notifications) as told from detected_errors",
  );
  assert.notEqual(row!.status, "escalated", JSON.stringify(row));
});

Deno.test("a migration that is healed runs once to its failure and once to its end, not a third time for a trial", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await database.query("create sequence runs");
  await using engine = engineOf(database, contract);
  const { errors: [group] } = await captureErrors(contract.rpc, [
    occurrence({ ...MISSING_FUNCTION, source: "migration" }),
  ]);
  await engine.analyzeAndHealError(group!.id, {
    origin: "migration",
    script: failedScript("select nextval('runs'); select unaccent('x')", 1),
  });
  const [row] = await database.query("select last_value::int as runs from runs");
  assert.equal(row!.runs, 1, "each run takes the migration's locks again for its whole length");
});

Deno.test("reap_lost_runs() gives back what a migration's healer held when it was killed", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  const { errors: [group] } = await captureErrors(contract.rpc, [
    occurrence({ ...MISSING_FUNCTION, source: "migration" }),
  ]);
  const [claim] = await claimErrors(contract.rpc, { worker: "killed", errorId: group!.id });
  await proposeFix(contract.rpc, proposal(claim!));
  await database.query("update detected_errors set lease_expires_at = now() - interval '1 day'");
  await using engine = engineOf(database, contract);
  await engine.detectAndHeal();
  await database.query("select reap_lost_runs(), expire_approvals(), purge_healing_history()");
  const [row] = await database.query(
    "select e.status, f.status as fix from detected_errors e join auto_fixes f on f.detected_error_id = e.id",
  );
  assert.notDeepEqual(row, { status: "healing", fix: "proposed" });
});
