/** Says what healing a migration would do, in one transaction that is taken back. @module */

import { SUGGEST_CONFIDENCE } from "../contextAnalysis.ts";
import { messageOf } from "../core/errors.ts";
import type { ErrorFacts, FailedScript, Proposal, Risk } from "../core/fixes.ts";
import { proposeFromRules } from "../deterministicFixPatterns.ts";
import { placeOfFailure, type StatementPlace } from "./place.ts";
import { analyzeError } from "../errorAnalysis.ts";
import { type FixAction, type FixContext, kindOf, parseFixAction } from "../fixActions.ts";
import type { CapturedError } from "../healingDb.ts";
import { runScript, runUpToFailure } from "../healingEngine.ts";
import type { DirectConnection, DirectTransaction } from "../postgres.ts";
import { partsFailed, runInParts } from "./runInParts.ts";

/** One fix that healing would make. */
export interface PlannedFix {
  action: string;
  description: string;
  risk: Risk;
  /** `auto` where it would be applied, otherwise a person is asked. */
  decision: "auto" | "suggest" | "options";
  reason: string;
}

/** What healing would do. */
export interface Rehearsal {
  /** True when the migration would run to its end with these fixes alone. */
  wouldRun: boolean;
  fixes: PlannedFix[];
  /** Proposals that would not stand, with their reasons, for the failure that stays. */
  refused: string[];
  /** What stops it in the end. */
  error?: string;
  /** Every failure that was met, in its order; those before the last one were mended by a fix. */
  failures: MetFailure[];
  /** What could not be tried, and why. */
  untried?: string;
  /** The setting that would keep a real run from making fixes by itself. */
  restraint?: string;
  /** The statements as they would run, where they would. */
  script?: string[];
}

/** One failure of a statement. */
export interface MetFailure {
  statement: string;
  /** SQLSTATE. */
  code: string;
  message: string;
}

/** How a rehearsal ends. */
export interface RehearsalOptions {
  maxFixes: number;
  /** `true` keeps what ran, with the fixes that made it run: only ever on a copy. */
  keep?: boolean;
}

/**
 * Runs the migration and fixes it in one transaction that is taken back. Learned patterns are not asked; a fix that a
 * person would have to approve is made all the same, so that what comes after it is told as well.
 */
export async function rehearseMigration(
  connection: DirectConnection,
  script: FailedScript,
  { maxFixes, keep = false }: RehearsalOptions,
): Promise<Rehearsal> {
  let last = script;
  const rehearsal = await connection.transaction(async (tx) => {
    await tx.query("savepoint before_rehearsal");
    const outcome = await rehearse(tx, script, { maxFixes, keep });
    last = outcome.script;
    if (!outcome.rehearsal.wouldRun) await tx.query("rollback to savepoint before_rehearsal");
    return outcome.rehearsal;
  }, { rollback: !keep });
  // What cannot be in a transaction could only be left out of it.
  if (!keep || !rehearsal.wouldRun || !last.statements.some(({ alone }) => alone)) return rehearsal;
  const parts = await runInParts(connection, last.statements);
  return parts.ok
    ? rehearsal
    : { ...rehearsal, wouldRun: false, error: partsFailed(parts, last.statements.length) };
}

async function rehearse(
  tx: DirectTransaction,
  script: FailedScript,
  { maxFixes, keep }: Required<RehearsalOptions>,
): Promise<{ rehearsal: Rehearsal; script: FailedScript }> {
  const found = { fixes: [] as PlannedFix[], failures: [] as MetFailure[] };
  let current = script;
  const stopped = (error: string, refused: string[]) => ({
    rehearsal: { wouldRun: false, ...found, refused, error },
    script: current,
  });
  for (;;) {
    const isKept = keep && !current.statements.some(({ alone }) => alone);
    const failure = await runScript(tx, current.statements, { rehearse: !isKept });
    if (failure === null) {
      const texts = current.statements.map(({ text }) => text);
      return { rehearsal: { wouldRun: true, ...found, refused: [], script: texts }, script: current };
    }
    if (needsLabel(failure.error, current)) {
      return { rehearsal: { wouldRun: true, ...found, refused: [], untried: UNTRIED }, script: current };
    }
    const error = messageOf(failure.error);
    found.failures.push({
      statement: current.statements[failure.failedAt]?.text ?? "",
      code: (failure.error as { code?: string }).code ?? "",
      message: error,
    });
    if (found.fixes.length >= maxFixes) return stopped(error, []);
    current = { ...current, failedAt: failure.failedAt };
    const step = await fixOnce(tx, failure.error, current);
    if ("refused" in step) return stopped(error, step.refused);
    found.fixes.push(step.fix);
    current = step.script;
  }
}

const UNTRIED = "what uses the new label of the enum can be tried only once the label is committed";

/** A label that a statement adds by itself is not there yet for those that use it. */
function needsLabel(error: unknown, { statements }: FailedScript): boolean {
  const label = /^invalid input value for enum [^:]+: "([^"]+)"/.exec(messageOf(error))?.[1];
  return label !== undefined &&
    statements.some(({ text, alone }) => alone && text.includes(`'${label.replaceAll("'", "''")}'`));
}

type Step = { fix: PlannedFix; script: FailedScript } | { refused: string[] };

async function fixOnce(tx: DirectTransaction, error: unknown, script: FailedScript): Promise<Step> {
  const place = await placeOfFailure(error, script);
  const { captured, transient } = await analyzeError(error, { source: "migration" });
  const refused: string[] = [];
  for (const proposal of proposeFromRules(factsOf(captured, transient, place))) {
    const tried = await tryProposal(tx, proposal, script);
    if (typeof tried !== "string") return tried;
    refused.push(tried);
  }
  return { refused };
}

async function tryProposal(
  tx: DirectTransaction,
  proposal: Proposal,
  script: FailedScript,
): Promise<{ fix: PlannedFix; script: FailedScript } | string> {
  const action: FixAction = parseFixAction(proposal.action);
  const kind = kindOf(action);
  const context: FixContext = { sql: tx, migration: { script } };
  await tx.query("savepoint before_fix");
  try {
    if (kind.rewritesMigration) await runUpToFailure(tx, script);
    const precondition = await kind.precondition(context, action);
    if (precondition.kind !== "go") throw new Error(precondition.reason);
    await kind.apply(context, action);
    const { ok, measured } = await kind.probe(context, action);
    if (!ok) throw new Error(measured);
    const risk = kind.risk(action, "migration");
    const { decision, reason } = levelOf(proposal, risk);
    if (kind.rewritesMigration) await tx.query("rollback to savepoint before_fix");
    return {
      fix: { action: action.kind, description: kind.describe(action), risk, decision, reason },
      script: context.migration!.script,
    };
  } catch (thrown) {
    await tx.query("rollback to savepoint before_fix");
    return messageOf(thrown);
  }
}

/** A rehearsal knows no situation: it says what risk and confidence allow, and the real run may be more cautious. */
function levelOf({ confidence, reason }: Proposal, risk: Risk): Pick<PlannedFix, "decision" | "reason"> {
  if (confidence < SUGGEST_CONFIDENCE) {
    return { decision: "options", reason: `confidence ${confidence} is below ${SUGGEST_CONFIDENCE}` };
  }
  return risk === "low"
    ? { decision: "auto", reason }
    : { decision: "suggest", reason: `a fix of ${risk} risk waits for a person, or for a trusted pattern` };
}

function factsOf(
  captured: CapturedError,
  transient: boolean,
  place: StatementPlace | undefined,
): ErrorFacts {
  return {
    ...(place === undefined
      ? {}
      : { place: { relation: place.table, operation: place.operation, conflict: place.conflict } }),
    code: captured.error_code,
    message: captured.error_message,
    signature: captured.error_signature,
    template: captured.error_template,
    slots: captured.slots,
    errorType: captured.error_type,
    transient,
    queuedOperations: 0,
  };
}
