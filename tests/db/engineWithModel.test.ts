import assert from "node:assert/strict";
import { type CapturedError, captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { createHealingEngine, createModelProposer } from "../../supabase/functions/_shared/healingEngine.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { ISN, meansOver, proposes, UNHEARD } from "../helpers/analyses.ts";
import { type Contract, occurrence, openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { operation } from "../helpers/engine.ts";
import { saysJson } from "../helpers/openAiReplies.ts";
import { type OpenAiServer, startOpenAiServer } from "../helpers/openAiServer.ts";

/** An engine that asks a model, on a database where fixes of the database are on. */
function engineWithModel(database: TestDatabase, { rpc }: Contract, model: OpenAiServer) {
  return createHealingEngine({
    db: rpc,
    openDirect: () => openDirectConnection(database.url),
    worker: crypto.randomUUID(),
    proposers: { ai: createModelProposer(meansOver(rpc, [model])) },
  });
}

Deno.test("the engine heals by a model what nobody knew, after a dry run and with a rollback point, and asks it once", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await using model = startOpenAiServer();
  const { rpc } = contract;
  await setSetting(rpc, "mode_database", "auto");
  await setSetting(rpc, "validation_min_seconds", 0);
  model.always(saysJson(proposes(ISN)));
  await captureErrors(rpc, [occurrence(UNHEARD), occurrence(UNHEARD)]);
  await using engine = engineWithModel(database, contract, model);
  assert.equal((await engine.detectAndHeal()).fixes_applied, 1);
  const [fix] = await database.query(
    "select tier, status, evidence -> 'dryRun' ->> 'ok' as tried, rollback_point is not null as has_point from auto_fixes",
  );
  assert.deepEqual(fix, { tier: "ai", status: "validating", tried: "true", has_point: true });
  assert.equal(model.requests.length, 1);
  const [kpi] = await database.query("select handled, with_ai, avoided from kpi_ai_calls_avoided");
  assert.deepEqual(kpi, { handled: 1, with_ai: 1, avoided: 0 });
});

Deno.test("the engine asks a model about what has no known class only when it comes again, is severe, or keeps somebody waiting", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await using model = startOpenAiServer();
  const { rpc } = contract;
  model.always(saysJson(proposes()));
  const strange = (fingerprint: string, changes: Partial<CapturedError> = {}) =>
    occurrence({
      fingerprint,
      error_type: "unknown",
      error_code: "X",
      error_message: fingerprint,
      error_signature: `X: ${fingerprint}`,
      error_template: `X: ${fingerprint}`,
      slots: [],
      severity: "medium",
      ...changes,
    });
  await captureErrors(rpc, [strange("v2:once")]);
  await using engine = engineWithModel(database, contract, model);
  await engine.detectAndHeal();
  assert.equal(model.requests.length, 0);
  const [once] = await database.query("select status, resolution from detected_errors");
  assert.deepEqual(once, {
    status: "escalated",
    resolution:
      "no fix, because no rule and no learned pattern knows this error; it came 1 times, and a model is asked from 2 on",
  });
  await captureErrors(rpc, [
    strange("v2:twice"),
    strange("v2:twice"),
    strange("v2:severe", { severity: "critical" }),
    strange("v2:waiting", { operation: operation("o-1") }),
  ]);
  await engine.detectAndHeal();
  assert.equal(model.requests.length, 3);
  await setSetting(rpc, "ai_analysis_occurrences", 1);
  await captureErrors(rpc, [strange("v2:another")]);
  await engine.detectAndHeal();
  assert.equal(model.requests.length, 4);
});

Deno.test("the engine asks no model for what a rule heals, and the figure of avoided calls says so", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await using model = startOpenAiServer();
  const { rpc } = contract;
  await setSetting(rpc, "mode_database", "auto");
  model.always(saysJson(proposes()));
  const known = occurrence({
    ...UNHEARD,
    fingerprint: "v2:known",
    error_template: "42883: function unaccent(text) does not exist",
    slots: ["unaccent(text)"],
    error_message: "function unaccent(text) does not exist",
  });
  await captureErrors(rpc, [known, occurrence(UNHEARD)]);
  await using engine = engineWithModel(database, contract, model);
  await engine.detectAndHeal();
  assert.equal(model.requests.length, 1);
  const [kpi] = await database.query("select handled, with_ai, avoided from kpi_ai_calls_avoided");
  assert.deepEqual(kpi, { handled: 2, with_ai: 1, avoided: 0.5 });
});

Deno.test("the engine writes down why a model's proposal did not go on, and offers it to nobody", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await using model = startOpenAiServer();
  const { rpc } = contract;
  await setSetting(rpc, "mode_database", "auto");
  model.always(saysJson(proposes(
    { kind: "create_extension", extension: "pgcrypto", provides: "digest" },
    ISN,
    { kind: "create_extension", extension: "citext", provides: "citext" },
  )));
  await captureErrors(rpc, [occurrence(UNHEARD)]);
  await using engine = engineWithModel(database, contract, model);
  await engine.detectAndHeal();
  const [fix] = await database.query<{ action: object; refused: { reason: string }[] }>(
    "select action, evidence -> 'refused' as refused from auto_fixes",
  );
  assert.deepEqual(fix!.action, ISN);
  assert.deepEqual(fix!.refused.slice(-2).map(({ reason }) => reason), [
    'the error does not name "digest"',
    'the error does not name "citext"',
  ]);
  assert.deepEqual(
    await database.query("select alternatives from admin_approval_queue where alternatives <> '[]'"),
    [],
  );
});
