import assert from "node:assert/strict";
import {
  beginFix,
  captureErrors,
  claimErrors,
  claimFixesToJudge,
  concludeFix,
  failFix,
  proposeFix,
  recordFixApplied,
} from "../../supabase/functions/_shared/healingDb.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { occurrence, proposal, setSetting } from "../helpers/contract.ts";
import {
  engineOf,
  failedScript,
  MISSING_FUNCTION,
  operation,
  prepared,
  TRANSIENT,
} from "../helpers/engine.ts";

const ok = () => Promise.resolve({ status: 200, body: "" });
const due = "update detected_errors set next_attempt_at = now() where status = 'open'";

Deno.test("begin_fix() refused by the kill switch costs no attempt, and the fix goes on when the switch is back", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await using engine = engineOf(database, contract, ok);
  await captureErrors(contract.rpc, [occurrence({ ...MISSING_FUNCTION, fingerprint: "v1:u" })]);
  await setSetting(contract.rpc, "enabled", false);
  for (let run = 0; run < 6; run++) {
    await engine.detectAndHeal();
    await database.query(due);
  }
  await setSetting(contract.rpc, "enabled", true);
  for (let run = 0; run < 3; run++) {
    await engine.detectAndHeal();
    await database.query(due);
  }
  const [row] = await database.query(
    "select e.status, e.resolution, f.status as fix from detected_errors e join auto_fixes f on f.detected_error_id = e.id",
  );
  assert.notEqual(row!.status, "escalated", JSON.stringify(row));
});

Deno.test("begin_fix() refused by the hourly budget waits for the hour instead of giving up after 40 minutes", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await using engine = engineOf(database, contract, ok);
  await setSetting(contract.rpc, "max_fixes_per_target_hour", 0);
  await captureErrors(contract.rpc, [occurrence({ ...MISSING_FUNCTION, fingerprint: "v1:u" })]);
  for (let run = 0; run < 6; run++) {
    await engine.detectAndHeal();
    await database.query(due);
  }
  const [row] = await database.query(
    "select e.status, e.resolution, f.status as fix from detected_errors e join auto_fixes f on f.detected_error_id = e.id",
  );
  assert.notEqual(row!.status, "escalated", JSON.stringify(row));
});

Deno.test("capture_errors() of an escalated error that comes back a month later is not silent", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await using engine = engineOf(database, contract, ok);
  await captureErrors(contract.rpc, [
    occurrence({
      fingerprint: "v1:odd",
      error_code: "P0001",
      error_message: "odd",
      error_signature: "odd",
      error_template: "odd",
    }),
  ]);
  await engine.detectAndHeal();
  await database.query("update notifications set read_at = now()");
  await database.query(
    "update detected_errors set last_seen_at = now() - interval '30 days', resolved_at = now() - interval '30 days', next_attempt_at = now() - interval '30 days'",
  );
  await captureErrors(contract.rpc, [
    occurrence({
      fingerprint: "v1:odd",
      error_code: "P0001",
      error_message: "odd",
      error_signature: "odd",
      error_template: "odd",
    }),
  ]);
  await engine.detectAndHeal();
  const [row] = await database.query(
    "select (select array_agg(status) from detected_errors) as errors, (select count(*)::int from notifications where read_at is null) as unread",
  );
  assert.ok(Number(row!.unread) > 0, JSON.stringify(row));
});

Deno.test("escalate_exhausted() ends the fix that a crashed engine left in applying, so that the kill switch can be in force", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await captureErrors(contract.rpc, [occurrence({ ...TRANSIENT, operation: operation("a") })]);
  for (let crash = 0; crash < 4; crash++) {
    const [claim] = await claimErrors(contract.rpc, { worker: `dies ${crash}` });
    let id = claim!.live_fix?.id;
    if (id === undefined) {
      const p = await proposeFix(
        contract.rpc,
        proposal(claim!, { action: { kind: "retry" }, target: "operations" }),
      );
      id = p.fix_id!;
    }
    await beginFix(contract.rpc, id, claim!);
    await database.query("update detected_errors set lease_expires_at = now() - interval '1 s'");
  }
  await using engine = engineOf(database, contract, ok);
  await engine.detectAndHeal();
  await setSetting(contract.rpc, "enabled", false);
  await database.query("select reap_lost_runs()");
  const rows = await database.query(
    "select (select status from detected_errors) as error, (select status from auto_fixes) as fix, actual, reason from healing_settings where key = 'enabled'",
  );
  assert.deepEqual([rows[0]!.fix, rows[0]!.actual], ["failed", false], JSON.stringify(rows));
});

Deno.test("claim_errors() does not hand errors to a person that no engine ever looked at", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await captureErrors(
    contract.rpc,
    Array.from({ length: 10 }, (_, i) => occurrence({ ...MISSING_FUNCTION, fingerprint: `v1:${i}` })),
  );
  // An engine claims ten, is killed while it works on the first (memory, 150 s), and the next one does the same.
  for (let crash = 0; crash < 4; crash++) {
    await claimErrors(contract.rpc, { worker: `dies ${crash}` });
    await database.query("update detected_errors set lease_expires_at = now() - interval '1 s'");
  }
  await claimErrors(contract.rpc, { worker: "next", limit: 1 });
  const [row] = await database.query(
    "select count(*) filter (where status = 'escalated')::int as escalated from detected_errors",
  );
  assert.ok(
    Number(row!.escalated) <= 1,
    `${row!.escalated} of 10 errors were handed to a person; at most the poisonous one should be`,
  );
});

Deno.test("claim_fixes_to_judge() leaves a migration's first fix alone while the migration is still being healed", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await using healer = engineOf(database, contract);
  const { errors: [group] } = await captureErrors(contract.rpc, [
    occurrence({ ...MISSING_FUNCTION, source: "migration" }),
  ]);
  // The script still fails afterwards, for a second reason: the healer goes on with that one.
  const first = await healer.analyzeAndHealError(group!.id, {
    origin: "migration",
    script: failedScript("select unaccent('é'); select 1/0"),
  });
  assert.equal(first?.kind, "applied");
  await using cron = engineOf(database, contract);
  await cron.detectAndHeal();
  const taken = await healer.takeBack((first as { fixId: string }).fixId, "the migration still fails");
  const [state] = await database.query(
    "select f.status, (select count(*)::int from pg_extension where extname = 'unaccent') as installed from auto_fixes f",
  );
  assert.equal(taken?.status, "reverted", JSON.stringify(state));
});

Deno.test("fail_fix() still works at the thirtieth attempt", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await captureErrors(contract.rpc, [occurrence({ ...MISSING_FUNCTION, source: "migration" })]);
  await database.query("update detected_errors set attempt_count = 29");
  const [{ id }] = await database.query<{ id: string }>("select id from detected_errors") as [{ id: string }];
  const [claim] = await claimErrors(contract.rpc, { worker: "w", errorId: id });
  const { fix_id } = await proposeFix(contract.rpc, proposal(claim!));
  await failFix(contract.rpc, fix_id!, claim!, "the probe failed");
});

Deno.test("conclude_fix() takes effect once when the same call is delivered twice", async () => {
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
    one_off: true,
  });
  const [judged] = await claimFixesToJudge(contract.rpc, { fixId: fix_id! });
  await concludeFix(contract.rpc, judged!, "reverted", { reason: "came back" });
  // The next engine works on the error when the second delivery of the same call arrives.
  await database.query(due);
  await claimErrors(contract.rpc, { worker: "next" });
  await concludeFix(contract.rpc, judged!, "reverted", { reason: "came back" }).catch(() => {});
  const [row] = await database.query(
    "select status, claimed_by, (select count(*)::int from healing_events where event_type = 'verdict') as verdicts, (select count(*)::int from rollback_history) as rollbacks from detected_errors",
  );
  assert.deepEqual(row, { status: "healing", claimed_by: "next", verdicts: 1, rollbacks: 1 });
});

Deno.test("a lock that is busy for a moment hands no error to a person and counts against no pattern", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await using engine = engineOf(database, contract, ok);
  await captureErrors(contract.rpc, [occurrence({ ...MISSING_FUNCTION, fingerprint: "v1:u" })]);
  const other = await openDirectConnection(database.url);
  await other.transaction(async (tx) => {
    await tx.query("create extension unaccent with schema extensions"); // somebody's migration, not yet committed
    await engine.detectAndHeal();
  }, { rollback: true });
  await other.close();
  const [row] = await database.query("select status, resolution from detected_errors");
  assert.equal(row!.status, "open", JSON.stringify(row));
});

Deno.test("judge() does not take back a fix for an occurrence that happened before it", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await using engine = engineOf(database, contract, ok);
  // Two isolates fail in the same second. The first report calls the engine; the second report is two seconds late.
  await captureErrors(contract.rpc, [occurrence({ ...MISSING_FUNCTION, fingerprint: "v1:u" })]);
  const happenedAt = performance.now();
  await engine.detectAndHeal();
  await captureErrors(contract.rpc, [{
    ...occurrence({ ...MISSING_FUNCTION, fingerprint: "v1:u" }),
    age_ms: performance.now() - happenedAt,
  }]);
  await engine.detectAndHeal();
  const [row] = await database.query(
    "select f.status, f.verdict ->> 'reason' as reason, e.status as error, (select failure_count from universal_error_patterns) as failures from auto_fixes f join detected_errors e on e.id = f.detected_error_id",
  );
  assert.notEqual(row!.status, "reverted", JSON.stringify(row));
});

Deno.test("change_healing_setting() refuses a number that the engine cannot count with", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await setSetting(contract.rpc, "max_attempts", 2.5).catch(() => {});
  await claimErrors(contract.rpc, { worker: "w" });
});
