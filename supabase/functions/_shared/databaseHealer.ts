/**
 * Migrations that mend themselves: a migration that fails is classified, what it misses is provided, and it is run
 * again, all in one transaction with the fix that made it work.
 *
 * Fixes take the same road as all others (settings, evidence, rollback point, probe, rows). A fix that turns out not
 * to help the migration to its end is taken back.
 *
 * @module
 */

import { HealingError, messageOf } from "./core/errors.ts";
import type { Tier } from "./core/fixes.ts";
import { analyzeError } from "./errorAnalysis.ts";
import { type CapturedError, captureErrors, recordBuildEvent, recordFixProof } from "./healingDb.ts";
import { createHealingEngine, type HealingEngine, type HealOutcome } from "./healingEngine.ts";
import { type DirectConnection, openDirectConnection } from "./postgres.ts";
import { splitStatements } from "./sqlStatements.ts";

/** What is to be healed, and where. */
export interface DatabaseHealOptions {
  /** The migration that failed: a script without transaction commands. */
  migration: string;
  /** Name of the migration, for the rows that tell of it. */
  name?: string;
  /** The direct connection of the project, as its `postgres` role. */
  databaseUrl: string;
  /** Fixes in a row before it gives up; 5. */
  maxFixes?: number;
}

/** A fix that helped. */
export interface AppliedDatabaseFix {
  fixId: string;
  action: string;
  description: string;
  tier: Tier;
  /** What showed that it works. */
  proof: string;
}

/** What became of a migration. */
export interface DatabaseHealResult {
  healed: boolean;
  /** In the order in which they were applied. */
  fixes: AppliedDatabaseFix[];
  /** Why it ended as it did, one sentence. */
  reason: string;
  /** What the database said last, when it is not healed. */
  error?: { code: string; message: string };
  durationMs: number;
}

/**
 * Runs a migration in one transaction, and heals it when it fails. A migration that could not be healed is an outcome
 * that the caller has to look at: `healed` is false, and `error` and `reason` say why.
 */
export async function applyMigration(options: DatabaseHealOptions): Promise<DatabaseHealResult> {
  const startedAt = performance.now();
  const statements = statementsOf(options.migration);
  const connection = await openDirectConnection(options.databaseUrl);
  try {
    await connection.transaction((tx) => tx.script(statements));
    return {
      healed: true,
      fixes: [],
      reason: "the migration ran without help",
      durationMs: performance.now() - startedAt,
    };
  } catch (error) {
    return await healMigration(error, options, connection, startedAt);
  } finally {
    await connection.close();
  }
}

/** Heals a migration that failed with `error`, by running it again once what it misses is there. */
export async function autoHealDatabaseError(
  error: unknown,
  options: DatabaseHealOptions,
): Promise<DatabaseHealResult> {
  const startedAt = performance.now();
  statementsOf(options.migration);
  const connection = await openDirectConnection(options.databaseUrl);
  try {
    return await healMigration(error, options, connection, startedAt);
  } finally {
    await connection.close();
  }
}

const TRANSACTION_COMMAND =
  /^(begin|commit|rollback|abort|end|start\s+transaction|savepoint|release|prepare\s+transaction)\b/i;

/** Its statements; a migration with a `commit` of its own would end the transaction that makes it all or nothing. */
function statementsOf(migration: string): string[] {
  const statements = splitStatements(migration);
  const command = statements.find(({ text }) => TRANSACTION_COMMAND.test(text));
  if (command !== undefined) {
    throw new HealingError("BAD_REQUEST", `The migration has a transaction command on line ${command.line}`, {
      hint: "Take it out: the migration is run in one transaction anyway",
    });
  }
  return statements.map(({ text }) => text);
}

/** What the steps of one healing share. */
interface HealingSession {
  options: DatabaseHealOptions;
  connection: DirectConnection;
  engine: HealingEngine;
}

async function healMigration(
  error: unknown,
  options: DatabaseHealOptions,
  connection: DirectConnection,
  startedAt: number,
): Promise<DatabaseHealResult> {
  await using engine = createHealingEngine({
    db: connection.rpc,
    openDirect: () => openDirectConnection(options.databaseUrl),
    worker: `migration:${crypto.randomUUID()}`,
  });
  const session = { options, connection, engine };
  const { healed, fixes, reason, error: last } = await applyFixes(error, session);
  if (healed) await keepAll(connection, engine, fixes);
  const undone = healed ? "" : await takeAllBack(engine, fixes, reason);
  const said = last === undefined ? "" : `${last.code} ${last.message}: `;
  const result = {
    healed,
    fixes: healed ? fixes : [],
    reason: said + reason + undone,
    ...(last === undefined ? {} : { error: last }),
  };
  return await conclude(connection, options, result, startedAt);
}

/** Fixes one error after the other until the migration runs, the same error comes again, or nothing is known. */
async function applyFixes(
  error: unknown,
  session: HealingSession,
): Promise<Omit<DatabaseHealResult, "durationMs">> {
  const fixes: AppliedDatabaseFix[] = [];
  const seen = new Set<string>();
  let cause = error;
  while (fixes.length < (session.options.maxFixes ?? 5)) {
    const { captured } = await analyzeError(cause, {
      source: "migration",
      details: { migration: session.options.name },
    });
    if (seen.has(captured.fingerprint)) {
      return {
        healed: false,
        fixes,
        reason: `the same error came again after its fix: ${captured.error_message}`,
      };
    }
    seen.add(captured.fingerprint);
    const outcome = await healOne(captured, session);
    if (typeof outcome === "string") {
      return { healed: false, fixes, reason: outcome, error: errorOf(captured) };
    }
    fixes.push(fixOf(outcome));
    if (outcome.scriptSucceeded) return { healed: true, fixes, reason: "the migration ran to its end" };
    cause = outcome.scriptError;
  }
  return { healed: false, fixes, reason: `the migration still fails: ${messageOf(cause)}` };
}

function errorOf(captured: CapturedError): { code: string; message: string } {
  return { code: captured.error_code, message: captured.error_message };
}

/** The applied fix, or why there is none. */
async function healOne(
  captured: CapturedError,
  session: HealingSession,
): Promise<(HealOutcome & { kind: "applied" }) | string> {
  const { errors: [group] } = await captureErrors(session.connection.rpc, [captured]);
  if (group!.status === "awaiting_approval") {
    return "a fix waits for approval in admin_approval_queue; decide it and run the migration again";
  }
  const script = session.options.migration;
  const outcome = await session.engine.analyzeAndHealError(group!.id, { origin: "migration", script });
  return outcome?.kind === "applied" ? outcome : reasonOf(outcome);
}

/** The migration ran: that is the proof for every fix on the way to it. */
async function keepAll(
  connection: DirectConnection,
  engine: HealingEngine,
  fixes: readonly AppliedDatabaseFix[],
): Promise<void> {
  for (const { fixId } of fixes) {
    await recordFixProof(connection.rpc, fixId, {
      succeeded: true,
      measured: "the migration ran to its end",
    });
    await engine.judge(fixId);
  }
}

/** Fixes that did not help the migration to its end leave no trace, the last one first. */
async function takeAllBack(
  engine: HealingEngine,
  fixes: readonly AppliedDatabaseFix[],
  reason: string,
): Promise<string> {
  let stayed = "";
  for (const { fixId, description } of [...fixes].reverse()) {
    const judged = await engine.takeBack(fixId, reason);
    if (judged?.status !== "reverted") stayed += `; not taken back: ${description}`;
  }
  return stayed;
}

function reasonOf(outcome: Exclude<HealOutcome, { kind: "applied" }> | null): string {
  if (outcome === null) return "another worker is healing this error; run the migration again";
  if (outcome.kind !== "waiting") return outcome.reason;
  return `a fix waits for approval (${outcome.approvalId}): ${outcome.reason}`;
}

function fixOf(outcome: HealOutcome & { kind: "applied" }): AppliedDatabaseFix {
  const { fixId, action, description, tier, proof } = outcome;
  return { fixId, action, description, tier, proof };
}

async function conclude(
  connection: DirectConnection,
  options: DatabaseHealOptions,
  result: Omit<DatabaseHealResult, "durationMs">,
  startedAt: number,
): Promise<DatabaseHealResult> {
  const durationMs = performance.now() - startedAt;
  await recordBuildEvent(connection.rpc, {
    event_type: result.healed ? "auto_heal_success" : "auto_heal_failed",
    title: `${options.name ?? "migration"}: ${result.reason}`,
    details: { fixes: result.fixes.map((fix) => ({ ...fix })), durationMs },
    ...(result.fixes[0] === undefined ? {} : { auto_fix_id: result.fixes[0].fixId }),
  });
  return { ...result, durationMs };
}
