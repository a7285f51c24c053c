/** Taking a fix back: only while everything is as it left it, by a person with a reason, and never past destruction. */

import assert from "node:assert/strict";
import { approveFix, listApprovals } from "../../supabase/functions/_shared/approvals.ts";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { listRollbackPoints, revertFix } from "../../supabase/functions/_shared/rollbackPoints.ts";
import { ALICE } from "../helpers/accessFixes.ts";
import { accessOf, waitingPolicyFix } from "../helpers/approvals.ts";
import { apiCaller } from "../helpers/apiCaller.ts";
import { type Contract, occurrence, openContract, setSetting } from "../helpers/contract.ts";
import type { TestDatabase } from "../helpers/database.ts";
import { engineOf, operation, prepared } from "../helpers/engine.ts";

const SAYS_YES = () => Promise.resolve({ status: 200, body: "" });

async function approveAll(contract: Contract): Promise<void> {
  for (const { id } of await listApprovals(contract.rpc)) {
    assert.equal((await approveFix(id, "yes", accessOf(contract))).kind, "approved");
  }
}

/** A schema that was missing was made, and the fix is kept. */
async function keptSchema(database: TestDatabase, contract: Contract): Promise<string> {
  await captureErrors(contract.rpc, [occurrence({ operation: operation("a") })]);
  await using engine = engineOf(database, contract, SAYS_YES);
  await engine.detectAndHeal();
  await approveAll(contract);
  assert.equal((await engine.detectAndHeal()).fixes_applied, 1);
  assert.equal((await engine.detectAndHeal()).fixes_kept, 1);
  return (await database.query<{ id: string }>("select id from auto_fixes"))[0]!.id;
}

/** A policy that led back to its table was mended, and its fix is being watched. */
async function mendedPolicy(database: TestDatabase, contract: Contract): Promise<string> {
  const { auto_fix_id } = await waitingPolicyFix(database, contract);
  await approveAll(contract);
  await using engine = engineOf(database, contract);
  assert.equal((await engine.detectAndHeal()).fixes_applied, 1);
  return auto_fix_id;
}

const POLICY = "select pg_get_expr(polqual, polrelid) as text from pg_policy where polname = 'm'";

Deno.test("revertFix() takes a kept fix back on a person's word, and the history says who and why", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const fixId = await keptSchema(database, contract);
  const [point] = await listRollbackPoints(contract.rpc, { status: "in_force" });
  assert.deepEqual([point!.fix_id, point!.refusal, point!.action_kind], [fixId, null, "create_schema"]);
  const outcome = await revertFix(contract.rpc, fixId, "it was a typing error", {
    direct: contract.connection,
  });
  assert.equal(outcome.kind, "reverted");
  assert.deepEqual(await database.query("select from pg_namespace where nspname = 'shop'"), []);
  assert.deepEqual(await database.query("select reason, actor from rollback_history"), [
    { reason: "it was a typing error", actor: "postgres" },
  ]);
  const [fix] = await database.query("select status, verdict ->> 'reason' as reason from auto_fixes");
  assert.deepEqual(fix, { status: "reverted", reason: "taken back by postgres: it was a typing error" });
  assert.deepEqual(await listRollbackPoints(contract.rpc, { status: "in_force" }), []);
  await assert.rejects(revertFix(contract.rpc, fixId, "again"), { code: "CONFLICT" });
});

Deno.test("revertFix() refuses when somebody has changed the same object since, and leaves that change alone", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const fixId = await mendedPolicy(database, contract);
  await database.query("alter policy m on members using (user_id = auth.uid())");
  const outcome = await revertFix(contract.rpc, fixId, "take it back", { direct: contract.connection });
  assert.equal(outcome.kind, "refused");
  assert.match(JSON.stringify(outcome), /relation public\.members has been changed since the fix/);
  assert.match((await database.query<{ text: string }>(POLICY))[0]!.text, /^\(user_id = auth\.uid\(\)\)$/);
  const [request] = await database.query(
    "select status, outcome is not null as says from fix_revert_requests",
  );
  assert.deepEqual(request, { status: "refused", says: true });
  const told = await database.query("select from notifications where dedupe_key like 'revert:%'");
  assert.equal(told.length, 1);
});

Deno.test("revertFix() is not kept from it by a change of something else on the same table", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const fixId = await mendedPolicy(database, contract);
  await database.query("alter table members add column note text; create index on members (team_id)");
  const outcome = await revertFix(contract.rpc, fixId, "take it back", { direct: contract.connection });
  assert.equal(outcome.kind, "reverted", JSON.stringify(outcome));
  assert.match((await database.query<{ text: string }>(POLICY))[0]!.text, /SELECT members_1\.team_id/);
  const [error] = await database.query("select status from detected_errors");
  assert.equal(error!.status, "escalated", "what was watched has no fix any more");
});

Deno.test("revertFix() never goes back past a change that destroyed what the fix stands on", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const fixId = await mendedPolicy(database, contract);
  // What the event trigger writes where the platform lets us have one.
  const destroy = (identity: string, tag: string, type: string) =>
    database.query(
      "insert into schema_versions (object_identity, command_tag, object_type, actor) values ($1, $2, $3, 'ada')",
      [
        identity,
        tag,
        type,
      ],
    );
  await destroy("public.elsewhere", "DROP TABLE", "table");
  await destroy("public.members", "ALTER TABLE", "table");
  assert.equal((await listRollbackPoints(contract.rpc))[0]!.refusal, null, "elsewhere is elsewhere");
  await destroy("public.members.note", "ALTER TABLE", "table column");
  const refusal = (await listRollbackPoints(contract.rpc))[0]!.refusal!;
  assert.match(refusal, /public\.members\.note.*never taken back across that/);
  await assert.rejects(revertFix(contract.rpc, fixId, "take it back", { direct: contract.connection }), {
    code: "CONFLICT",
  });
});

Deno.test("revertFix() obeys people alone, asks for a reason, and once", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const fixId = await keptSchema(database, contract);
  await assert.rejects(revertFix(apiCaller(database, "service_role", {}), fixId, "why"), {
    code: "FORBIDDEN",
  });
  await assert.rejects(revertFix(apiCaller(database, "authenticated", { sub: ALICE }), fixId, "why"), {
    code: "FORBIDDEN",
  });
  await assert.rejects(revertFix(contract.rpc, fixId, " "), { code: "BAD_REQUEST" });
  await assert.rejects(revertFix(contract.rpc, crypto.randomUUID(), "why"), { code: "CONFLICT" });
  assert.deepEqual(await listRollbackPoints(apiCaller(database, "authenticated", { sub: ALICE })), []);
  const people = await Promise.all(Array.from({ length: 8 }, () => openContract(database)));
  const outcomes = await Promise.allSettled(
    people.map((person) => revertFix(person.rpc, fixId, "mine", { direct: person.connection })),
  );
  await Promise.all(people.map((person) => person[Symbol.asyncDispose]()));
  const done = outcomes.filter((one) => one.status === "fulfilled" && one.value.kind === "reverted");
  assert.equal(done.length, 1);
  assert.equal((await database.query("select from rollback_history")).length, 1);
});

Deno.test("what a person asked to be taken back without a direct connection is done by the next run, kill switch or not", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const fixId = await keptSchema(database, contract);
  const admin = apiCaller(database, "authenticated", {
    email: "ada@example.com",
    app_metadata: { role: "admin" },
  });
  assert.equal((await revertFix(admin, fixId, "not ours")).kind, "waiting");
  await setSetting(contract.rpc, "enabled", false);
  await using engine = engineOf(database, contract, SAYS_YES);
  assert.equal((await engine.detectAndHeal()).fixes_reverted, 1);
  assert.deepEqual(await database.query("select actor from rollback_history"), [{
    actor: "ada@example.com",
  }]);
  assert.deepEqual(await database.query("select from pg_namespace where nspname = 'shop'"), []);
});

Deno.test("the engine takes nothing back by itself when somebody has changed the same object since", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const fixId = await mendedPolicy(database, contract);
  await database.query("alter policy m on members using (user_id = auth.uid())");
  await using engine = engineOf(database, contract);
  const judged = await engine.takeBack(fixId, "another error came after it");
  assert.equal(judged!.status, "inconclusive");
  assert.match(judged!.verdict.reason, /could not be taken back: relation public\.members has been changed/);
  assert.match((await database.query<{ text: string }>(POLICY))[0]!.text, /^\(user_id = auth\.uid\(\)\)$/);
});

Deno.test("a busy lock is no reason to leave a fix in force: it is taken back when the lock is free", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const fixId = await mendedPolicy(database, contract);
  const neighbour = await database.connect();
  await neighbour.query("begin; lock table members in access exclusive mode");
  const outcome = await revertFix(contract.rpc, fixId, "take it back", { direct: contract.connection });
  assert.equal(outcome.kind, "waiting", JSON.stringify(outcome));
  await using engine = engineOf(database, contract);
  const judged = await engine.takeBack(fixId, "another error came after it");
  assert.equal(judged!.status, "waiting");
  assert.deepEqual(await database.query("select status from auto_fixes"), [{ status: "validating" }]);
  await neighbour.query("rollback");
  await database.query("update auto_fixes set lease_expires_at = null");
  assert.equal((await engine.detectAndHeal()).fixes_reverted, 1);
  assert.deepEqual(await database.query("select status from auto_fixes"), [{ status: "reverted" }]);
});
