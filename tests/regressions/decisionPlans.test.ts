/** What is read before every decision is read by index, however much has happened: comparisons with a moving clock are not. */

import assert from "node:assert/strict";
import { captureErrors, getDecisionContext } from "../../supabase/functions/_shared/healingDb.ts";
import type { Client } from "../../supabase/functions/_shared/postgres.ts";
import { occurrence, openContract } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";

const BIG = ["detected_errors", "healing_events", "auto_fixes"];

/** Twenty hours of a busy project, written past the triggers. */
async function fill(admin: Client, errorId: string): Promise<void> {
  await admin.query("set session_replication_role = replica");
  await admin.query(
    `insert into detected_errors (fingerprint, error_signature, error_template, slots, error_type, error_message, category,
       severity, source, function_name, project_id, first_seen_at, last_seen_at)
     select 'v2:' || i, 's ' || i, 't ' || i, jsonb_build_array('t' || i % 50),
       case when i % 10 <> 0 then 'permission_denied' else 'x' end, 'm', 'database', 'low', 'edge_function', 'f', 'p' || i % 20,
       now() - make_interval(mins => i), now() - make_interval(mins => i) from generate_series(1, 10000) as i`,
  );
  await admin.query(
    `insert into healing_events (event_type, category, severity, result, message, detected_error_id, tier, created_at)
     select 'occurrence', 'database', 'low', 'failure', 'm', case when i % 500 = 0 then $1::uuid else gen_random_uuid() end,
       'ai', now() - make_interval(secs => 2 * i) from generate_series(1, 36000) as i`,
    [errorId],
  );
  await admin.query(
    `insert into auto_fixes (detected_error_id, action_kind, action_group, action, target, tier, confidence, risk, reason, evidence,
       status, created_at, applying_at, applied_at, finished_at, approved_by, verdict, duration_ms, what_will_happen,
       rollback_point, probe)
     select $1, 'create_schema', 'database', '{"kind": "create_schema"}', 't', 'learned', 0.8, 'low', 'r', '{}', 'kept', at, at, at,
       at, 'ada', '{"reason": "x"}', 5, 'w', '{}', '{"ok": true}'
     from (select now() - make_interval(mins => 10 * i) as at from generate_series(1, 20000) as i) as times`,
    [errorId],
  );
  await admin.query("set session_replication_role = origin");
  await admin.query("analyze");
}

async function rowsReadWhole(admin: Client): Promise<number> {
  await admin.query("select pg_stat_force_next_flush()");
  await admin.query("select pg_stat_clear_snapshot()");
  const { rows } = await admin.query(
    `select coalesce(sum(seq_tup_read), 0)::int as n from pg_stat_user_tables
     where relname ~ ('^(' || array_to_string($1::text[], '|') || ')')`,
    [BIG],
  );
  return rows[0].n;
}

Deno.test("get_decision_context(), security_burst() and budget_refusal() read no big table from end to end", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { errors: [error] } = await captureErrors(contract.rpc, [occurrence()]);
  const admin = await database.connect("supabase_admin");
  await fill(admin, error!.id);
  const before = await rowsReadWhole(admin);
  const { rows: [row] } = await admin.query("select get_decision_context($1) as context", [error!.id]);
  await admin.query("select healing_private.security_burst()");
  await admin.query(
    "select healing_private.budget_refusal(f) from auto_fixes as f where f.created_at > now() - interval '15 minutes'",
  );
  assert.equal((await rowsReadWhole(admin)) - before, 0);
  const { context } = row;
  assert.ok(context.project.events_last_hour >= 1_700 && context.costs.kinds.create_schema.n >= 900);
  assert.equal((await getDecisionContext(contract.rpc, error!.id)).context.security.hold, true);
});
