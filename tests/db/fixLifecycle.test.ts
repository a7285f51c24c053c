import assert from "node:assert/strict";
import {
  beginFix,
  captureErrors,
  type ClaimedError,
  claimErrors,
  claimFixesToJudge,
  concludeFix,
  failFix,
  proposeFix,
  recordFixApplied,
  releaseError,
  type RpcPort,
} from "../../supabase/functions/_shared/healingDb.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { occurrence, openContract, proposal, setSetting } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";

const APPLIED = {
  rollback_point: { existed: false },
  probe: { ok: true },
  description: "made it",
  duration_ms: 5,
};

async function claimOne(rpc: RpcPort, fingerprint = "v1:a"): Promise<ClaimedError> {
  const { errors: [group] } = await captureErrors(rpc, [occurrence({ fingerprint })]);
  const [error] = await claimErrors(rpc, { worker: "test", errorId: group!.id });
  return error!;
}

async function propose(
  rpc: RpcPort,
  error: ClaimedError,
  changes: Parameters<typeof proposal>[1] = {},
): Promise<string> {
  const proposed = await proposeFix(rpc, proposal(error, changes));
  assert.equal(proposed.decision, "auto", proposed.reason);
  return proposed.fix_id!;
}

Deno.test("auto_fixes goes from proposed to kept, and its pattern gains one success", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  await setSetting(rpc, "mode_database", "auto");
  await setSetting(rpc, "validation_min_seconds", 0);
  const error = await claimOne(rpc);
  const id = await propose(rpc, error);
  assert.deepEqual(await beginFix(rpc, id, error), { moved: true, reason: "permitted" });
  await recordFixApplied(rpc, id, error, { ...APPLIED, one_off: true });
  const [due] = await claimFixesToJudge(rpc, { fixId: id });
  const kept = await concludeFix(rpc, due!, "kept", { reason: "it helped" });
  assert.equal(kept.status, "kept");
  assert.equal(kept.pattern_is_new, true);
  const [pattern] = await database.query(
    "select success_count, confidence_score, auto_fixable from healing_patterns",
  );
  assert.deepEqual(pattern, { success_count: 1, confidence_score: 2 / 3, auto_fixable: false });
  const [stored] = await database.query("select status, resolution from detected_errors");
  assert.deepEqual(stored, { status: "healed", resolution: "kept: it helped" });
});

Deno.test("auto_fixes refuses a move that its lifecycle does not know", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await setSetting(contract.rpc, "mode_database", "auto");
  const error = await claimOne(contract.rpc);
  const id = await propose(contract.rpc, error);
  await assert.rejects(
    database.query(
      "update auto_fixes set status = 'kept', verdict = '{\"reason\": \"x\"}', finished_at = now() where id = $1",
      [id],
    ),
    /Cannot move fix .* from proposed to kept/,
  );
});

Deno.test("begin_fix() refuses while the kill switch is thrown, and says so", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  await setSetting(rpc, "mode_database", "auto");
  const error = await claimOne(rpc);
  const id = await propose(rpc, error);
  await setSetting(rpc, "enabled", false);
  assert.equal((await beginFix(rpc, id, error)).reason, "the kill switch is thrown");
});

Deno.test("change_healing_setting() waits for a move in flight, and none follows it", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await using admin = await openContract(database);
  await setSetting(contract.rpc, "mode_database", "auto");
  const first = await claimOne(contract.rpc, "v1:1");
  const second = await claimOne(contract.rpc, "v1:2");
  const firstFix = await propose(contract.rpc, first);
  const secondFix = await propose(contract.rpc, second, { target: "schema:other" });
  let thrown: Promise<unknown> | undefined;
  await contract.connection.transaction(async (tx) => {
    assert.equal((await beginFix(tx.rpc, firstFix, first)).moved, true);
    thrown = setSetting(admin.rpc, "enabled", false);
    const waits = "select from pg_locks where not granted";
    while ((await database.query(waits)).length === 0) { /* until the switch waits for us */ }
    await recordFixApplied(tx.rpc, firstFix, first, APPLIED);
  });
  await thrown;
  assert.equal((await beginFix(contract.rpc, secondFix, second)).moved, false);
});

Deno.test("propose_fix() only suggests on a fresh installation, and an admin's approval sends it on", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  const error = await claimOne(rpc);
  const proposed = await proposeFix(rpc, proposal(error));
  assert.equal(proposed.decision, "suggest");
  assert.deepEqual(await claimErrors(rpc, { worker: "other" }), []);
  await rpc.call("decide_approval", {
    p_approval_id: proposed.approval_id,
    p_decision: "approve",
    p_reason: "fine",
  });
  const [again] = await claimErrors(rpc, { worker: "other" });
  assert.equal(again!.live_fix!.approved_by, "postgres");
  assert.equal((await beginFix(rpc, proposed.fix_id!, again!)).moved, true);
});

Deno.test("decide_approval() ends an approval once, and a rejected fix ends its road", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  const proposed = await proposeFix(rpc, proposal(await claimOne(rpc)));
  const decide = (decision: string) =>
    rpc.call("decide_approval", {
      p_approval_id: proposed.approval_id,
      p_decision: decision,
      p_reason: "no",
    });
  await decide("reject");
  await assert.rejects(decide("approve"), { code: "CONFLICT" });
  const [again] = await claimErrors(rpc, { worker: "other" });
  assert.deepEqual(again!.refused_actions, [{
    kind: "create_extension",
    extension: "unaccent",
    provides: "unaccent",
  }]);
});

Deno.test("expire_approvals() closes what nobody decided, and asks a person about the error", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await proposeFix(contract.rpc, proposal(await claimOne(contract.rpc)));
  await database.query("update admin_approval_queue set expires_at = now() - interval '1 second'");
  assert.equal(await contract.rpc.call("expire_approvals", {}), 1);
  const [error] = await database.query("select status from detected_errors");
  assert.equal(error!.status, "escalated");
});

Deno.test("propose_fix() asks a person for medium risk without a trusted pattern, for high risk, and for protected areas", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  await setSetting(rpc, "mode_database", "auto");
  const cases = [{ risk: "medium" }, { risk: "high" }, { target: "schema:auth" }, {
    target: "table:billing.invoices",
  }] as const;
  for (const [index, changes] of cases.entries()) {
    const error = await claimOne(rpc, `v1:${index}`);
    assert.equal(
      (await proposeFix(rpc, proposal(error, changes))).decision,
      "suggest",
      JSON.stringify(changes),
    );
  }
});

Deno.test("propose_fix() asks a person for everything in a dry run", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await setSetting(contract.rpc, "mode_database", "auto");
  await setSetting(contract.rpc, "dry_run", true);
  const proposed = await proposeFix(contract.rpc, proposal(await claimOne(contract.rpc)));
  assert.equal(proposed.decision, "suggest");
  assert.match(proposed.reason, /dry run/);
});

Deno.test("begin_fix() gives a target one state-changing fix an hour, also to two workers at once", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await setSetting(contract.rpc, "mode_database", "auto");
  const errors = [await claimOne(contract.rpc, "v1:1"), await claimOne(contract.rpc, "v1:2")];
  const fixes = [await propose(contract.rpc, errors[0]!), await propose(contract.rpc, errors[1]!)];
  const workers = await Promise.all(errors.map(() => openDirectConnection(database.url)));
  const moves = await Promise.all(
    workers.map((worker, index) => beginFix(worker.rpc, fixes[index]!, errors[index]!)),
  );
  await Promise.all(workers.map((worker) => worker.close()));
  assert.equal(moves.filter((move) => move.moved).length, 1);
  assert.match(moves.find((move) => !move.moved)!.reason, /the target had 1 fixes in the last hour/);
});

Deno.test("begin_fix() refuses a worker whose lease has run out, and the error comes back", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  await setSetting(rpc, "mode_database", "auto");
  const late = await claimOne(rpc);
  const id = await propose(rpc, late);
  await database.query("update detected_errors set lease_expires_at = now() - interval '1 second'");
  await assert.rejects(beginFix(rpc, id, late), { code: "LEASE_LOST" });
  const [present] = await claimErrors(rpc, { worker: "next" });
  assert.equal(present!.live_fix!.id, id);
  await assert.rejects(releaseError(rpc, late, { status: "ignored", reason: "late" }), {
    code: "LEASE_LOST",
  });
  assert.equal((await beginFix(rpc, id, present!)).moved, true);
});

Deno.test("claim_errors() hands an error that outlived its attempts to a person", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  await captureErrors(rpc, [occurrence()]);
  for (let attempt = 0; attempt < 4; attempt++) {
    assert.equal((await claimErrors(rpc, { worker: `crash ${attempt}` })).length, 1);
    await database.query("update detected_errors set lease_expires_at = now() - interval '1 second'");
  }
  await rpc.call("reap_lost_runs", {});
  assert.deepEqual(await claimErrors(rpc, { worker: "last" }), []);
  const [error] = await database.query("select status from detected_errors");
  assert.equal(error!.status, "escalated");
  assert.equal(
    (await database.query("select from notifications where dedupe_key like 'escalated:%'")).length,
    1,
  );
});

Deno.test("fail_fix() counts against the pattern and lets the error rest longer each time", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  await setSetting(rpc, "mode_database", "auto");
  const error = await claimOne(rpc);
  const id = await propose(rpc, error);
  await failFix(rpc, id, error, "the probe said no");
  const [pattern] = await database.query("select failure_count, confidence_score from healing_patterns");
  assert.deepEqual(pattern, { failure_count: 1, confidence_score: 1 / 3 });
  const [stored] = await database.query(
    "select status, next_attempt_at > now() + interval '50 seconds' as rests from detected_errors",
  );
  assert.deepEqual(stored, { status: "open", rests: true });
});
