/** A burst of permission and authentication failures stops healing, and tells people; everyday refusals do not. */

import assert from "node:assert/strict";
import {
  type CapturedError,
  captureErrors,
  getDecisionContext,
} from "../../supabase/functions/_shared/healingDb.ts";
import { occurrence, openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { engineOf, MISSING_FUNCTION, operation, prepared } from "../helpers/engine.ts";

type Burst = Record<"hold", boolean> & Record<"targets" | "subjects" | "signatures", number>;

async function burstOf(database: TestDatabase): Promise<Burst> {
  const [row] = await database.query<{ burst: Burst }>("select healing_private.security_burst() as burst");
  return row!.burst;
}

function refusal(table: string, changes: Partial<CapturedError> = {}): CapturedError {
  return occurrence({
    fingerprint: `v1:denied:${table}`,
    error_signature: "42501: permission denied for table $1",
    error_template: `42501: permission denied for table ${table}`,
    slots: [table],
    error_type: "permission_denied",
    error_code: "42501",
    error_message: `permission denied for table ${table}`,
    category: "auth",
    ...changes,
  });
}

const tables = (count: number) => Array.from({ length: count }, (_, index) => refusal(`t${index}`));

Deno.test("security_burst() counts different targets, and holds from the fifth on", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  assert.equal((await burstOf(database)).hold, false);
  await captureErrors(contract.rpc, [
    ...tables(4),
    refusal("t0"),
    refusal("t0", { occurrences: 500 } as object),
  ]);
  const four = await burstOf(database);
  assert.deepEqual([four.hold, four.targets], [false, 4]);
  await captureErrors(contract.rpc, [refusal("t4")]);
  const five = await burstOf(database);
  assert.deepEqual([five.hold, five.targets], [true, 5]);
});

Deno.test("security_burst() counts different subjects and bad signatures", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const by = (subject: string) => refusal("orders", { context: { details: { subject } } });
  await captureErrors(contract.rpc, Array.from({ length: 9 }, (_, index) => by(`user-${index}`)));
  for (let index = 0; index < 9; index++) await captureErrors(contract.rpc, [by(`user-${index}`)]);
  assert.deepEqual([(await burstOf(database)).hold, (await burstOf(database)).subjects], [false, 9]);
  await captureErrors(contract.rpc, [by("user-9")]);
  assert.equal((await burstOf(database)).hold, true);
});

Deno.test("security_burst() holds after twenty bad signatures, also when they come as one batch", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const forged = (count: number) =>
    refusal(
      "token",
      { error_type: "signature_invalid", fingerprint: "v1:forged", occurrences: count } as object,
    );
  await captureErrors(contract.rpc, [forged(19)]);
  assert.equal((await burstOf(database)).hold, false);
  await captureErrors(contract.rpc, [forged(1)]);
  assert.equal((await burstOf(database)).hold, true);
});

Deno.test("security_burst() leaves expired tokens, old refusals and other failures alone, and ends by itself", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const expired = Array.from(
    { length: 30 },
    (_, index) => refusal(`t${index}`, { error_type: "token_expired" }),
  );
  const missing = Array.from(
    { length: 30 },
    (_, index) => occurrence({ fingerprint: `v1:${index}`, slots: [`s${index}`] }),
  );
  await captureErrors(contract.rpc, [...expired, ...missing]);
  assert.equal((await burstOf(database)).hold, false);
  await captureErrors(
    contract.rpc,
    tables(8).map((error, index) => ({ ...error, fingerprint: `v1:real:${index}` })),
  );
  assert.equal((await burstOf(database)).hold, true);
  await database.query("update detected_errors set last_seen_at = now() - interval '11 minutes'");
  assert.equal((await burstOf(database)).hold, false);
  await database.query("update detected_errors set last_seen_at = now()");
  await setSetting(contract.rpc, "security_burst_minutes", 0);
  assert.equal((await burstOf(database)).hold, false);
});

Deno.test("HealingEngine.detectAndHeal() applies nothing during a burst, alerts once, and goes on when it is over", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await using engine = engineOf(database, contract);
  await captureErrors(contract.rpc, [...tables(6), occurrence(MISSING_FUNCTION)]);
  assert.equal((await engine.detectAndHeal()).fixes_applied, 0);
  const [held] = await database.query(
    "select status, attempt_count, resolution from detected_errors where fingerprint = 'v1:unaccent'",
  );
  assert.deepEqual([held!.status, held!.attempt_count], ["open", 0]);
  assert.match(String(held!.resolution), /^healing has stopped: within 10 minutes 6 targets/);
  const alerts = await database.query(
    "select severity, read_at from notifications where dedupe_key = 'security_burst'",
  );
  assert.deepEqual(alerts, [{ severity: "critical", read_at: null }]);
  await database.query(
    "update detected_errors set last_seen_at = now() - interval '1 hour' where category = 'auth'",
  );
  await database.query(
    "update detected_errors set next_attempt_at = now() where fingerprint = 'v1:unaccent'",
  );
  assert.equal((await engine.detectAndHeal()).fixes_applied, 1);
});

Deno.test("permitted_level() refuses to act alone during a burst, whatever the worker says", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await captureErrors(contract.rpc, [occurrence(MISSING_FUNCTION), ...tables(6)]);
  const [error] = await contract.rpc.call<{ id: string; claim_number: number }[]>("claim_errors", {
    p_worker: "w",
    p_error_id: (await database.query<{ id: string }>(
      "select id from detected_errors where fingerprint = 'v1:unaccent'",
    ))[0]!.id,
  });
  const { proposal } = await import("../helpers/contract.ts");
  const proposed = await contract.rpc.call<{ decision: string; reason: string }>("propose_fix", {
    p_fix: proposal(error!),
  });
  assert.equal(proposed.decision, "suggest");
  assert.match(proposed.reason, /^healing has stopped/);
});

Deno.test("claim_operations() and may_heal() rest during a burst: nothing waits longer than the burst", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await captureErrors(contract.rpc, [occurrence({ operation: operation("a") }), ...tables(6)]);
  await database.query(
    "update detected_errors set status = 'healed', resolution = 'x' where category <> 'auth'",
  );
  const claims = () => contract.rpc.call<unknown[]>("claim_operations", { p_worker: "w" });
  const mayHeal = async () =>
    (await database.query<{ may: boolean }>("select healing_private.may_heal('payload') as may"))[0]!.may;
  assert.deepEqual([await claims(), await mayHeal()], [[], false]);
  await database.query("update detected_errors set last_seen_at = now() - interval '11 minutes'");
  assert.deepEqual([(await claims()).length, await mayHeal()], [1, true]);
});

Deno.test("getDecisionContext() reads everything that a decision weighs, in one call", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await captureErrors(contract.rpc, [
    occurrence({ ...MISSING_FUNCTION, function_name: "search", context: { details: { doing: "read" } } }),
  ]);
  const [{ id }] = await database.query<{ id: string }>("select id from detected_errors") as [{ id: string }];
  const calls: string[] = [];
  const { context, similar } = await getDecisionContext({
    call: (name, args) => {
      calls.push(name);
      return contract.rpc.call(name, args);
    },
  }, id);
  assert.deepEqual([calls, similar], [["get_decision_context"], []]);
  const { project, costs, secondsSinceFirst, secondsSinceLast, ...rest } = context;
  assert.deepEqual(rest, {
    severity: "high",
    errorType: "missing_function",
    source: "edge_function",
    activity: "read",
    occurrences: 1,
    waitingOperations: 0,
    budget: { concluded: 0, failed: 0 },
    security: {
      hold: false,
      reason: "within 10 minutes 0 targets and 0 subjects were refused, and 0 signatures were bad",
    },
  });
  assert.ok(secondsSinceFirst >= 0 && secondsSinceLast >= 0 && project.ageDays >= 0);
  assert.deepEqual({ ...project, ageDays: 0 }, {
    ageDays: 0,
    eventsLastHour: 3,
    secondsSinceDeployment: Number.POSITIVE_INFINITY,
    protectedAreas: ["auth", "billing", "secrets"],
  });
  assert.deepEqual(costs, {
    minuteCents: 50,
    aiCallCents: 5,
    handlingMinutes: 15,
    failureMinutes: 2,
    aiCalls: 0,
    recovery: { n: 0, meanMinutes: 0 },
    kinds: {},
  });
  await assert.rejects(getDecisionContext(contract.rpc, crypto.randomUUID()), { code: "NOT_FOUND" });
});

Deno.test("getDecisionContext() takes nothing that the database does not say for granted", async () => {
  for (
    const answer of [{}, null, [], { project: null, costs: 5, security: { hold: "false" }, severity: "huge" }]
  ) {
    const { context } = await getDecisionContext({ call: <T>() => Promise.resolve(answer as T) }, "id");
    assert.equal(context.severity, null);
    assert.equal(context.security.hold, null);
    assert.equal(context.project.protectedAreas, null);
    assert.equal(context.costs.kinds, null);
    assert.ok(
      [context.occurrences, context.project.secondsSinceDeployment, context.costs.minuteCents].every(
        Number.isNaN,
      ),
    );
  }
});

Deno.test("getDecisionContext() knows the last deployment where deployments are recorded", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await database.query("drop table if exists deployment_logs cascade");
  await database.query("create table deployment_logs (project_id text, deployed_at timestamptz)");
  await database.query(
    "insert into deployment_logs values ('shop', now() - interval '1 hour'), ('bank', now())",
  );
  await captureErrors(contract.rpc, [occurrence({ project_id: "shop" })]);
  const [{ id }] = await database.query<{ id: string }>("select id from detected_errors") as [{ id: string }];
  const { context } = await getDecisionContext(contract.rpc, id);
  assert.ok(Math.abs(context.project.secondsSinceDeployment - 3_600) < 60);
});
