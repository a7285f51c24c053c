import assert from "node:assert/strict";
import { CircuitOpenError } from "../../supabase/functions/_shared/circuitBreaker.ts";
import { analyzeError } from "../../supabase/functions/_shared/errorAnalysis.ts";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { applyFix, assertRefused, revertFix } from "../helpers/accessFixes.ts";
import { openContract, setSetting } from "../helpers/contract.ts";
import { engineOf } from "../helpers/engine.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";

/** Applies a fix that has to go through, and gives what takes it back. */
async function apply(database: TestDatabase, draft: object) {
  const outcome = await applyFix(database, draft);
  assert.equal(outcome.kind, "applied", outcome.kind === "refused" ? outcome.reason : "");
  return outcome as Extract<typeof outcome, { kind: "applied" }>;
}

const breaker = { kind: "reset_breaker", breaker: "mail" };

/** A breaker that opened so many seconds ago, with a cooldown of a minute. */
async function openBreaker(database: TestDatabase, secondsAgo: number, changes = ""): Promise<void> {
  await database.query(`
    delete from circuit_breakers;
    insert into circuit_breakers (name, state, cooldown_ms, opened_at, opened_count, probe_after, evidence)
    values ('mail', 'open', 60000, now() - interval '${secondsAgo} s', 1, now() - interval '${
    secondsAgo - 60
  } s', '{"votes": 3}');
    ${changes}`);
}

const breakerState = async (database: TestDatabase) =>
  (await database.query<{ state: string; evidence: unknown }>(
    "select state, evidence from circuit_breakers",
  ))[0];

Deno.test("reset_breaker closes a breaker that nobody has probed for long, and opens it again when it is taken back", async () => {
  await using database = await createTestDatabase();
  await openBreaker(database, 600);
  const { rollbackPoint, measured } = await apply(database, breaker);
  assert.match(measured, /mail is closed/);
  assert.deepEqual(await breakerState(database), { state: "closed", evidence: {} });
  await revertFix(database, breaker, rollbackPoint);
  assert.deepEqual(await breakerState(database), { state: "open", evidence: { votes: 3 } });
  const [probe] = await database.query(
    "select claim_circuit_probe('mail', 'a', 1000) -> 'granted' as granted",
  );
  assert.equal(probe!.granted, true, "the next call may probe at once");
});

Deno.test("reset_breaker leaves a breaker alone that works, that a person holds, or that has moved since", async () => {
  await using database = await createTestDatabase();
  await assertRefused(database, breaker, /there is no breaker/);
  await openBreaker(database, 30);
  await assertRefused(database, breaker, /probes its target by itself/);
  await openBreaker(database, 100);
  await assertRefused(database, breaker, /its time is not long over/);
  for (const mode of ["forced_open", "disabled"]) {
    await openBreaker(database, 600, `update circuit_breakers set mode = '${mode}'`);
    await assertRefused(database, breaker, /a person has set/);
  }
  await openBreaker(database, 600);
  await database.query("select claim_circuit_probe('mail', 'a', 60000)");
  await assertRefused(database, breaker, /probes its target by itself/);
  await openBreaker(database, 600);
  const { rollbackPoint } = await apply(database, breaker);
  await assertRefused(database, breaker, /mail is closed/);
  await database.query("select reset_circuit_breaker('mail', 'a person')");
  await revertFix(database, breaker, rollbackPoint);
  assert.equal((await breakerState(database))!.state, "closed", "somebody else closed it too");
});

const requeue = { kind: "requeue_operations", target: "send-mail" };

/** Three operations: two that were tried ten times, the second one lately, and one that a person has to see for another reason. */
async function fillQueue(database: TestDatabase, doneAgo: string | null): Promise<void> {
  await database.query(`
    delete from queued_operations;
    insert into queued_operations (operation_kind, target, payload, idempotency_key, caller_role, status, attempt_count, next_attempt_at, last_error)
    values ('invoke_function', 'send-mail', '{}', 'a', 'service_role', 'needs_person', 10, now() - interval '2 h', 'was away'),
      ('invoke_function', 'send-mail', '{}', 'b', 'service_role', 'needs_person', 10, now() + interval '59 min', 'was away'),
      ('invoke_function', 'send-mail', '{}', 'c', 'service_role', 'needs_person', 1, now() - interval '2 h', 'the row has changed'),
      ('invoke_function', 'other', '{}', 'd', 'service_role', 'needs_person', 10, now() - interval '2 h', 'was away')`);
  if (doneAgo === null) return;
  await database.query(`
    insert into queued_operations (operation_kind, target, payload, idempotency_key, caller_role, status, finished_at)
    values ('invoke_function', 'send-mail', '{}', 'e', 'service_role', 'done', now() - interval '${doneAgo}')`);
}

const waiting = (database: TestDatabase) =>
  database.query(
    "select idempotency_key as key, status, attempt_count as attempts, last_error as error, sent_back from queued_operations where status <> 'done' order by 1",
  );

Deno.test("requeue_operations sends back what was tried too often before its target worked again, and takes it back", async () => {
  await using database = await createTestDatabase();
  await fillQueue(database, "30 min");
  const before = await waiting(database);
  const { rollbackPoint, measured } = await apply(database, requeue);
  assert.match(measured, /1 operations for send-mail are queued again, and 0 are left/);
  const [first, ...others] = await waiting(database);
  assert.deepEqual(first, { key: "a", status: "queued", attempts: 0, error: "was away", sent_back: true });
  assert.deepEqual(
    others,
    before.slice(1),
    "the second was tried after that, the others wait for another reason",
  );
  const claimed = await database.query<{ key: string }>(
    "select o ->> 'idempotency_key' as key from jsonb_array_elements(claim_operations('w')) as o",
  );
  assert.deepEqual(claimed, [{ key: "a" }], "a run makes it again under its key");
  await revertFix(database, requeue, rollbackPoint);
  assert.equal((await waiting(database))[0]!.status, "running", "what is being made is not stopped");
  await database.query(
    "update queued_operations set status = 'queued', lease_expires_at = null where status = 'running'",
  );
  await revertFix(database, requeue, rollbackPoint);
  assert.deepEqual(await waiting(database), before);
});

Deno.test("requeue_operations refuses while nothing shows that the target works again", async () => {
  await using database = await createTestDatabase();
  await assertRefused(database, requeue, /nothing for send-mail waits/);
  await fillQueue(database, null);
  await assertRefused(database, requeue, /nothing shows/);
  await fillQueue(database, "4 h");
  await assertRefused(database, requeue, /nothing shows/);
});

const setting = (key: string, value: number) => ({ kind: "change_setting", setting: key, value });
const wanted = async (database: TestDatabase, key: string) =>
  (await database.query<{ wanted: number; by: string }>(
    "select wanted, updated_by as by from healing_settings where key = $1",
    [key],
  ))[0]!.wanted;

Deno.test("change_setting changes a setting in its cautious direction, says so in an event, and takes it back", async () => {
  await using database = await createTestDatabase();
  const fewer = setting("max_fixes_per_day", 50);
  const { rollbackPoint } = await apply(database, fewer);
  assert.equal(await wanted(database, "max_fixes_per_day"), 50);
  const [event] = await database.query(
    "select message from healing_events where event_type = 'setting_changed'",
  );
  assert.equal(event!.message, "max_fixes_per_day: 200 -> 50");
  await revertFix(database, fewer, rollbackPoint);
  assert.equal(await wanted(database, "max_fixes_per_day"), 200);
  await apply(database, fewer);
  await database.query("update healing_settings set wanted = '20' where key = 'max_fixes_per_day'");
  await revertFix(database, fewer, rollbackPoint);
  assert.equal(await wanted(database, "max_fixes_per_day"), 20, "what a person has set since stands");
});

Deno.test("change_setting never widens what the system may do", async () => {
  await using database = await createTestDatabase();
  await database.query("update healing_settings set wanted = '5' where key = 'max_fixes_per_day'");
  await assertRefused(database, setting("max_fixes_per_day", 50), /only moves it down/);
  await assertRefused(database, setting("validation_min_seconds", 60), /only moves it up/);
  await assertRefused(database, setting("max_attempts", 4), /max_attempts is 4/);
  await database.query("update healing_settings set wanted = '700' where key = 'validation_max_seconds'");
  await assertRefused(database, setting("validation_min_seconds", 900), /longest time/);
  for (const key of ["enabled", "dry_run", "mode_database", "protected_areas", "write_schemas"]) {
    await assert.rejects(
      database.query("select healing_private.tune_setting($1, 'true', 'false', 'x')", [key]),
      /No fix changes the setting/,
    );
  }
});

Deno.test("the engine closes a stuck breaker that a captured refusal names: it asks first, and acts where it may", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const heal = async () => {
    await openBreaker(database, 600);
    const { captured } = await analyzeError(new CircuitOpenError("mail", "open", 1_000), {
      functionName: "mailer",
    });
    const { errors: [group] } = await captureErrors(contract.rpc, [captured]);
    await using engine = engineOf(database, contract);
    return await engine.analyzeAndHealError(group!.id, { origin: "runtime" });
  };
  assert.equal(
    (await heal())?.kind,
    "waiting",
    "fixes of the runtime are only suggested on a fresh installation",
  );
  assert.equal((await breakerState(database))!.state, "open");
  await database.query(
    "delete from admin_approval_queue; delete from auto_fixes; delete from detected_errors",
  );
  await setSetting(contract.rpc, "mode_runtime", "auto");
  const outcome = await heal();
  assert.equal(outcome?.kind, "applied", JSON.stringify(outcome));
  assert.equal((await breakerState(database))!.state, "closed");
});
