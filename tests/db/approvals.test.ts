/** A question to a person shows what exactly would change, and nothing else is ever applied on that answer. */

import assert from "node:assert/strict";
import {
  approveFix,
  expireApprovals,
  listApprovals,
  rejectFix,
} from "../../supabase/functions/_shared/approvals.ts";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { apiCaller } from "../helpers/apiCaller.ts";
import { accessOf, NARROWER, waitingPolicyFix } from "../helpers/approvals.ts";
import { ALICE, seenBy } from "../helpers/accessFixes.ts";
import { occurrence, openContract } from "../helpers/contract.ts";
import { engineOf, prepared } from "../helpers/engine.ts";

const COUNT = "select count(*)::int as n from members";

Deno.test("a question shows the policy before and after, the function it needs, and nothing that stays as it is", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const { preview, preview_key } = await waitingPolicyFix(database, contract);
  const members = preview!.objects.find(({ name }) => name === "public.members")!;
  assert.equal(members.change, "changed");
  assert.equal(members.before.length, 1, "one policy, and neither its columns nor its rights");
  assert.match(members.before[0]!, /^policy m, permissive, for select to authenticated using \(\(team_id IN/);
  assert.match(members.after[0]!, /healing_policies\.members_m_\d+_1/);
  const made = preview!.objects.filter(({ change }) => change === "made").map((object) => object.class);
  assert.deepEqual(made.sort(), ["function", "schema"]);
  assert.deepEqual(preview!.rows, []);
  assert.match(preview_key!, /^[0-9a-f]{32}$/);
  assert.equal(await seenBy(database, ALICE, COUNT), "42P17", "nothing of it has happened");
});

Deno.test("approveFix() applies what was seen, and the row says who said yes and why", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const { id, preview_key } = await waitingPolicyFix(database, contract);
  const outcome = await approveFix(id, "as it is meant", accessOf(contract), { seen: preview_key! });
  assert.equal(outcome.kind, "approved");
  await using engine = engineOf(database, contract);
  assert.equal((await engine.detectAndHeal()).fixes_applied, 1);
  assert.deepEqual(await seenBy(database, ALICE, COUNT), [{ n: 1 }]);
  const [row] = await database.query(
    "select f.status, f.approved_by, q.decided_by, q.decision_reason from auto_fixes f join admin_approval_queue q on q.auto_fix_id = f.id",
  );
  assert.deepEqual(row, {
    status: "validating",
    approved_by: "postgres",
    decided_by: "postgres",
    decision_reason: "as it is meant",
  });
  const [states] = await database.query<{ from: string; to: string }>(
    "select state_before ->> 'relation public.members' as from, state_after ->> 'relation public.members' as to from auto_fixes",
  );
  assert.match(states!.from, /policy m/, "so that a fix that undoes it is known by it");
  assert.notEqual(states!.from, states!.to);
});

Deno.test("approveFix() approves nothing that would do something else than was seen, and shows that instead", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const { id, preview_key } = await waitingPolicyFix(database, contract);
  await database.query(
    NARROWER,
  );
  const outcome = await approveFix(id, "yes", accessOf(contract), { seen: preview_key! });
  assert.equal(outcome.kind, "changed");
  if (outcome.kind !== "changed") return;
  assert.match(outcome.difference, /relation public\.members would be changed otherwise/);
  assert.match(JSON.stringify(outcome.approval.preview), /team_id > 0/);
  assert.equal(outcome.approval.status, "pending");
  // A page that still shows the old changes cannot say yes to them, by whatever way.
  const stale = approveFix(id, "yes", accessOf(contract), { seen: preview_key! });
  assert.equal((await stale).kind, "changed");
  const byHand = { p_approval_id: id, p_decision: "approve", p_reason: "yes", p_seen: preview_key };
  await assert.rejects(contract.rpc.call("decide_approval", byHand), { code: "CONFLICT" });
  const fresh = outcome.approval.preview_key!;
  assert.equal((await approveFix(id, "yes", accessOf(contract), { seen: fresh })).kind, "approved");
});

Deno.test("an approved fix that would do something else when its turn comes is not applied: the question comes back", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const { id } = await waitingPolicyFix(database, contract);
  assert.equal((await approveFix(id, "yes", accessOf(contract))).kind, "approved");
  await database.query(
    NARROWER,
  );
  const before = await database.query(
    "select pg_get_expr(polqual, polrelid) from pg_policy where polname = 'm'",
  );
  await using engine = engineOf(database, contract);
  const counters = await engine.detectAndHeal();
  assert.deepEqual([counters.fixes_applied, counters.fixes_waiting], [0, 1]);
  assert.deepEqual(
    await database.query("select pg_get_expr(polqual, polrelid) from pg_policy where polname = 'm'"),
    before,
  );
  const [again] = await listApprovals(contract.rpc);
  assert.notEqual(again!.id, id);
  assert.match(again!.reason, /^what would happen has changed since it was approved: /);
  assert.match(JSON.stringify(again!.preview), /team_id > 0/);
  assert.deepEqual(await database.query("select status, approved_by from auto_fixes"), [
    { status: "awaiting_approval", approved_by: null },
  ]);
  assert.equal((await approveFix(again!.id, "this too", accessOf(contract))).kind, "approved");
  assert.equal((await engine.detectAndHeal()).fixes_applied, 1);
});

Deno.test("a fix that somebody has made meanwhile is withdrawn, before the yes and after it", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await captureErrors(contract.rpc, [occurrence()]);
  await using engine = engineOf(database, contract);
  assert.equal((await engine.detectAndHeal()).fixes_waiting, 1);
  const [first] = await listApprovals(contract.rpc);
  assert.equal(first!.preview!.objects[0]!.name, "shop");
  await database.query("create schema shop");
  const outcome = await approveFix(first!.id, "yes", accessOf(contract));
  assert.equal(outcome.kind, "withdrawn");
  assert.deepEqual(await listApprovals(contract.rpc), []);
  await engine.detectAndHeal();
  const [error] = await database.query("select status, resolution from detected_errors");
  assert.equal(error!.status, "healed", String(error!.resolution));

  await database.query("drop schema shop");
  await captureErrors(contract.rpc, [occurrence({ fingerprint: "v1:b" })]);
  assert.equal((await engine.detectAndHeal()).fixes_waiting, 1);
  const [second] = await listApprovals(contract.rpc);
  assert.equal((await approveFix(second!.id, "yes", accessOf(contract))).kind, "approved");
  await database.query("create schema shop");
  assert.equal((await engine.detectAndHeal()).fixes_applied, 0);
  const fixes = await database.query<{ status: string; reason: string; is_evidence: boolean }>(
    "select status, verdict ->> 'reason' as reason, (verdict ->> 'is_evidence')::boolean as is_evidence from auto_fixes",
  );
  for (const fix of fixes) {
    assert.deepEqual([fix.status, fix.is_evidence], ["rejected", false]);
    assert.match(fix.reason, /^withdrawn: schema shop has been made meanwhile/);
  }
});

Deno.test("a fix whose error was ended by a person is withdrawn, and cannot be approved any more", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const { id, detected_error_id } = await waitingPolicyFix(database, contract);
  await contract.rpc.call("decide_error", {
    p_error_id: detected_error_id,
    p_decision: "resolve",
    p_reason: "we dropped the feature",
  });
  assert.deepEqual(
    await database.query(
      "select q.status as question, f.status as fix from admin_approval_queue q join auto_fixes f on f.id = q.auto_fix_id",
    ),
    [{ question: "withdrawn", fix: "rejected" }],
  );
  await assert.rejects(approveFix(id, "yes", accessOf(contract)), { code: "CONFLICT" });
});

Deno.test("a question whose error has ended by any other way is withdrawn by the answer, and by the next run", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const { id } = await waitingPolicyFix(database, contract);
  const end = () =>
    database.query("update detected_errors set status = 'healed', resolution = 'x', resolved_at = now()");
  await end();
  assert.equal((await approveFix(id, "yes", accessOf(contract))).kind, "withdrawn");
  assert.deepEqual(await database.query("select status from auto_fixes"), [{ status: "rejected" }]);
  await database.query(
    "update detected_errors set status = 'open', resolved_at = null, next_attempt_at = now()",
  );
  await using engine = engineOf(database, contract);
  assert.equal((await engine.detectAndHeal()).fixes_waiting, 1, "it was not wrong, so it is proposed again");
  await end();
  await expireApprovals(contract.rpc);
  assert.deepEqual(await listApprovals(contract.rpc), []);
  assert.deepEqual(await database.query("select status from detected_errors"), [{ status: "healed" }]);
});

Deno.test("nobody but an admin answers, a no needs a reason, and what has expired cannot be approved", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const { id } = await waitingPolicyFix(database, contract);
  const machine = { ...accessOf(contract), caller: apiCaller(database, "service_role", {}) };
  await assert.rejects(approveFix(id, "yes", machine), { code: "FORBIDDEN" });
  const user = { ...accessOf(contract), caller: apiCaller(database, "authenticated", { sub: ALICE }) };
  await assert.rejects(approveFix(id, "yes", user), { code: "NOT_FOUND" });
  assert.deepEqual(await listApprovals(user.caller), []);
  await assert.rejects(rejectFix(contract.rpc, id, "  "), { code: "BAD_REQUEST" });
  const admin = apiCaller(database, "authenticated", {
    sub: ALICE,
    email: "ada@example.com",
    app_metadata: { role: "admin" },
  });
  assert.equal((await listApprovals(admin)).length, 1);
  await database.query("update admin_approval_queue set expires_at = now() - interval '1 second'");
  await assert.rejects(approveFix(id, "yes", { ...accessOf(contract), caller: admin }), { code: "CONFLICT" });
  assert.equal(await expireApprovals(contract.rpc), 1);
  await database.query(
    "update detected_errors set status = 'open', resolved_at = null, next_attempt_at = now()",
  );
  await using engine = engineOf(database, contract);
  assert.equal((await engine.detectAndHeal()).fixes_waiting, 1);
  const [next] = await listApprovals(admin);
  const rejected = await rejectFix(admin, next!.id, "we rewrite it ourselves");
  assert.deepEqual([rejected.status, rejected.decided_by], ["rejected", "ada@example.com"]);
});

Deno.test("twelve people at once: one answer counts", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const { id } = await waitingPolicyFix(database, contract);
  const people = await Promise.all(Array.from({ length: 12 }, () => openContract(database)));
  const answers = await Promise.allSettled(
    people.map((person, index) =>
      index % 2 === 0
        ? approveFix(id, `person ${index}`, accessOf(person))
        : rejectFix(person.rpc, id, `person ${index}`)
    ),
  );
  await Promise.all(people.map((person) => person[Symbol.asyncDispose]()));
  const counted = answers.filter((answer) =>
    answer.status === "fulfilled" && !("kind" in answer.value && answer.value.kind !== "approved")
  );
  assert.equal(counted.length, 1);
  assert.equal(
    (await database.query("select from admin_approval_queue where status in ('approved', 'rejected')"))
      .length,
    1,
  );
});
