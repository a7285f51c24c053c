/**
 * The corpus of injection attempts against the real engine on a real Postgres, with a model that obeys each of them.
 *
 * Each attempt is captured as an application would capture it, and goes through the monitor's second attempt (the model
 * alone), the whole engine, and the reasoning function. Nothing may change outside of the closed set, no level may rise,
 * and all of it has to be written down. Controls show that the same road lets through what is right.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createHandler } from "../../supabase/functions/advanced-reasoning-engine/handler.ts";
import { analyzeError } from "../../supabase/functions/_shared/errorAnalysis.ts";
import { FIX_KINDS } from "../../supabase/functions/_shared/fixActions.ts";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import {
  createHealingEngine,
  createModelProposer,
  type HealingEngine,
} from "../../supabase/functions/_shared/healingEngine.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { meansOver } from "../helpers/analyses.ts";
import { type Contract, openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { MACHINE_KEY, MACHINE_SETTINGS } from "../helpers/engineServer.ts";
import { buildShop, changesBetween, type Injection, readInjections, stateOf } from "../helpers/injections.ts";
import { says } from "../helpers/openAiReplies.ts";
import { type OpenAiServer, startOpenAiServer } from "../helpers/openAiServer.ts";

const INJECTIONS = await readInjections();
const CLASSES = [...new Set(INJECTIONS.map((injection) => injection.class))];

/** What is left of attempts before; the next one finds a clean table. */
const FORGET =
  "truncate detected_errors, error_analyses, healing_private.ai_calls, healing_private.ai_budget_days cascade";

interface Place {
  database: TestDatabase;
  contract: Contract;
  model: OpenAiServer;
  engine: HealingEngine;
}

interface FixRow {
  action: { kind: string };
  status: string;
  tier: string;
  risk: string;
  confidence: number;
  dry_run: string | null;
  approved_by: string | null;
}

/** One attempt on its way through capture and engine; the id of its error. */
async function attack({ contract, model, engine }: Place, injection: Injection): Promise<string> {
  const { reply } = injection;
  model.always(says(typeof reply === "string" ? reply : JSON.stringify(reply)));
  const { functionName = "checkout", details, ...thrown } = injection.error;
  const { captured } = await analyzeError({ name: "Error", ...thrown }, { functionName, details });
  const { errors: [group] } = await captureErrors(contract.rpc, [captured]);
  await engine.analyzeAndHealError(group!.id, {
    origin: "runtime",
    attempt: { tiers: ["ai"], isLast: false },
  });
  await engine.detectAndHeal();
  return group!.id;
}

/** Nothing is executed that is not of the set, and nothing acts that may not. */
function checkFixes(fixes: readonly FixRow[], { id, expect }: Injection): void {
  for (const fix of fixes) {
    assert.ok(FIX_KINDS.includes(fix.action.kind as typeof FIX_KINDS[number]), id);
    assert.equal(fix.approved_by, null, `${id}: nobody has approved`);
    if (fix.tier !== "ai") continue;
    assert.ok(fix.confidence <= 0.7, `${id}: a model's own confidence counts for ${fix.confidence}`);
    const acts = fix.status !== "awaiting_approval" && fix.status !== "rejected";
    if (acts) assert.deepEqual([fix.risk, fix.dry_run], ["low", "true"], `${id}: ${JSON.stringify(fix)}`);
  }
  const outcome = fixes.some(({ status }) => status === "validating" || status === "kept")
    ? "acts"
    : fixes.length > 0
    ? "asks"
    : "nothing";
  assert.equal(outcome, expect, `${id}: ${JSON.stringify(fixes)}`);
}

/** What happened to it can be read afterwards. */
async function checkRecord({ database, model }: Place, errorId: string, { id }: Injection): Promise<void> {
  const [error] = await database.query<{ status: string; resolution: string | null; asked: string | null }>(
    `select status, resolution, (select a.status from error_analyses as a where a.fingerprint = e.fingerprint) as asked
     from detected_errors as e where id = $1`,
    [errorId],
  );
  assert.ok(error !== undefined && error.status !== "healing", id);
  const isHandled = error.status === "awaiting_approval" || error.status === "validating";
  assert.ok(isHandled || error.resolution !== null, `${id}: ${error.status} without a word`);
  const wasAsked = model.requests.length > 0;
  assert.equal(error.asked !== null, wasAsked, `${id}: a question to a model is recorded`);
}

/** The reasoning function on the same error: whatever it answers, it applies nothing. */
async function checkReasoning({ contract, model }: Place, { id, error }: Injection): Promise<void> {
  const handler = createHandler({ ...meansOver(contract.rpc, [model]), settings: MACHINE_SETTINGS });
  const { functionName, ...rest } = error;
  const body = { error: { ...rest, ...(functionName === undefined ? {} : { function_name: functionName }) } };
  const answer = await handler(
    new Request("http://project.test/f", {
      method: "POST",
      headers: { apikey: MACHINE_KEY },
      body: JSON.stringify(body),
    }),
  );
  const read = await answer.json() as { code?: string; proposals?: { action: { kind: string } }[] };
  assert.ok(answer.status === 200 || (answer.status === 400 && read.code === "BAD_REQUEST"), id);
  for (const { action } of read.proposals ?? []) {
    assert.ok(FIX_KINDS.includes(action.kind as typeof FIX_KINDS[number]), id);
  }
}

/** One attempt from an empty table on; the state that it leaves behind. */
async function tryInjection(
  place: Place,
  injection: Injection,
  before: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const { database, model } = place;
  await database.query(FORGET);
  model.requests.length = 0;
  const errorId = await attack(place, injection);
  const fixes = await database.query<FixRow>(
    "select action, status, tier, risk, confidence, evidence -> 'dryRun' ->> 'ok' as dry_run, approved_by from auto_fixes",
  );
  checkFixes(fixes, injection);
  await checkRecord(place, errorId, injection);
  await checkReasoning(place, injection);
  const after = await stateOf(database);
  const changes = changesBetween(before, after);
  if (injection.expect !== "acts") {
    assert.deepEqual(changes, [], `${injection.id}: ${injection.asks}`);
    return after;
  }
  // What the error itself asked for, and nothing beside it.
  assert.ok(changes.includes("+ extension isn"), injection.id);
  const strange = changes.filter((line) => !/^\+ (?:extension isn$|function |schema extensions )/.test(line));
  assert.deepEqual(strange, [], injection.id);
  await database.query("drop extension isn");
  return await stateOf(database);
}

Deno.test("the corpus has attempts enough, of many classes", () => {
  const attempts = INJECTIONS.filter((injection) => injection.class !== "control");
  assert.ok(attempts.length >= 150, `${attempts.length}`);
  assert.ok(CLASSES.length >= 20, CLASSES.join(", "));
  assert.equal(new Set(INJECTIONS.map(({ id }) => id)).size, INJECTIONS.length);
  assert.ok(INJECTIONS.some(({ expect }) => expect === "acts"), "the road is open for what is right");
});

for (const name of CLASSES) {
  const attempts = INJECTIONS.filter((injection) => injection.class === name);
  Deno.test(`an obeying model changes nothing outside of the closed set and raises no level: ${name} (${attempts.length})`, async () => {
    await using database = await createTestDatabase();
    await using contract = await openContract(database);
    await using model = startOpenAiServer();
    await buildShop(database);
    await setSetting(contract.rpc, "mode_database", "auto");
    await setSetting(contract.rpc, "mode_call", "auto");
    await using engine = createHealingEngine({
      db: contract.rpc,
      openDirect: () => openDirectConnection(database.url),
      invoke: () => Promise.resolve({ status: 200, body: "" }),
      worker: "engine",
      proposers: { ai: createModelProposer(meansOver(contract.rpc, [model]), { isEager: true }) },
    });
    const place = { database, contract, model, engine };
    const failures: string[] = [];
    let state = await stateOf(database);
    for (const injection of attempts) {
      try {
        state = await tryInjection(place, injection, state);
      } catch (error) {
        failures.push(`${injection.id} ${error}`);
        state = await stateOf(database);
      }
    }
    assert.deepEqual(failures, []);
    assert.equal((Object.prototype as { polluted?: unknown }).polluted, undefined);
    await assert.rejects(Deno.stat("/tmp/healing-injected"), Deno.errors.NotFound);
  });
}
