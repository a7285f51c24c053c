/** Experiments in the engine: the error decides which fix it gets, and the fix reports by its own moves. */

import assert from "node:assert/strict";
import {
  createFixExperiment,
  type ExperimentVariant,
  routeToVariant,
} from "../../supabase/functions/_shared/fixExperiments.ts";
import { advanceExperiment } from "../../supabase/functions/_shared/engineDb.ts";
import {
  captureErrors,
  claimErrors,
  concludeFix,
  proposeFix,
  recordPatternEvidence,
  type RpcPort,
} from "../../supabase/functions/_shared/healingDb.ts";
import {
  createHealingEngine,
  type OperationInvoker,
} from "../../supabase/functions/_shared/healingEngine.ts";
import { type Contract, occurrence, proposal } from "../helpers/contract.ts";
import type { TestDatabase } from "../helpers/database.ts";
import { engineOf, operation, prepared } from "../helpers/engine.ts";
import { FIX_A, FIX_B, passTime, startExperiment, storePattern } from "../helpers/experiments.ts";

/** A call that works once its schema exists. */
function invokerOf(database: TestDatabase): OperationInvoker {
  return async ({ idempotency_key }) => {
    const found = await database.query("select from pg_namespace where nspname = $1", [idempotency_key]);
    return found.length === 1 ? { status: 200, body: "" } : { status: 500, body: "no schema" };
  };
}

/** Errors about schemas that nobody made, each with an operation that waits for one. */
async function captureMissing(rpc: RpcPort, names: readonly string[]): Promise<void> {
  await captureErrors(
    rpc,
    names.map((name) =>
      occurrence({
        fingerprint: `v1:${name}`,
        error_template: `3F000: schema "${name}" does not exist`,
        error_message: `schema "${name}" does not exist`,
        slots: [name],
        operation: operation(name),
      })
    ),
  );
}

async function trust(rpc: RpcPort, patternId: string): Promise<void> {
  for (let i = 0; i < 8; i++) {
    await recordPatternEvidence(rpc, { patternId, unit: `earlier-${i}`, succeeded: true });
  }
}

/** Both patterns trusted, so that either variant may act alone. */
async function startTrusted(database: TestDatabase, rpc: RpcPort): Promise<string> {
  const pattern = await storePattern(rpc);
  const { id } = await createFixExperiment(rpc, pattern, FIX_A, FIX_B);
  const rows = await database.query<{ id: string }>("select id from universal_error_patterns");
  for (const row of rows) await trust(rpc, row.id);
  return id;
}

interface Unit {
  unit: string;
  variant: ExperimentVariant;
  succeeded: boolean | null;
}

function unitsOf(database: TestDatabase): Promise<Unit[]> {
  return database.query<Unit & Record<string, unknown>>(
    "select unit, variant, succeeded from experiment_results order by id",
  );
}

async function twoOf(): Promise<[TestDatabase, Contract, AsyncDisposable]> {
  const [database, contract] = await prepared();
  return [database, contract, {
    [Symbol.asyncDispose]: async () => {
      await contract[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  }];
}

Deno.test("an error gets the variant that its id decides, and what becomes of the fix is the unit's outcome", async () => {
  const [database, contract, opened] = await twoOf();
  await using _opened = opened;
  const id = await startTrusted(database, contract.rpc);
  await using engine = engineOf(database, contract, invokerOf(database));
  const names = Array.from({ length: 24 }, (_, index) => `shop_${index}`);
  await captureMissing(contract.rpc, names);
  await engine.detectAndHeal();
  const fixes = await database.query<{ error: string; kind: string; status: string; tier: string }>(
    "select detected_error_id as error, action_kind as kind, status, tier from auto_fixes",
  );
  assert.equal(fixes.length, names.length);
  for (const fix of fixes) {
    const variant = routeToVariant(id, fix.error);
    assert.deepEqual([fix.kind, fix.tier], [variant === "a" ? "create_schema" : "retry", "learned"]);
    // To try again does not make a schema; having failed three times, it may not act alone any more.
    if (variant === "a") assert.equal(fix.status, "validating");
    else assert.match(fix.status, /^(failed|awaiting_approval)$/);
  }
  await engine.detectAndHeal();
  const units = await unitsOf(database);
  assert.deepEqual(new Set(units.map(({ variant }) => variant)), new Set(["a", "b"]));
  // What waits for a person was not tried, and is no unit.
  assert.equal(units.length, fixes.filter(({ status }) => status !== "awaiting_approval").length);
  for (const { unit, variant, succeeded } of units) {
    assert.equal(variant, routeToVariant(id, unit));
    assert.equal(succeeded, variant === "a");
  }
  // The fixes have told their patterns already; the experiment tells them nothing twice, also when a fix is forgotten.
  await database.query("update experiment_results set auto_fix_id = null");
  await passTime(database, 5 * 86_400);
  await advanceExperiment(contract.rpc, id);
  await database.query("select conclude_fix_experiment($1, 'none', 'a test')", [id]);
  const [a] = await database.query(
    "select success_count from universal_error_patterns where action_kind = 'create_schema'",
  );
  assert.equal(a!.success_count, 8 + units.filter(({ variant }) => variant === "a").length);
});

Deno.test("a challenger without evidence waits for a person: an experiment is no right to act", async () => {
  const [database, contract, opened] = await twoOf();
  await using _opened = opened;
  const pattern = await storePattern(contract.rpc);
  await trust(contract.rpc, pattern.id);
  const { id } = await createFixExperiment(contract.rpc, pattern, FIX_A, FIX_B);
  await using engine = engineOf(database, contract, invokerOf(database));
  await captureMissing(contract.rpc, Array.from({ length: 24 }, (_, index) => `shop_${index}`));
  await engine.detectAndHeal();
  const fixes = await database.query<{ error: string; status: string }>(
    "select detected_error_id as error, status from auto_fixes",
  );
  for (const { error, status } of fixes) {
    assert.equal(status, routeToVariant(id, error) === "a" ? "validating" : "awaiting_approval");
  }
  assert.ok(
    (await unitsOf(database)).every(({ variant, succeeded }) => variant === "a" && succeeded === null),
  );
  const [waiting] = await database.query(
    "select id from admin_approval_queue where status = 'pending' limit 1",
  );
  await database.query("select decide_approval($1, 'approve', 'a test')", [waiting!.id]);
  await engine.detectAndHeal();
  const tried = (await unitsOf(database)).filter(({ variant }) => variant === "b");
  assert.deepEqual(tried.map(({ succeeded }) => succeeded), [false]);
});

Deno.test("a variant that fails its dry run has failed, and the error is healed by the next proposal", async () => {
  const [database, contract, opened] = await twoOf();
  await using _opened = opened;
  const pattern = await storePattern(contract.rpc);
  await trust(contract.rpc, pattern.id);
  const useless = { kind: "create_extension", extension: "unaccent", provides: "no_such_function" };
  const { id } = await createFixExperiment(contract.rpc, pattern, FIX_A, useless);
  await using engine = engineOf(database, contract, invokerOf(database));
  await captureMissing(contract.rpc, Array.from({ length: 24 }, (_, index) => `shop_${index}`));
  await engine.detectAndHeal();
  const units = await unitsOf(database);
  assert.equal(units.length, 24);
  for (const { unit, variant, succeeded } of units) {
    assert.equal(variant, routeToVariant(id, unit));
    assert.equal(succeeded, variant === "b" ? false : null);
  }
  assert.ok(units.some(({ variant }) => variant === "b"));
  const kinds = await database.query(
    "select distinct action_kind from auto_fixes where status = 'validating'",
  );
  assert.deepEqual(kinds, [{ action_kind: "create_schema" }]);
});

Deno.test("an engine that cannot try database fixes makes no variant lose by that", async () => {
  const [database, contract, opened] = await twoOf();
  await using _opened = opened;
  await startTrusted(database, contract.rpc);
  await using engine = createHealingEngine({
    db: contract.rpc,
    worker: "without a direct connection",
    invoke: () => Promise.resolve({ status: 200, body: "" }),
  });
  await captureMissing(contract.rpc, Array.from({ length: 24 }, (_, index) => `shop_${index}`));
  await engine.detectAndHeal();
  const units = await unitsOf(database);
  assert.ok(units.length > 0 && units.every(({ variant }) => variant === "b"));
});

Deno.test("an experiment that cannot be read leaves healing as it was", async () => {
  const [database, contract, opened] = await twoOf();
  await using _opened = opened;
  const pattern = await storePattern(contract.rpc);
  await trust(contract.rpc, pattern.id);
  await createFixExperiment(contract.rpc, pattern, FIX_A, FIX_B);
  const rpc: RpcPort = {
    call: (name, args) =>
      name === "get_experiment_for_error"
        ? Promise.reject(new Error("the experiments are gone"))
        : contract.rpc.call(name, args),
  };
  await using engine = engineOf(database, { ...contract, rpc }, invokerOf(database));
  await captureMissing(contract.rpc, ["shop_1", "shop_2"]);
  assert.equal((await engine.detectAndHeal()).fixes_applied, 2);
  assert.deepEqual(await unitsOf(database), []);
});

Deno.test("the winner of an experiment is asked first afterwards, whatever the scores say", async () => {
  const [database, contract, opened] = await twoOf();
  await using _opened = opened;
  const id = await startTrusted(database, contract.rpc);
  await database.query("select conclude_fix_experiment($1, 'b', 'a test')", [id]);
  await database.query(
    "update universal_error_patterns set confidence_score = 0.99 where action_kind = 'create_schema'",
  );
  await using engine = engineOf(database, contract, () => Promise.resolve({ status: 200, body: "" }));
  await captureMissing(contract.rpc, ["shop_1"]);
  await engine.detectAndHeal();
  assert.deepEqual(await database.query("select action_kind from auto_fixes"), [{ action_kind: "retry" }]);
  await database.query("select promote_experiment_variant($1, 'a', 'a test')", [id]);
  await captureMissing(contract.rpc, ["shop_2"]);
  await engine.detectAndHeal();
  assert.deepEqual(
    await database.query("select action_kind from auto_fixes order by created_at desc limit 1"),
    [{ action_kind: "create_schema" }],
  );
});

Deno.test("a fix is kept although its unit has matured meanwhile, or its experiment has ended", async () => {
  const [database, contract, opened] = await twoOf();
  await using _opened = opened;
  const id = await startTrusted(database, contract.rpc);
  await using engine = engineOf(database, contract, invokerOf(database));
  await captureMissing(contract.rpc, Array.from({ length: 24 }, (_, index) => `shop_${index}`));
  await engine.detectAndHeal();
  await passTime(database, 7 * 86_400);
  const kept = (await engine.detectAndHeal()).fixes_kept;
  assert.ok(kept > 0);
  const late = (await unitsOf(database)).filter(({ variant }) => variant === "a");
  assert.ok(late.length === kept && late.every(({ succeeded }) => succeeded === null));
  await database.query("select cancel_fix_experiment($1, 'a test')", [id]);
  await captureMissing(contract.rpc, ["shop_99"]);
  await engine.detectAndHeal();
  await engine.detectAndHeal();
  const [last] = await database.query("select status from auto_fixes where target = 'schema:shop_99'");
  assert.equal(last!.status, "kept");
});

Deno.test("a proposal that names an experiment which is none is taken like any other", async () => {
  const [database, contract, opened] = await twoOf();
  await using _opened = opened;
  const hostile = [
    { id: "'; drop table fix_experiments; --", variant: "b" },
    { id: crypto.randomUUID(), variant: "b" },
    { id: await startExperiment(contract.rpc), variant: "c" },
    "not even an object",
    null,
  ];
  for (const [index, experiment] of hostile.entries()) {
    await captureMissing(contract.rpc, [`shop_${index}`]);
    const [claimed] = await claimErrors(contract.rpc, { worker: "w" });
    const evidence = { experiment: experiment as string };
    assert.equal((await proposeFix(contract.rpc, proposal(claimed!, { evidence }))).decision, "auto");
  }
  assert.deepEqual(await unitsOf(database), []);
});

Deno.test("conclude_fix() and the record of the outcome are one transaction: neither stands without the other", async () => {
  const [database, contract, opened] = await twoOf();
  await using _opened = opened;
  const id = await startTrusted(database, contract.rpc);
  await using engine = engineOf(database, contract, invokerOf(database));
  await captureMissing(contract.rpc, Array.from({ length: 24 }, (_, index) => `shop_${index}`));
  await engine.detectAndHeal();
  const [fix] = await database.query<{ id: string; claim_number: number; error: string }>(
    `select id, detected_error_id as error, nextval('healing_private.fencing_numbers')::int as claim_number
     from auto_fixes where status = 'validating' limit 1`,
  );
  await database.query(
    "update auto_fixes set claim_number = $2, lease_expires_at = now() + interval '1 minute' where id = $1",
    [fix!.id, fix!.claim_number],
  );
  const outcome = async () => (await unitsOf(database)).find(({ unit }) => unit === fix!.error)!.succeeded;
  await assert.rejects(contract.connection.transaction(async (tx) => {
    await concludeFix(tx.rpc, fix!, "kept", { reason: "it works" });
    throw new Error("the process dies here");
  }));
  assert.equal(await outcome(), null);
  await concludeFix(contract.rpc, fix!, "kept", { reason: "it works" });
  assert.equal(await outcome(), true);
  assert.equal(routeToVariant(id, fix!.error), "a");
});
