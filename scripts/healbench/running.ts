/** Failures of a running application: a write through the resilient path, or a statement as a person of the API. @module */

import { toDatabaseError } from "../../supabase/functions/_shared/core/databaseErrors.ts";
import { isHealingError } from "../../supabase/functions/_shared/core/errors.ts";
import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import type { Client, DatabaseError } from "../../supabase/functions/_shared/postgres.ts";
import {
  createResilientDb,
  type ResilientDb,
  type Row,
  type WriteResult,
} from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import type { Case, Step } from "./cases.ts";
import { healCaptured } from "./engine.ts";
import type { BenchDatabase } from "./server.ts";
import type { Treatment } from "./sqlCase.ts";
import type { StepRunner } from "./steps.ts";

/** A write as an author makes it; what cannot be healed in the request goes to the engine, and is made once more. */
export async function healInRequest(
  row: Case,
  trigger: Step,
  database: BenchDatabase,
  runner: StepRunner,
): Promise<Treatment> {
  if (trigger.insert!.includes(".")) return await healRunning(row, trigger, database, runner);
  const client = await database.connect("superuser");
  const db = createResilientDb(rpcAs(client, trigger), { functionName: row.id });
  let result: WriteResult;
  try {
    result = await write(db, trigger);
  } catch (error) {
    const asked = await healByEngine(row, error, database);
    const options = isHealingError(error) ? error.details?.options : undefined;
    return options === undefined
      ? asked
      : { ...asked, reason: `${asked.reason} It may be meant as ${JSON.stringify(options)}` };
  }
  return await treatmentOf(row, trigger, result, database);
}

async function write(db: ResilientDb, { insert: table, payload, on_conflict: conflict }: Step) {
  const rows = payload as Row | Row[];
  if (conflict === undefined) return await db.insert(table!, rows);
  const [onConflict, how] = conflict;
  return await db.upsert(table!, rows, { onConflict, ignoreDuplicates: how !== "merge" });
}

/** A row that waits or failed is not stored, whatever became of the others; the engine is asked about its fault. */
async function treatmentOf(
  row: Case,
  trigger: Step,
  { results, healed }: WriteResult,
  database: BenchDatabase,
): Promise<Treatment> {
  const actions = healed.flatMap(({ applied }) => applied.map(({ from, to }) => `payload: ${from} -> ${to}`));
  const acted = healed.length > 0;
  const left = results.find(({ status }) => status === "queued" || status === "failed");
  if (left === undefined) {
    const reason = "the write was healed in the request";
    return { succeeded: true, acted, actions, reason, rewrote: { table: trigger.insert! } };
  }
  const { error, options } = left;
  const fault = Object.assign(new Error(error?.message ?? "the row was not stored"), { code: error?.code });
  const asked = await healByEngine(row, fault, database);
  const what = left.status === "queued" ? "the row waits as it came" : "a row was not stored";
  return {
    ...asked,
    acted: acted || asked.acted,
    actions: [...actions, ...asked.actions],
    reason: `${what}: ${error?.message}; ${asked.reason}` +
      (options === undefined ? "" : ` It may be meant as ${JSON.stringify(options)}`),
  };
}

/** A statement of the running system: the error is captured, and the engine works on it. */
export async function healRunning(
  row: Case,
  trigger: Step,
  database: BenchDatabase,
  runner: StepRunner,
): Promise<Treatment> {
  try {
    await runner.run(trigger, "postgres", row.reproduce.search_path);
  } catch (error) {
    return await healByEngine(row, error, database);
  }
  return { succeeded: false, acted: false, actions: [], reason: "the failure did not come again" };
}

async function healByEngine(row: Case, error: unknown, database: BenchDatabase): Promise<Treatment> {
  const { outcome } = await healCaptured(row, error, database);
  if (outcome?.kind === "applied") {
    const actions = [`${outcome.action}: ${outcome.description}`];
    return { succeeded: true, acted: true, actions, reason: outcome.proof };
  }
  const reason = outcome === null ? "nobody could claim the error" : outcome.reason;
  return {
    succeeded: false,
    acted: false,
    actions: [],
    reason: outcome?.kind === "waiting" ? `a person is asked: ${reason}` : reason,
  };
}

/** Our SQL functions, called as the step's role with its claims, one transaction a call. */
function rpcAs(client: Client, step: Step): RpcPort {
  return {
    async call<Result>(name: string, args: Record<string, unknown>): Promise<Result> {
      const names = Object.keys(args);
      await client.query("begin");
      try {
        await client.query(
          "select set_config('request.jwt.claims', $1, true), set_config('role', $2, true)",
          [
            JSON.stringify(step.jwt ?? { role: step.role ?? "service_role" }),
            step.role ?? "service_role",
          ],
        );
        const list = names.map((argument, index) => `${argument} => $${index + 1}`).join(", ");
        const { rows } = await client.query<{ result: Result }>(
          `select public.${name}(${list}) as result`,
          Object.values(args).map((value) => typeof value === "object" ? JSON.stringify(value) : value),
        );
        await client.query("commit");
        return rows[0]!.result;
      } catch (error) {
        await client.query("rollback");
        // As the client of the REST interface says it.
        throw toDatabaseError(error as DatabaseError);
      }
    },
  };
}
