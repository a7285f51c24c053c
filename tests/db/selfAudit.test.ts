import assert from "node:assert/strict";
import { setSetting } from "../helpers/contract.ts";
import { type FunctionServer, serveEngine } from "../helpers/engineServer.ts";

interface Rate {
  rate: string;
  n: number;
  wrong: number;
  share: number | null;
}

async function rates(server: FunctionServer): Promise<string[]> {
  const rows = await server.database.query<Rate & Record<string, unknown>>(
    "select rate, n, wrong, share from self_audit_rates order by rate",
  );
  return rows.map(({ rate, n, wrong }) => `${rate} ${wrong}/${n}`);
}

/** A system that has been running for more than a day. */
async function serveForDays(): Promise<FunctionServer> {
  const server = await serveEngine();
  await server.database.query(
    `insert into healing_runs (function_name, status, dispatched_at, finished_at)
     values ('autonomous-healing-engine', 'finished', now() - interval '2 days', now() - interval '2 days')`,
  );
  return server;
}

/** Whole runs, with the windows of validation passed in between. */
async function runAudits(server: FunctionServer): Promise<void> {
  for (let run = 0; run < 4; run++) {
    await server.call({ wait: true });
    await server.database.query(
      `update auto_fixes set validate_until = now(), applied_at = applied_at - interval '11 minutes'
       where status = 'validating'`,
    );
    await server.database.query("update detected_errors set next_attempt_at = now() where status = 'open'");
  }
}

Deno.test("the self-audit sends known fixes through the whole pipeline and finds nothing misjudged", async () => {
  await using server = await serveForDays();
  await setSetting(server.contract.rpc, "validation_min_seconds", 0);
  await runAudits(server);
  assert.deepEqual(await rates(server), ["false_apply 0/1", "false_revert 0/1", "missed_revert 0/1"]);
  const audits = await server.database.query("select kind, outcome from self_audits order by kind");
  assert.deepEqual(audits, [
    { kind: "good", outcome: "kept" },
    { kind: "refused", outcome: "not_applied" },
    { kind: "useless", outcome: "reverted" },
  ]);
  assert.deepEqual(await server.database.query("select from healing_sandbox.cells"), [], "cleared");
  assert.deepEqual(await server.database.query("select from universal_error_patterns"), [], "no evidence");
  assert.deepEqual(await server.database.query("select from notifications where read_at is null"), []);
  for (
    const kpi of ["auto_fix_success", "recovery_time", "escalation_rate", "human_work", "ai_calls_avoided"]
  ) {
    assert.deepEqual(await server.database.query(`select from kpi_${kpi}`), [], kpi);
  }
  await server.call({ wait: true });
  assert.equal((await server.database.query("select from self_audits")).length, 3, "not again for a day");
});

Deno.test("the self-audit publishes a judge that keeps what does not help, and one that takes back what does", async () => {
  await using server = await serveForDays();
  await setSetting(server.contract.rpc, "validation_min_seconds", 0);
  await server.call({ wait: true });
  await server.database.query(
    `update auto_fixes as f set status = case a.kind when 'good' then 'reverted' else 'kept' end,
       verdict = '{"reason": "a broken judge"}', finished_at = now()
     from self_audits as a where a.detected_error_id = f.detected_error_id and f.status = 'validating'`,
  );
  await server.database.rpc("settle_self_audits");
  assert.deepEqual(await rates(server), ["false_apply 0/1", "false_revert 1/1", "missed_revert 1/1"]);
});

Deno.test("inject_self_audits() injects nothing while a switch would hold its fixes, or when it is off", async () => {
  await using server = await serveForDays();
  const { rpc } = server.contract;
  for (
    const [key, value, before] of [["enabled", false, true], ["mode_call", "suggest", "auto"], [
      "self_audit_hours",
      0,
      24,
    ]]
  ) {
    await setSetting(rpc, String(key), value);
    assert.deepEqual(await server.database.rpc("inject_self_audits"), [], String(key));
    await setSetting(rpc, String(key), before);
  }
  const both = await Promise.all([1, 2].map(() => server.database.rpc<string[]>("inject_self_audits")));
  assert.equal(both.flat().length, 3, "once, also for two at the same time");
});

Deno.test("inject_self_audits() leaves a fresh installation alone", async () => {
  await using server = await serveEngine();
  await server.call({ wait: true });
  assert.deepEqual(await server.database.query("select from self_audits"), []);
});
