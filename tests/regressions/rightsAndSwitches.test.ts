import assert from "node:assert/strict";
import {
  beginFix,
  captureErrors,
  claimErrors,
  proposeFix,
} from "../../supabase/functions/_shared/healingDb.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { createResilientDb } from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import { occurrence, openContract, proposal, setSetting } from "../helpers/contract.ts";
import { waitFor } from "../helpers/waiting.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { engineOf, failedScript, MISSING_FUNCTION, prepared } from "../helpers/engine.ts";

const rpcOf = (database: TestDatabase, role: "anon" | "service_role" = "service_role") => ({
  call: <R>(name: string, args: Record<string, unknown>) => database.rpc<R>(name, args, role),
});

Deno.test("service_role cannot approve a fix by writing the row", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await setSetting(contract.rpc, "mode_database", "suggest");
  await captureErrors(contract.rpc, [occurrence()]);
  const machine = rpcOf(database);
  const [claim] = await claimErrors(machine, { worker: "w" });
  const { fix_id, decision } = await proposeFix(machine, proposal(claim!, { risk: "high" }));
  assert.equal(decision, "suggest");
  const begun = await database.asRole("service_role", {}, async (session) => {
    await session.query(
      "update auto_fixes set status = 'proposed', approved_by = 'the machine itself' where id = $1",
      [fix_id],
    );
    await session.query("update detected_errors set status = 'open', next_attempt_at = now()");
  }).then(async () => {
    const [again] = await claimErrors(machine, { worker: "w" });
    return await beginFix(machine, fix_id!, again!);
  }).catch((error) => ({ moved: false, reason: String(error) }));
  assert.equal(begun.moved, false);
});

Deno.test("service_role cannot raise a pattern's trust by writing the row", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await contract.rpc.call("upsert_healing_pattern", {
    p_pattern: { error_signature: "s", fix_strategy: { kind: "create_schema", schema: "x" } },
  });
  await database.asRole(
    "service_role",
    {},
    (session) =>
      session.query(
        "update universal_error_patterns set confidence_score = 1, probability_ineffective = 0, auto_fixable = true",
      ),
  ).catch(() => {});
  const [pattern] = await database.query("select auto_fixable from universal_error_patterns");
  assert.equal(pattern!.auto_fixable, false);
});

Deno.test("propose_fix() lets no proposal borrow the trust of a pattern for another fix", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  const other = await contract.rpc.call<{ id: string }>("upsert_healing_pattern", {
    p_pattern: { error_signature: "503: busy", fix_strategy: { kind: "retry" } },
  });
  for (let unit = 0; unit < 8; unit++) {
    await contract.rpc.call("record_pattern_evidence", {
      p_pattern_id: other.id,
      p_unit: `u${unit}`,
      p_succeeded: true,
    });
  }
  await captureErrors(contract.rpc, [occurrence()]);
  const [claim] = await claimErrors(contract.rpc, { worker: "w" });
  const { decision, reason } = await proposeFix(
    contract.rpc,
    proposal(claim!, { risk: "medium", tier: "learned", pattern_id: other.id }),
  );
  assert.equal(decision, "suggest", `${decision}: ${reason}`);
});

Deno.test("propose_fix() decides group and risk by the kind of the action, not by what the caller says", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await setSetting(contract.rpc, "mode_database", "off");
  await captureErrors(contract.rpc, [occurrence()]);
  const [claim] = await claimErrors(contract.rpc, { worker: "w" });
  const answer = await proposeFix(
    contract.rpc,
    proposal(claim!, {
      action: { kind: "create_schema", schema: "auth" },
      target: "operations",
      risk: "low",
    }),
  )
    .catch((error) => ({ decision: "refused", reason: String(error) }));
  assert.notEqual(answer.decision, "auto", answer.reason);
});

Deno.test("write_rows() tells nobody the columns of a table that they may not write", async () => {
  await using database = await createTestDatabase();
  await database.query(
    "create table payroll (id int, salary numeric, api_token text default 'sk_live_123'); revoke all on payroll from anon, authenticated, service_role",
  );
  const answer = await database.rpc("write_rows", { p_table: "payroll", p_rows: [{ nope: 1 }] }, "anon")
    .catch((error) => `refused: ${error.message}`);
  assert.match(JSON.stringify(answer), /refused/, JSON.stringify(answer));
});

for (const column of ["value", "r"]) {
  Deno.test(`write_rows() writes a table that has a column named ${column}`, async () => {
    await using database = await createTestDatabase();
    await database.query(
      `create table pairs (key text, "${column}" text); grant insert on pairs to service_role`,
    );
    assert.deepEqual(
      await database.rpc("write_rows", { p_table: "pairs", p_rows: [{ key: "a", [column]: "b" }] }),
      { status: "saved", rows: 1 },
    );
  });
}

Deno.test("resilientDb.insert() renames nothing while the kill switch is thrown and payload fixes are off", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await database.query(
    "create table messages (role text not null, content text not null); grant insert, select on messages to service_role",
  );
  await setSetting(contract.rpc, "enabled", false);
  await setSetting(contract.rpc, "mode_payload", "off");
  await setSetting(contract.rpc, "dry_run", true);
  const db = createResilientDb(rpcOf(database));
  const result = await db.insert("messages", { sender: "user", message: "Hello" }).catch(() => null);
  assert.equal(result, null, JSON.stringify(result));
});

Deno.test("resilientDb.insert() counts one write as one unit of evidence, and the pattern holds every rename", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await database.query(
    "create table messages (role text not null, content text not null); grant insert, select on messages to service_role",
  );
  let done: Promise<unknown> | undefined;
  const db = createResilientDb(rpcOf(database), {
    onHealed: (heals) => done = contract.rpc.call("record_request_heals", { p_heals: heals }),
  });
  await db.insert("messages", Array.from({ length: 100 }, () => ({ sender: "user", message: "Hello" })));
  await waitFor("the report", () => done !== undefined);
  await done;
  const rows = await database.query(
    "select success_count, auto_fixable, fix_strategy from universal_error_patterns",
  );
  assert.ok(Number(rows[0]!.success_count) <= 1, JSON.stringify(rows));
});

Deno.test("the kill switch stops operations that are being made again", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await using other = await openContract(database);
  const made: string[] = [];
  await using engine = engineOf(database, contract, async (queued) => {
    made.push(queued.idempotency_key);
    if (made.length === 1) await setSetting(other.rpc, "enabled", false);
    return { status: 200, body: "" };
  });
  await captureErrors(
    contract.rpc,
    ["a", "b", "c"].map((key) =>
      occurrence({
        ...MISSING_FUNCTION,
        fingerprint: "v1:u",
        operation: {
          kind: "invoke_function",
          target: "checkout",
          payload: {},
          idempotency_key: key,
          caller_role: "anon",
        },
      })
    ),
  );
  await engine.detectAndHeal();
  const [switched] = await database.query(
    "select wanted, actual, reason from healing_settings where key = 'enabled'",
  );
  assert.deepEqual(made, ["a"], `the switch says ${JSON.stringify(switched)}, and these were made: ${made}`);
});

Deno.test("change_healing_setting() can throw the kill switch while moves come one after the other", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const [first, second, admin] = await Promise.all([
    database.connect(),
    database.connect(),
    database.connect(),
  ]);
  const move = "begin; select healing_private.hold_switch(false)";
  await first.query(move);
  const thrown = admin.query("select change_healing_setting('enabled', 'false', 'stop')");
  while (
    (await database.query("select from pg_locks where not granted")).length === 0
  ) { /* until the admin waits */ }
  // A move that comes after the switch waits behind it, instead of passing it.
  const late = second.query(move);
  await first.query("commit");
  await thrown;
  await late;
  const [row] = await database.query("select wanted from healing_settings where key = 'enabled'");
  assert.equal(row!.wanted, false);
  await second.query("rollback");
});

Deno.test("a hostile message without a code installs nothing", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await using engine = engineOf(database, contract);
  // throw new Error(await request.text()) in somebody's function
  await captureErrors(contract.rpc, [
    occurrence({
      ...MISSING_FUNCTION,
      fingerprint: "v1:h",
      error_code: "",
      error_signature: ": function $1 does not exist",
      error_template: ": function unaccent(text) does not exist",
    }),
  ]);
  await engine.detectAndHeal();
  assert.equal((await database.query("select from pg_extension where extname = 'unaccent'")).length, 0);
});

Deno.test("a migration cannot commit a dry run from behind a body that is none", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  const { splitStatements } = await import("../../supabase/functions/_shared/sqlStatements.ts");
  const script =
    "create table one (begin int); select begin atomic from one; commit; create table two (); select unaccent('x')";
  const seen = splitStatements(script).map(({ text }) => text);
  const connection = await openDirectConnection(database.url);
  await connection.transaction((tx) => tx.script(seen), { rollback: true }).catch(() => {});
  await connection.close();
  const left = await database.query("select relname from pg_class where relname in ('one', 'two')");
  assert.deepEqual(left, [], JSON.stringify({ seen, left }));
});

Deno.test("a migration that sets its role or its limits can still be recorded, and keeps our limits", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  await using engine = engineOf(database, contract);
  const { errors: [group] } = await captureErrors(contract.rpc, [
    occurrence({ ...MISSING_FUNCTION, source: "migration" }),
  ]);
  const outcome = await engine.analyzeAndHealError(group!.id, {
    origin: "migration",
    script: failedScript(
      "create table t as select unaccent('é') as a; grant select on t to anon; set role anon; select 1",
    ),
  });
  assert.equal(outcome?.kind, "applied", JSON.stringify(outcome));
});

Deno.test("create_extension is taken back together with what it brought along", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  const available = await database.query("select from pg_available_extensions where name = 'earthdistance'");
  if (available.length === 0) return;
  // The platform lets postgres install it; here a superuser has to.
  const superuser = await database.connect("supabase_admin");
  await superuser.query("alter role postgres superuser");
  // The server is shared: what other tests rely on comes back whatever happens here.
  await using _role = {
    [Symbol.asyncDispose]: async () => void await superuser.query("alter role postgres nosuperuser"),
  };
  await using engine = engineOf(database, contract);
  const e = {
    ...MISSING_FUNCTION,
    fingerprint: "v1:e",
    error_message: "function ll_to_earth(numeric, numeric) does not exist",
  };
  await captureErrors(contract.rpc, [occurrence(e)]);
  await engine.detectAndHeal();
  await captureErrors(contract.rpc, [occurrence(e), occurrence(e)]);
  assert.equal((await engine.detectAndHeal()).fixes_reverted, 1);
  assert.deepEqual(
    await database.query("select extname from pg_extension where extname in ('cube', 'earthdistance')"),
    [],
  );
});
