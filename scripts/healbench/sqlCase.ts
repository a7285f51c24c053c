/**
 * One row that a database can reproduce: really broken, healed through the pipeline, and judged by its own steps.
 *
 * Three databases: one on which the failure is only looked at, one on which it is healed, and one on which the row's
 * own fix is made, so that the judge knows what the row itself changes.
 *
 * @module
 */

import { messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { applyMigration } from "../../supabase/functions/_shared/databaseHealer.ts";
import { analyzeError } from "../../supabase/functions/_shared/errorAnalysis.ts";
import type { Case, Step } from "./cases.ts";
import { findHarm } from "./harm.ts";
import { type Observation, observe } from "./observe.ts";
import { healInRequest, healRunning } from "./running.ts";
import type { BenchDatabase, BenchServer } from "./server.ts";
import { type Answer, canonical, meets, StepRunner } from "./steps.ts";
import type { Verdict } from "./verdict.ts";
import { compareWrites, drawnColumns, rowsOf } from "./writes.ts";

/** What the pipeline did with a failure. */
export interface Treatment {
  /** The failed work has succeeded in the end. */
  succeeded: boolean;
  /** Something took effect without a person. */
  acted: boolean;
  actions: string[];
  reason: string;
  /** A write that was made to fit, so that the row's own write would come twice. */
  rewrote?: { table: string };
}

/** How the failure shows before anything is done about it. */
interface Symptom {
  error: unknown;
  isExpected: boolean;
  errorType: string;
}

/** Breaks, heals and judges one row. */
export async function runSqlCase(row: Case, server: BenchServer): Promise<Omit<Verdict, "durationMs">> {
  const base = { id: row.id, layer: row.layer, title: row.title, risk: row.risk, kind: row.reproduce.kind };
  const symptom = await withDatabase(server, (database) => lookAt(row, database));
  if (typeof symptom === "string") {
    return { ...base, verdict: "decidedOnly", errorType: "", actions: [], reason: symptom, harm: [] };
  }
  const reference = await withDatabase(server, (database) => makeReference(row, database));
  const healed = await withDatabase(server, (database) => heal(row, database, reference));
  return { ...base, errorType: symptom.errorType, ...judge(row, healed) };
}

async function withDatabase<Result>(
  server: BenchServer,
  work: (database: BenchDatabase) => Promise<Result>,
): Promise<Result> {
  await using database = await server.clone();
  return await work(database);
}

/** All steps but the last: what leads up to the failure. */
async function prepare(row: Case, runner: StepRunner): Promise<Step> {
  for (const step of row.reproduce.setup ?? []) await runner.setUp(step);
  const triggers = row.reproduce.trigger ?? [];
  for (const step of triggers.slice(0, -1)) await runner.run(step, "postgres", row.reproduce.search_path);
  return triggers.at(-1)!;
}

/** The failure as it is, or why it does not show here. */
async function lookAt(row: Case, database: BenchDatabase): Promise<Symptom | string> {
  if ((row.reproduce.trigger ?? []).length === 0) return "the row has no trigger";
  const runner = new StepRunner(database);
  let trigger: Step;
  try {
    trigger = await prepare(row, runner);
  } catch (error) {
    return `its setup fails on this server: ${messageOf(error)}`;
  }
  try {
    await runner.run(trigger, "postgres", row.reproduce.search_path);
  } catch (error) {
    const { captured } = await analyzeError(error);
    const code = row.error.sqlstate ?? row.error.pgrst_code;
    if (code && code !== captured.error_code) {
      return `another failure shows on this server: ${captured.error_code} ${messageOf(error)}`;
    }
    return { error, isExpected: true, errorType: captured.error_type };
  }
  if (!row.error.silent) return "the failure does not show on this server";
  return { error: null, isExpected: true, errorType: "silent" };
}

interface Reference {
  observation: Observation;
  /** Every step of the verification was met by the row's own fix. */
  isSound: boolean;
  /** Whether the row says how to see that it is healed. */
  hasSteps: boolean;
}

/** What the row's own fix and verification make of the database. */
async function makeReference(row: Case, database: BenchDatabase): Promise<Reference | null> {
  const steps = row.verify?.steps ?? [];
  if (steps.length === 0) return null;
  const runner = new StepRunner(database);
  await prepare(row, runner);
  let isSound = true;
  try {
    for (const fix of row.fix_sql ?? []) await runner.setUp(typeof fix === "string" ? { sql: fix } : fix);
    for (const { step, expect } of steps) {
      isSound &&= meets(await runner.run(step, "postgres"), expect);
    }
  } catch {
    isSound = false;
  }
  return { observation: await observe(await database.connect("superuser")), isSound, hasSteps: true };
}

interface Healing {
  treatment: Treatment;
  harm: string[];
  /** What the steps of the verification said, or null when there are none. */
  verified: { ok: boolean; measured: string } | null;
}

async function heal(row: Case, database: BenchDatabase, reference: Reference | null): Promise<Healing> {
  const runner = new StepRunner(database);
  const trigger = await prepare(row, runner);
  const superuser = await database.connect("superuser");
  const before = await observe(superuser);
  const treatment = await treat(row, trigger, database, runner);
  const after = await observe(superuser);
  const harm = findHarm(row, {
    before,
    after,
    reference: reference?.observation ?? null,
    acted: treatment.acted,
  });
  if (!treatment.succeeded || reference === null) return { treatment, harm, verified: null };
  const verified = treatment.rewrote === undefined
    ? await verify(row, runner)
    : compareWrites(treatment.rewrote.table, { before, after, reference: reference.observation }, {
      sent: rowsOf(trigger),
      drawn: await drawnColumns(superuser, treatment.rewrote.table, rowsOf(trigger)),
    });
  return { treatment, harm, verified };
}

/** The way into the pipeline that the failed work would take in an application. */
async function treat(
  row: Case,
  trigger: Step,
  database: BenchDatabase,
  runner: StepRunner,
): Promise<Treatment> {
  if (row.error.silent) {
    await runner.run(trigger, "postgres", row.reproduce.search_path);
    return {
      succeeded: false,
      acted: false,
      actions: [],
      reason: "there is no error, so nothing was captured",
    };
  }
  if (trigger.insert !== undefined) return await healInRequest(row, trigger, database, runner);
  if (trigger.role !== undefined) return await healRunning(row, trigger, database, runner);
  const path = row.reproduce.search_path;
  const migration = `${path ? `set search_path = ${path};\n` : ""}${trigger.sql ?? ""}`;
  try {
    const result = await applyMigration({ migration, name: row.id, databaseUrl: database.url });
    return {
      succeeded: result.healed,
      ...rewrittenInsert(row, trigger),
      acted: result.healed && result.fixes.length > 0,
      actions: result.fixes.map(({ action, description }) => `${action}: ${description}`),
      reason: result.reason +
        (result.advice === undefined ? "" : `; a person decides, because ${result.advice.why}`),
    };
  } catch (error) {
    return { succeeded: false, acted: false, actions: [], reason: `refused: ${messageOf(error)}` };
  }
}

/** A script that is one insert has written what the row's own verification writes once more. */
function rewrittenInsert(row: Case, { sql = "" }: Step): Pick<Treatment, "rewrote"> {
  const tableOf = (text: string) => /^\s*(?:set role \w+;\s*)?insert into ("?[\w.]+"?)/i.exec(text)?.[1];
  const table = tableOf(sql);
  const isAgain = (row.verify?.steps ?? []).some(({ step }) =>
    table !== undefined && tableOf(step.sql ?? "") === table
  );
  return table !== undefined && isAgain ? { rewrote: { table } } : {};
}

async function verify(row: Case, runner: StepRunner): Promise<{ ok: boolean; measured: string }> {
  for (const { step, expect } of row.verify?.steps ?? []) {
    let answer: Answer;
    try {
      answer = await runner.run(step, "postgres");
    } catch (error) {
      return { ok: false, measured: `its verification failed: ${messageOf(error)}` };
    }
    if (!meets(answer, expect)) {
      return {
        ok: false,
        measured: `its verification answered ${canonical(answer)}, not ${canonical(expect)}`,
      };
    }
  }
  return { ok: true, measured: "its verification passed" };
}

function judge(row: Case, { treatment, harm, verified }: Healing): Pick<
  Verdict,
  "verdict" | "actions" | "reason" | "harm"
> {
  const { actions, reason } = treatment;
  const wrote = treatment.rewrote !== undefined && verified !== null && !verified.ok;
  const allHarm = wrote ? [...harm, verified.measured] : harm;
  if (allHarm.length > 0) return { verdict: "harmed", actions, reason, harm: allHarm };
  if (treatment.succeeded && verified?.ok) {
    return { verdict: "healed", actions, reason: `${reason}; ${verified.measured}`, harm };
  }
  if (treatment.succeeded && verified === null) {
    return { verdict: "decidedOnly", actions, reason: `${reason}; the row has no verification`, harm };
  }
  const said = verified === null ? reason : `${reason}; ${verified.measured}`;
  const isRight = row.risk === "high" || (row.verify?.steps ?? []).length === 0;
  return { verdict: isRight ? "leftAlone" : "escalated", actions, reason: said, harm };
}
