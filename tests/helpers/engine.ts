/** Engines and errors for tests of the pipeline. @module */

import type { FailedScript } from "../../supabase/functions/_shared/core/fixes.ts";
import type { CapturedError, QueuedOperationDraft } from "../../supabase/functions/_shared/healingDb.ts";
import {
  createHealingEngine,
  type HealingEngine,
  type OperationInvoker,
} from "../../supabase/functions/_shared/healingEngine.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { splitStatements } from "../../supabase/functions/_shared/sqlStatements.ts";
import { type Contract, openContract, setSetting } from "./contract.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";

/** An engine on a test database. */
export function engineOf(
  database: TestDatabase,
  contract: Contract,
  invoke?: OperationInvoker,
): HealingEngine {
  return createHealingEngine({
    db: contract.rpc,
    openDirect: () => openDirectConnection(database.url),
    worker: crypto.randomUUID(),
    ...(invoke === undefined ? {} : { invoke }),
  });
}

/** A migration that failed at one of its statements, from 0. */
export function failedScript(migration: string, failedAt = 0): FailedScript {
  const statements = splitStatements(migration).map(({ text }) => ({ text }));
  return { statements, failedAt, canRunAlone: true };
}

/** An operation that waits under a key. */
export function operation(key: string): QueuedOperationDraft {
  return {
    kind: "invoke_function",
    target: "checkout",
    payload: { key },
    idempotency_key: key,
    caller_role: "anon",
  };
}

/** An extension is missing. */
export const MISSING_FUNCTION: Partial<CapturedError> = {
  fingerprint: "v1:unaccent",
  error_signature: "42883: function $1 does not exist",
  error_template: "42883: function unaccent(text) does not exist",
  slots: ["unaccent(text)"],
  error_type: "missing_function",
  error_code: "42883",
  error_message: "function unaccent(text) does not exist",
};

/** A failure that passes by itself. */
export const TRANSIENT: Partial<CapturedError> = {
  fingerprint: "v1:busy",
  error_signature: "503: busy",
  error_template: "503: busy",
  slots: [],
  error_type: "provider_overloaded",
  error_code: "503",
  error_message: "busy",
  context: { transient: true },
};

/** A database on which fixes of the database are on, and judged at once. */
export async function prepared(): Promise<[TestDatabase, Contract]> {
  const database = await createTestDatabase();
  const contract = await openContract(database);
  await setSetting(contract.rpc, "mode_database", "auto");
  await setSetting(contract.rpc, "validation_min_seconds", 0);
  return [database, contract];
}
