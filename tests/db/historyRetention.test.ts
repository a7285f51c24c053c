import assert from "node:assert/strict";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";

const OLD = "now() - interval '181 days'";

async function error(database: TestDatabase, status = "healed", at = OLD): Promise<string> {
  const [row] = await database.query<{ id: string }>(
    `insert into detected_errors (fingerprint, error_signature, error_template, error_type, error_message, status, resolution, resolved_at)
     values ($1, 's', 't', 'x', 'm', $2, 'r', ${at}) returning id`,
    [crypto.randomUUID(), status],
  );
  return row!.id;
}

async function fix(database: TestDatabase, errorId: string, group = "call", at = OLD): Promise<string> {
  const [row] = await database.query<{ id: string }>(
    `insert into auto_fixes (detected_error_id, action_kind, action_group, action, target, tier, confidence, risk, status, reason,
       what_will_happen, verdict, created_at, applied_at, finished_at, rollback_point, probe)
     values ($1, 'retry', $2, '{"kind": "retry"}', 't', 'learned', 1, 'low', 'kept', 'r', 'w', '{"reason": "r"}', ${at}, ${at}, ${at}, '{}', '{}')
     returning id`,
    [errorId, group],
  );
  return row!.id;
}

async function left(database: TestDatabase): Promise<number[]> {
  await database.rpc("purge_healed_history");
  const counts = await Promise.all(
    ["detected_errors", "auto_fixes", "build_events"].map((table) => database.query(`select from ${table}`)),
  );
  return counts.map(({ length }) => length);
}

Deno.test("purge_healed_history() deletes what healed long ago, with its fixes and events, and nothing younger or open", async () => {
  await using database = await createTestDatabase();
  await fix(database, await error(database));
  await fix(database, await error(database, "healed", "now()"), "call", "now()");
  await error(database, "escalated");
  await database.query(
    `insert into build_events (event_type, title, created_at) values ('auto_heal_success', 'old', ${OLD}), ('auto_heal_success', 'new', now())`,
  );
  assert.deepEqual(await left(database), [2, 1, 1]);
});

Deno.test("purge_healed_history() keeps an error whose young fix is still of interest", async () => {
  await using database = await createTestDatabase();
  await fix(database, await error(database), "call", "now()");
  assert.deepEqual(await left(database), [1, 1, 0]);
});

Deno.test("purge_healed_history() keeps the evidence of a pattern in force until the pattern is retired", async () => {
  await using database = await createTestDatabase();
  const id = await fix(database, await error(database));
  await database.query(
    `with p as (insert into universal_error_patterns (pattern_name, error_signature, fix_strategy) values ('p', 's', '{"kind": "retry"}') returning id),
       e as (insert into healing_private.pattern_evidence (pattern_id, unit, succeeded) select id, 'fix:' || $1, true from p)
     update auto_fixes set pattern_id = (select id from p) where id = $1::uuid`,
    [id],
  );
  assert.deepEqual(await left(database), [1, 1, 0]);
  await database.query("update universal_error_patterns set status = 'retired'");
  assert.deepEqual(await left(database), [0, 0, 0]);
});

Deno.test("purge_healed_history() keeps what can still be taken back, and what waits for a person", async () => {
  await using database = await createTestDatabase();
  const inForce = await fix(database, await error(database), "database");
  await database.query(
    `insert into applied_improvements (auto_fix_id, action_kind, target, description, rollback_point) values ($1, 'retry', 't', 'd', '{}')`,
    [inForce],
  );
  const asked = await error(database);
  await database.query(
    `insert into admin_approval_queue (auto_fix_id, detected_error_id, reason, what_will_happen, expires_at) values ($1, $2, 'r', 'w', now())`,
    [await fix(database, asked), asked],
  );
  assert.deepEqual(await left(database), [2, 2, 0]);
  await database.query("update applied_improvements set status = 'rolled_back', rolled_back_at = now()");
  await database.query("update admin_approval_queue set status = 'expired', decided_at = now()");
  assert.deepEqual(await left(database), [0, 0, 0]);
});

Deno.test("purge_healed_history() keeps an error whose operations still wait", async () => {
  await using database = await createTestDatabase();
  const id = await error(database);
  await database.query(
    `insert into queued_operations (operation_kind, target, payload, idempotency_key, caller_role, detected_error_id)
     values ('invoke_function', 'f', '{}', 'k', 'anon', $1)`,
    [id],
  );
  assert.deepEqual(await left(database), [1, 0, 0]);
});
