/**
 * Makes a database faster by indexes that prove themselves: reads which statements are slow, tries what an index would
 * change, has it built beside the writers when there is little to do, and takes it back when its gain does not show.
 *
 * Everything else that could be better (spare indexes, bloat, sequences that end, connections that run out) is found,
 * told once, and left to a person. No statement of anybody is ever run or planned, and no value of a call is read.
 *
 * @example
 * ```ts
 * import { optimiseDatabase } from "./databaseOptimizer.ts";
 *
 * const connection = { transaction: () => Promise.reject(new Error("no database")) };
 * const report = await optimiseDatabase(connection as never, { worker: "doc" });
 * if (!report.failures[0]?.includes("no database")) throw new Error("a failure is told, not thrown");
 * ```
 *
 * @module
 */

import { messageOf } from "./core/errors.ts";
import type { SqlPort } from "./core/ports.ts";
import { type CreateIndexAction } from "./databaseOptimizer/candidates.ts";
import { type Optimisation, proposeOptimisation } from "./databaseOptimizer/propose.ts";
import type { ProposalOutcome } from "./unaskedFixes.ts";
import { searchIndexes, type SearchResult } from "./databaseOptimizer/search.ts";
import { readSlowStatements } from "./databaseOptimizer/statements.ts";
import { optimisationsIn } from "./databaseOptimizer/findings.ts";
import { validateIndexes, type ValidationReport } from "./databaseOptimizer/validate.ts";
import { lookAtIndex } from "./fixActions.ts";
import { findOptimisations, getDatabaseLoad, recordOptimisations } from "./engineDb.ts";
import type { DirectConnection } from "./postgres.ts";

export type { Optimisation } from "./databaseOptimizer/propose.ts";

/** How a round is bounded. */
export interface OptimiseOptions {
  /** Names this worker in its claims. */
  worker: string;
  /** False ends the round where it is; always true. */
  hasTime?: () => boolean;
}

/** What a round came to; each list has one sentence for each. */
export interface OptimiseReport extends ValidationReport {
  /** Asked for in this round. */
  applied: string[];
  /** Given to a person to decide. */
  proposed: string[];
  /** Looked at and left, and why. */
  left: string[];
  /** Why nothing was tried, or null. */
  later: string | null;
  /** Whether the counters of statements could be read, and why not. */
  statements: string;
  findings: { opened: number; closed: number };
}

/** Proposals to a person in one round: more is a heap that nobody reads. */
const MOST_PROPOSALS = 5;

/** One round: what was built is judged, what is slow is looked at, and one index is asked for at most. */
export async function optimiseDatabase(
  connection: DirectConnection,
  { worker, hasTime = () => true }: OptimiseOptions,
): Promise<OptimiseReport> {
  const report = emptyReport();
  await step(report, "validation", async () => {
    const { failures, ...validated } = await validateIndexes(connection);
    Object.assign(report, validated);
    report.failures.push(...failures);
  });
  await step(report, "findings", async () => {
    if (hasTime()) await tellFindings(connection, { worker, hasTime }, report);
  });
  await step(report, "indexes", async () => {
    if (hasTime()) await askForIndex(connection, { worker, hasTime }, report);
  });
  return report;
}

/** What a round would propose now; nothing is changed. */
export async function planOptimisations(
  connection: DirectConnection,
  { hasTime = () => true }: Pick<OptimiseOptions, "hasTime"> = {},
): Promise<SearchResult & { later: string | null; statements: string }> {
  const report = emptyReport();
  const { found, left } = await search(connection, hasTime, report);
  return { found, left, later: report.later, statements: report.statements };
}

/** One part that fails takes nothing else with it. */
async function step(report: OptimiseReport, name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    report.failures.push(`${name}: ${messageOf(error)}`);
  }
}

async function askForIndex(
  connection: DirectConnection,
  { worker, hasTime }: Required<OptimiseOptions>,
  report: OptimiseReport,
): Promise<void> {
  const { found, left } = await search(connection, hasTime, report);
  report.left.push(...left);
  for (const optimisation of found) {
    if (!hasTime() || report.proposed.length >= MOST_PROPOSALS) break;
    const outcome = await proposeOptimisation(connection, optimisation, worker);
    note(report, optimisation, outcome);
    // One build at a time; and where one has to wait, so have the others.
    if (outcome.kind === "applied" || outcome.kind === "later") break;
  }
}

/** Trials read tables, so they wait for low load as well; all they make is taken back. */
async function search(
  connection: DirectConnection,
  hasTime: () => boolean,
  report: OptimiseReport,
): Promise<SearchResult> {
  const nothing: SearchResult = { found: [], left: [] };
  return await connection.transaction(async (tx) => {
    const reading = await readSlowStatements(tx);
    report.statements = reading.available ? `${reading.statements.length} slow ones` : reading.reason;
    if (!reading.available || reading.statements.length === 0) return nothing;
    const load = await getDatabaseLoad(tx.rpc);
    if (load.busy) {
      report.later = load.reason;
      return nothing;
    }
    return await searchIndexes(tx, reading.statements, { look }, { hasTime });
  }, { rollback: true, statementTimeoutMs: 5_000, lockTimeoutMs: 500 });
}

function look(sql: SqlPort, action: CreateIndexAction) {
  return lookAtIndex(sql, action);
}

async function tellFindings(
  connection: DirectConnection,
  { worker, hasTime }: Required<OptimiseOptions>,
  report: OptimiseReport,
): Promise<void> {
  const findings = await connection.transaction((tx) => findOptimisations(tx.rpc));
  report.findings = await connection.transaction((tx) => recordOptimisations(tx.rpc, findings));
  const wanted = await connection.transaction((tx) => optimisationsIn(tx, findings), {
    rollback: true,
    statementTimeoutMs: 5_000,
    lockTimeoutMs: 500,
  });
  for (const optimisation of wanted) {
    if (!hasTime() || report.proposed.length >= MOST_PROPOSALS) break;
    note(report, optimisation, await proposeOptimisation(connection, optimisation, worker));
  }
}

function note(report: OptimiseReport, { key }: Optimisation, outcome: ProposalOutcome): void {
  if (outcome.kind === "applied") report.applied.push(outcome.reason);
  else if (outcome.kind === "waiting") report.proposed.push(`${key}: ${outcome.reason}`);
  else if (outcome.kind === "later") report.later = outcome.reason;
  else report.left.push(`${key}: ${outcome.reason}`);
}

function emptyReport(): OptimiseReport {
  return {
    kept: [],
    reverted: [],
    inconclusive: [],
    waiting: [],
    failures: [],
    applied: [],
    proposed: [],
    left: [],
    later: null,
    statements: "not read",
    findings: { opened: 0, closed: 0 },
  };
}
