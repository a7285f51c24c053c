/**
 * Migrations that mend themselves: a migration that fails is classified, what it misses is provided or what its text
 * gets wrong is rewritten, and it is run again, all in one transaction with the fix that made it work.
 *
 * Fixes take the same road as all others (settings, evidence, rollback point, probe, rows). A fix that turns out not
 * to help the migration to its end is taken back. What Postgres keeps out of transactions (`create index
 * concurrently`, a new label of an enum) runs between two of them, once the rest has been rehearsed.
 *
 * @module
 */

import { messageOf } from "./core/errors.ts";
import type { FailedScript } from "./core/fixes.ts";
import { isPassingTrouble } from "./core/passing.ts";
import { type Rehearsal, rehearseMigration } from "./databaseHealer/rehearse.ts";
import { adviceFor } from "./databaseHealer/advice.ts";
import { readRestraint } from "./databaseHealer/restraint.ts";
import { placeOfFailure } from "./databaseHealer/place.ts";
import { commitLabels } from "./databaseHealer/labels.ts";
import { NOBODY_KNOWS, reasonOf } from "./databaseHealer/reasons.ts";
import {
  type AppliedDatabaseFix,
  conclude,
  type DatabaseHealOptions,
  type DatabaseHealResult,
  fixOf,
} from "./databaseHealer/result.ts";
import { partsFailed, partsOf, runInParts } from "./databaseHealer/runInParts.ts";
import { readScript } from "./databaseHealer/script.ts";
import { analyzeError } from "./errorAnalysis.ts";
import { type CapturedError, captureErrors, recordFixProof } from "./healingDb.ts";
import {
  createHealingEngine,
  type HealingEngine,
  type HealOutcome,
  holdHealerLock,
  runScript,
} from "./healingEngine.ts";
import { type DirectConnection, openDirectConnection } from "./postgres.ts";

export type { Advice } from "./databaseHealer/advice.ts";
export type { MetFailure, PlannedFix, Rehearsal } from "./databaseHealer/rehearse.ts";
export type { AppliedDatabaseFix, DatabaseHealOptions, DatabaseHealResult } from "./databaseHealer/result.ts";

const MOST_FIXES = 20;

/**
 * Runs a migration in one transaction, and heals it when it fails. A migration that could not be healed is an outcome
 * that the caller has to look at: `healed` is false, and `error` and `reason` say why.
 */
export async function applyMigration(options: DatabaseHealOptions): Promise<DatabaseHealResult> {
  const startedAt = performance.now();
  const statements = readScript(options.migration);
  const connection = await openDirectConnection(options.databaseUrl);
  try {
    const script = { statements, failedAt: 0, canRunAlone: !await connection.isPooled() };
    const failure = await connection.transaction(async (tx) => {
      await holdHealerLock(tx);
      return await runScript(tx, statements);
    });
    if (failure !== null) {
      return await healMigration(failure.error, options, connection, {
        ...script,
        failedAt: failure.failedAt,
      }, startedAt);
    }
    return {
      healed: true,
      fixes: [],
      reason: "the migration ran without help",
      parts: [statements.map(({ text }) => text)],
      durationMs: performance.now() - startedAt,
    };
  } catch (error) {
    if (!isPassingTrouble(error)) throw error;
    const reason = `left for later: ${messageOf(error)}`;
    return await conclude(connection, options, { healed: false, fixes: [], reason }, startedAt);
  } finally {
    await connection.close();
  }
}

/**
 * Heals a migration that failed with `error`. The migration is run again first: what the database says now counts, and
 * the error that the caller met is kept beside it.
 */
export async function autoHealDatabaseError(
  error: unknown,
  options: DatabaseHealOptions,
): Promise<DatabaseHealResult> {
  const result = await applyMigration(options);
  if (result.healed || result.error !== undefined) return result;
  const { captured } = await analyzeError(error, { source: "migration" });
  return { ...result, error: errorOf(captured) };
}

/**
 * Says what {@link applyMigration} would do, and leaves nothing behind. On a copy of a database, and only there, `keep`
 * leaves what ran in place, so that the next migration finds it.
 */
export async function planMigration(
  options: DatabaseHealOptions,
  { keep = false } = {},
): Promise<Rehearsal> {
  const statements = readScript(options.migration);
  const connection = await openDirectConnection(options.databaseUrl);
  try {
    const script = { statements, failedAt: 0, canRunAlone: !await connection.isPooled() };
    const maxFixes = options.maxFixes ?? MOST_FIXES;
    const rehearsal = await rehearseMigration(connection, script, { maxFixes, keep });
    const restraint = await readRestraint(connection);
    return restraint === undefined ? rehearsal : { ...rehearsal, restraint };
  } finally {
    await connection.close();
  }
}

/** What the steps of one healing share. */
interface HealingSession {
  options: DatabaseHealOptions;
  connection: DirectConnection;
  engine: HealingEngine;
}

/** How far the fixes brought the migration. */
interface Progress {
  healed: boolean;
  fixes: AppliedDatabaseFix[];
  reason: string;
  script: FailedScript;
  /** Labels of an enum that had to be committed before, and stay. */
  labels: string[];
  /** True when the migration has not run yet, because a part of it cannot be in a transaction. */
  isRehearsal: boolean;
  error?: { code: string; message: string };
  approvalId?: string;
}

async function healMigration(
  error: unknown,
  options: DatabaseHealOptions,
  connection: DirectConnection,
  script: FailedScript,
  startedAt: number,
): Promise<DatabaseHealResult> {
  await using engine = createHealingEngine({
    db: connection.rpc,
    openDirect: () => openDirectConnection(options.databaseUrl),
    worker: `migration:${crypto.randomUUID()}`,
  });
  const session = { options, connection, engine };
  const progress = await runRest(connection, await applyFixes(error, script, session));
  const { healed, fixes, reason, error: last, approvalId } = progress;
  if (healed) await keepAll(connection, engine, fixes);
  const undone = healed ? "" : await takeAllBack(engine, fixes, reason) + labelsStay(progress.labels);
  const said = last === undefined ? "" : `${last.code} ${last.message}: `;
  const advice = healed || last === undefined || approvalId !== undefined ? null : adviceFor(last);
  const told = advice !== null && NOBODY_KNOWS.test(reason) ? `no fix, because ${advice.why}` : reason;
  return await conclude(connection, options, {
    healed,
    fixes: healed ? fixes : [],
    reason: said + told + undone,
    ...(last === undefined ? {} : { error: last }),
    ...(advice === null ? {} : { advice }),
    ...(approvalId === undefined ? {} : { approvalId }),
    ...(healed
      ? { parts: [...progress.labels.map((label) => [label]), ...partsOf(progress.script.statements)] }
      : {}),
  }, startedAt);
}

/** Fixes one error after the other until the migration runs, or no fix stands. */
async function applyFixes(
  error: unknown,
  script: FailedScript,
  session: HealingSession,
): Promise<Progress> {
  const progress: Progress = { healed: false, fixes: [], reason: "", script, labels: [], isRehearsal: false };
  const seen = new Map<string, number>();
  let cause = error;
  while (progress.fixes.length < (session.options.maxFixes ?? MOST_FIXES)) {
    const captured = await read(cause, progress.script, session, seen);
    const outcome = await healOne(captured, progress.script, session);
    if (outcome?.kind !== "applied") {
      const approvalId = outcome?.kind === "waiting" ? outcome.approvalId : undefined;
      return {
        ...progress,
        reason: reasonOf(outcome),
        error: errorOf(captured),
        ...(approvalId === undefined ? {} : { approvalId }),
      };
    }
    progress.fixes.push(fixOf(outcome, progress.script.statements));
    const { outcome: next, labels } = await commitLabels(session.connection, outcome.script!);
    progress.labels.push(...labels);
    progress.script = next.script;
    progress.isRehearsal = next.isRehearsal;
    if (next.error === undefined) {
      return { ...progress, healed: true, reason: "the migration ran to its end" };
    }
    cause = next.error;
  }
  return { ...progress, reason: `the migration still fails: ${messageOf(cause)}` };
}

/** The same words may come again at another statement, or after a first fix that was only half of it. */
async function read(
  cause: unknown,
  script: FailedScript,
  { options }: HealingSession,
  seen: Map<string, number>,
): Promise<CapturedError> {
  const { captured } = await analyzeError(cause, {
    source: "migration",
    details: { migration: options.name, ...await placeOfFailure(cause, script) },
  });
  const times = (seen.get(captured.fingerprint) ?? 0) + 1;
  seen.set(captured.fingerprint, times);
  return times === 1 ? captured : { ...captured, fingerprint: `${captured.fingerprint}:${times}` };
}

function errorOf(captured: CapturedError): { code: string; message: string } {
  return { code: captured.error_code, message: captured.error_message };
}

/** What came of the engine's work on one error; null when another worker has it. */
async function healOne(
  captured: CapturedError,
  script: FailedScript,
  session: HealingSession,
): Promise<HealOutcome | null> {
  const { errors: [group] } = await captureErrors(session.connection.rpc, [captured]);
  if (group!.status === "awaiting_approval") return await asked(session.connection, group!.id);
  return await session.engine.analyzeAndHealError(group!.id, { origin: "migration", script });
}

/** What a person was asked about this error before, and has not answered. */
async function asked(connection: DirectConnection, errorId: string): Promise<HealOutcome> {
  const reason = "decide it in admin_approval_queue and run the migration again";
  const [question] = await connection.transaction((tx) =>
    tx.query<{ id: string; auto_fix_id: string }>(
      "select id, auto_fix_id from public.admin_approval_queue where detected_error_id = $1 and status = 'pending'",
      [errorId],
    )
  );
  if (question === undefined) return { kind: "none", reason: `a fix waits for approval; ${reason}` };
  return { kind: "waiting", fixId: question.auto_fix_id, approvalId: question.id, reason };
}

/** A migration that was only rehearsed is run now, in its parts. */
async function runRest(connection: DirectConnection, progress: Progress): Promise<Progress> {
  if (!progress.healed || !progress.isRehearsal) return progress;
  const { statements } = progress.script;
  const outcome = await runInParts(connection, statements);
  if (outcome.ok) return { ...progress, reason: "the migration ran to its end, in parts" };
  const { captured } = await analyzeError(outcome.error, { source: "migration" });
  return {
    ...progress,
    healed: false,
    reason: partsFailed(outcome, statements.length),
    error: errorOf(captured),
  };
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

function labelsStay(labels: readonly string[]): string {
  return labels.length === 0 ? "" : `; committed, and not to be taken back: ${labels.join("; ")}`;
}
