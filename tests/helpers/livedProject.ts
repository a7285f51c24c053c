/** A project in which something of each kind has happened. @module */

import { runSql } from "../../scripts/lib/scratchServer.ts";
import {
  captureErrors,
  recordPerformanceMetrics,
  reserveAiCall,
  type RpcPort,
} from "../../supabase/functions/_shared/healingDb.ts";
import { recordHealthChecks } from "../../supabase/functions/_shared/healthDb.ts";
import { createResilientDb } from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import { reservation } from "./aiLedger.ts";
import { waitingPolicyFix } from "./approvals.ts";
import { type Contract, occurrence } from "./contract.ts";
import type { TestDatabase } from "./database.ts";
import { engineOf, MISSING_FUNCTION, operation } from "./engine.ts";
import { callerOf } from "./writers.ts";

const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/** Errors that heal, wait, are taken back or are left alone; writes that park and wait; figures, costs and switches. */
export async function liveThrough(database: TestDatabase, contract: Contract): Promise<void> {
  const { rpc } = contract;
  // On the platform `postgres` may make event triggers; here only a superuser may.
  await runSql(
    database.superuserUrl,
    "create event trigger track_schema_change on ddl_command_end execute function healing_private.track_schema_change()",
  );
  await waitingPolicyFix(database, contract);
  await using engine = engineOf(database, contract, () => Promise.resolve({ status: 200, body: "" }));
  await captureErrors(rpc, [
    occurrence({
      ...MISSING_FUNCTION,
      operation: operation("a"),
      context: { transient: false, traceparent: TRACE },
    }),
    occurrence({
      ...MISSING_FUNCTION,
      operation: operation("b"),
      fingerprint: "v1:trgm",
      error_template: "42883: function similarity(text, text) does not exist",
      slots: ["similarity(text, text)"],
      error_message: "function similarity(text, text) does not exist",
    }),
    occurrence({ fingerprint: "v1:disk", error_type: "corruption", error_code: "XX001", slots: [] }),
  ]);
  await engine.detectAndHeal();
  await engine.detectAndHeal();
  const [second] = await database.query<{ id: string }>(
    "select id from auto_fixes where target like '%trgm%' and status = 'kept'",
  );
  await database.query("select request_revert($1, 'we do not want it')", [second!.id]);
  await engine.detectAndHeal();
  await database.query("create table notes (text text); grant select, insert on notes to authenticated");
  const db = createResilientDb(callerOf(database, "authenticated", { sub: "anna" }));
  await db.insert("notes", { text: "a", mood: "calm" });
  await db.insert("notes", { text: "b", mood: "calm" }, { missingColumns: "wait" });
  await tellFigures(database, rpc);
}

/** What needs no story: figures of functions and models, a run that was lost, an error that came back. */
async function tellFigures(database: TestDatabase, rpc: RpcPort): Promise<void> {
  const counted = {
    name: "requests",
    kind: "counter",
    unit: "",
    sum: 1,
    min: 1,
    max: 1,
    cells: new Map(),
    ageMs: 0,
  } as const;
  const metrics = [["ok", 9], ["error", 1]].map(([outcome, count]) => ({
    ...counted,
    tags: { function: "checkout", outcome: String(outcome) },
    count: Number(count),
  }));
  await recordPerformanceMetrics(rpc, { batchId: crypto.randomUUID(), metrics });
  await recordHealthChecks(
    rpc,
    [{ check_name: "memory", status: "healthy", reason: "40 MB", duration_ms: 1 }] as never,
  );
  await reserveAiCall(rpc, reservation());
  await rpc.call("dispatch_function", { p_function_name: "health-check" });
  await database.query(
    `insert into auto_fixes select (jsonb_populate_record(f, jsonb_build_object('id', gen_random_uuid()))).*
     from auto_fixes as f where f.status in ('kept', 'reverted') limit 1`,
  );
  await database.query(
    "update healing_settings set actual = 'false', reason = 'no run has finished yet' where key = 'dry_run'",
  );
}
