/** Health as tests watch it: looks a minute apart, and what is shown after them. @module */

import { getHealthStatus } from "../../supabase/functions/_shared/healthDb.ts";
import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import {
  type HealthCheck,
  type HealthReport,
  runHealthChecks,
} from "../../supabase/functions/_shared/healthMonitor.ts";
import { type Contract, openContract } from "./contract.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";

/** Lets the last looks be older, as if so many minutes had passed. */
export async function letMinutesPass(database: TestDatabase, minutes = 1): Promise<void> {
  await database.query(
    `update healing_private.health_states set looked_at = looked_at - make_interval(mins => $1),
       kicked_at = kicked_at - make_interval(mins => $1)`,
    [minutes],
  );
}

/** Names where the dispatcher would send its calls; nobody listens there. */
export async function fillVault(database: TestDatabase): Promise<void> {
  await database.query(
    "select vault.create_secret('http://127.0.0.1:9', 'project_url'), vault.create_secret('a-key', 'cron_secret_key')",
  );
}

/** Looks a minute after the looks before. */
export async function lookAgain(
  database: TestDatabase,
  db: RpcPort,
  checks: readonly HealthCheck[],
): Promise<HealthReport> {
  await letMinutesPass(database);
  return await runHealthChecks(checks, { db });
}

/** `status: reason` of what the check sees in one look. */
export async function seenBy(check: HealthCheck, db: RpcPort): Promise<string> {
  const { checks: [seen] } = await runHealthChecks([check], { db });
  return `${seen!.status}: ${seen!.reason}`;
}

/** What is shown of a check. */
export async function shownOf(db: RpcPort, name: string): Promise<string | undefined> {
  return (await getHealthStatus(db)).checks.find(({ check_name }) => check_name === name)?.status;
}

/** A check that sees what a test says. */
export function scriptedCheck(name: string, first: HealthLook): ScriptedCheck {
  const check: ScriptedCheck = { name, limitMs: 5_000, sees: first, look: () => Promise.resolve(check.sees) };
  return check;
}

/** What one look sees. */
export type HealthLook = Awaited<ReturnType<HealthCheck["look"]>>;

/** A check whose look can be changed. */
export interface ScriptedCheck extends HealthCheck {
  sees: HealthLook;
}

/** A database with a way to call its functions, and a dispatcher that sends nowhere. */
export interface HealthWorld extends AsyncDisposable {
  database: TestDatabase;
  contract: Contract;
}

/** Opens one. */
export async function openWorld(): Promise<HealthWorld> {
  const database = await createTestDatabase();
  const contract = await openContract(database);
  await fillVault(database);
  return {
    database,
    contract,
    async [Symbol.asyncDispose]() {
      await contract[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}
