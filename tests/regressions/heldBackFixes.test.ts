import assert from "node:assert/strict";
import { captureErrors, claimErrors, proposeFix } from "../../supabase/functions/_shared/healingDb.ts";
import { createHealingEngine } from "../../supabase/functions/_shared/healingEngine.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { occurrence, setSetting } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { engineOf, MISSING_FUNCTION, operation, prepared, TRANSIENT } from "../helpers/engine.ts";

Deno.test("dispatch_function() sends machine calls to functions only", async () => {
  await using database = await createTestDatabase();
  const admin = await database.connect("supabase_admin");
  await admin.query(
    "select vault.create_secret('http://127.0.0.1:1', 'project_url'), vault.create_secret('a-secret-key-of-some-length', 'cron_secret_key')",
  );
  await database.rpc("dispatch_function", {
    p_function_name: "../../rest/v1/rpc/purge_healing_history",
    p_trigger: "x",
    p_body: {},
  }).catch(() => {});
  const rows = await admin.query("select url from net.http_request_queue");
  assert.deepEqual(rows.rows.map((r) => r.url), []);
});

Deno.test("HealingEngine.detectAndHeal() gets over one refused direct connection within a run", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  let tries = 0;
  await using engine = createHealingEngine({
    db: contract.rpc,
    worker: "w",
    openDirect: () =>
      tries++ === 0
        ? Promise.reject(new Error("connection slots are used up"))
        : openDirectConnection(database.url),
  });
  await captureErrors(contract.rpc, [
    occurrence({ ...MISSING_FUNCTION, fingerprint: "v1:a" }),
    occurrence({ ...TRANSIENT, fingerprint: "v1:b" }),
    occurrence({
      ...MISSING_FUNCTION,
      fingerprint: "v1:c",
      error_message: "function levenshtein(text, text) does not exist",
      error_template: "42883: levenshtein",
    }),
  ]);
  const counters = await engine.detectAndHeal();
  assert.ok(
    counters.fixes_applied >= 1,
    JSON.stringify({
      counters,
      tries,
      rows: await database.query("select status, resolution from detected_errors"),
    }),
  );
});

Deno.test("HealingEngine.detectAndHeal() keeps its time limit inside a batch", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  let now = 0;
  const clock = { now: () => new Date(now), monotonic: () => now } as never;
  const made: string[] = [];
  await using engine = createHealingEngine({
    db: contract.rpc,
    worker: "w",
    clock,
    invoke: (q) => {
      made.push(q.idempotency_key);
      now += 30_000;
      return Promise.resolve({ status: 200, body: "" });
    },
  });
  await captureErrors(
    contract.rpc,
    Array.from(
      { length: 10 },
      (_, i) => occurrence({ ...TRANSIENT, fingerprint: `v1:${i}`, operation: operation(`k${i}`) }),
    ),
  );
  await engine.detectAndHeal({ untilMs: 100_000 });
  assert.ok(
    now <= 130_000,
    `the limit is 100 s, the platform ends the worker after 150 s, and this run took ${now / 1000} s`,
  );
});

Deno.test("a fix proposed as auto asks a person when its group is set to suggest before it begins", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await captureErrors(contract.rpc, [occurrence({ ...MISSING_FUNCTION, fingerprint: "v1:a" })]);
  const [claim] = await claimErrors(contract.rpc, { worker: "dies" });
  const { decision } = await proposeFix(contract.rpc, {
    detected_error_id: claim!.id,
    claim_number: claim!.claim_number,
    action: { kind: "create_extension", extension: "unaccent", provides: "unaccent" },
    target: "extension:unaccent",
    tier: "deterministic",
    confidence: 0.97,
    risk: "low",
    reason: "r",
    evidence: {},
    pattern: {
      pattern_name: "p",
      error_signature: "s",
      fix_strategy: { kind: "create_extension", extension: "unaccent", provides: "unaccent" },
      category: "database",
      origin: "deterministic",
    },
    wanted: "auto",
    wanted_because: "a test",
    what_will_happen: "w",
    alternatives: [],
  });
  assert.equal(decision, "auto");
  await database.query("update detected_errors set lease_expires_at = now() - interval '1 s'");
  await setSetting(contract.rpc, "mode_database", "suggest");
  await using engine = engineOf(database, contract);
  for (let run = 0; run < 6; run++) {
    await engine.detectAndHeal();
    await database.query("update detected_errors set next_attempt_at = now() where status = 'open'");
  }
  const [row] = await database.query(
    "select f.status, e.status as error, (select count(*)::int from admin_approval_queue) as asked from auto_fixes f join detected_errors e on e.id = f.detected_error_id",
  );
  assert.deepEqual(row, { status: "awaiting_approval", error: "awaiting_approval", asked: 1 });
});

Deno.test("an expired approval is no end: the next occurrence is healed once the group is turned on", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await setSetting(contract.rpc, "mode_database", "suggest");
  await using engine = engineOf(database, contract);
  await captureErrors(contract.rpc, [occurrence({ ...MISSING_FUNCTION, fingerprint: "v1:a" })]);
  await engine.detectAndHeal();
  await database.query("update admin_approval_queue set expires_at = now() - interval '1 s'");
  await contract.rpc.call("expire_approvals", {});
  await setSetting(contract.rpc, "mode_database", "auto");
  await database.query("update detected_errors set resolved_at = now() - interval '2 hours'");
  await captureErrors(contract.rpc, [occurrence({ ...MISSING_FUNCTION, fingerprint: "v1:a" })]);
  await engine.detectAndHeal();
  assert.equal(
    (await database.query("select from pg_extension where extname = 'unaccent'")).length,
    1,
    JSON.stringify(await database.query("select status, occurrence_count, resolution from detected_errors")),
  );
});
