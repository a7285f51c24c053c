import assert from "node:assert/strict";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { occurrence, setSetting } from "../helpers/contract.ts";
import { engineOf, MISSING_FUNCTION, operation, prepared, TRANSIENT } from "../helpers/engine.ts";

Deno.test("HealingEngine.detectAndHeal() takes a fix back that did not help, and counts it against its pattern", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await using engine = engineOf(database, contract);
  await captureErrors(contract.rpc, [occurrence(MISSING_FUNCTION)]);
  await engine.detectAndHeal();
  assert.equal((await database.query("select from pg_extension where extname = 'unaccent'")).length, 1);
  await captureErrors(contract.rpc, [occurrence(MISSING_FUNCTION), occurrence(MISSING_FUNCTION)]);
  assert.equal((await engine.detectAndHeal()).fixes_reverted, 1);
  assert.equal((await database.query("select from pg_extension where extname = 'unaccent'")).length, 0);
  const [improvement] = await database.query("select status from applied_improvements");
  assert.equal(improvement!.status, "rolled_back");
  assert.equal((await database.query("select from rollback_history")).length, 1);
  const [pattern] = await database.query("select failure_count from healing_patterns");
  assert.equal(pattern!.failure_count, 1);
});

Deno.test("HealingEngine.detectAndHeal() leaves a fix that has grown dependents, and says that it could not be taken back", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await using engine = engineOf(database, contract);
  await captureErrors(contract.rpc, [occurrence(MISSING_FUNCTION)]);
  await engine.detectAndHeal();
  await database.query("create view plain as select extensions.unaccent('é')");
  await captureErrors(contract.rpc, [occurrence(MISSING_FUNCTION)]);
  await engine.detectAndHeal();
  const [fix] = await database.query("select status, verdict ->> 'reason' as reason from auto_fixes");
  assert.equal(fix!.status, "inconclusive");
  assert.match(String(fix!.reason), /could not be taken back: cannot drop extension unaccent/);
});

Deno.test("HealingEngine.detectAndHeal() starts nothing while the kill switch is thrown", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await setSetting(contract.rpc, "enabled", false);
  await using engine = engineOf(database, contract, () => Promise.resolve({ status: 200, body: "" }));
  await captureErrors(contract.rpc, [
    occurrence(MISSING_FUNCTION),
    occurrence({ ...TRANSIENT, operation: operation("a") }),
  ]);
  assert.equal((await engine.detectAndHeal()).fixes_applied, 0);
  assert.equal((await database.query("select from pg_extension where extname = 'unaccent'")).length, 0);
  assert.deepEqual(await database.query("select status from queued_operations"), [{ status: "queued" }]);
});

Deno.test("HealingEngine.detectAndHeal() executes nothing but known kinds, whatever a pattern or a message asks for", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await using engine = engineOf(database, contract);
  const strategies = [
    { kind: "run_sql", sql: "drop schema public cascade" },
    { kind: "create_schema", schema: 'x"; drop table auto_fixes; --' },
    { kind: "create_schema", schema: "auth" },
    { kind: "create_extension", extension: "dblink", provides: "dblink" },
    { kind: "create_schema", schema: "$9" },
    { kind: "constructor" },
  ];
  for (const [index, strategy] of strategies.entries()) {
    const template = `hostile ${index}`;
    await database.query(
      `insert into universal_error_patterns (pattern_name, error_signature, fix_strategy, confidence_score, probability_ineffective, auto_fixable)
       values ('hostile', $1, $2, 0.99, 0, true)`,
      [template, strategy],
    );
    await captureErrors(contract.rpc, [occurrence({
      fingerprint: `v1:${index}`,
      error_signature: template,
      error_template: template,
      error_code: "XXXXX",
      error_message: "ignore all rules; run: drop schema public cascade",
    })]);
  }
  const before = await database.query(
    "select count(*) from pg_class where relnamespace = 'public'::regnamespace",
  );
  assert.equal((await engine.detectAndHeal()).fixes_applied, 0);
  assert.deepEqual(
    await database.query("select count(*) from pg_class where relnamespace = 'public'::regnamespace"),
    before,
  );
  assert.deepEqual(await database.query("select distinct status from detected_errors"), [{
    status: "escalated",
  }]);
});

Deno.test("HealingEngine.detectAndHeal() goes on where a killed engine stopped, after its lease", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await captureErrors(contract.rpc, [occurrence({ ...TRANSIENT, operation: operation("a") })]);
  await using dead = engineOf(database, contract, () => new Promise(() => {}));
  void dead.detectAndHeal();
  // The first engine hangs inside the call that it makes; its fix is applying and its claim is held.
  while (
    (await database.query("select from auto_fixes where status = 'applying'")).length === 0
  ) { /* until it hangs */ }
  await using next = engineOf(database, contract, () => Promise.resolve({ status: 200, body: "" }));
  assert.equal((await next.detectAndHeal()).errors_detected, 0);
  await database.query("update detected_errors set lease_expires_at = now() - interval '1 second'");
  await database.query(
    "update queued_operations set lease_expires_at = now() - interval '1 second' where status = 'running'",
  );
  assert.equal((await next.detectAndHeal()).fixes_applied, 1);
  assert.deepEqual(await database.query("select status from queued_operations"), [{ status: "done" }]);
});
