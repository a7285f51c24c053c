/** Looks what became of the indexes that were asked for: built or broken off, of use or of none. @module */

import { messageOf } from "../core/errors.ts";
import type { SqlPort } from "../core/ports.ts";
import { isRecord } from "../core/unknownValues.ts";
import { kindOf, parseFixAction } from "../fixActions.ts";
import { type SettledJob, settleIndexJobs } from "../engineDb.ts";
import { claimFixesToJudge, concludeFix, type FixToJudge } from "../healingDb.ts";
import type { DirectConnection, DirectTransaction } from "../postgres.ts";
import { readFigures, readStatementsNaming, type StatementFigures } from "./statements.ts";
import { type IndexVerdict, judgeIndex, judgeRemoval } from "./verdict.ts";

/** What one round of validation came to. */
export interface ValidationReport {
  kept: string[];
  reverted: string[];
  inconclusive: string[];
  /** Jobs and fixes that are not at their end, and why. */
  waiting: string[];
  failures: string[];
}

/** A fix of ours under validation, with its last job. */
interface WatchedFix {
  fix_id: string;
  action_kind: "create_index" | "drop_index";
  statements: string[];
  job_id: string;
  index: string;
  schema: string;
  outcome: "done" | "failed" | null;
  reason: string | null;
  baseline: Record<string, StatementFigures> | null;
  window_is_over: boolean;
  min_calls: number;
  scans: number;
  seconds_watched: number;
}

const WATCHED = `
  select f.id as fix_id, f.action_kind, coalesce(f.evidence -> 'optimise' -> 'statements', '[]') as statements, j.id as job_id,
    j.index_name as index, j.schema_name as schema, j.outcome, j.reason, j.baseline,
    j.finished_at < clock_timestamp() - make_interval(hours => (healing_private.setting('optimise_window_hours') #>> '{}')::integer) as window_is_over,
    extract(epoch from clock_timestamp() - j.finished_at)::float8 as seconds_watched,
    (healing_private.setting('optimise_min_calls') #>> '{}')::float8 as min_calls,
    coalesce((select s.idx_scan from pg_catalog.pg_stat_user_indexes s where s.schemaname = j.schema_name and s.indexrelname = j.index_name), 0)::float8 as scans
  from public.auto_fixes f
  join lateral (select * from healing_private.index_jobs o where 'index:' || o.schema_name || '.' || o.index_name = f.target
    and o.purpose = case f.action_kind when 'create_index' then 'create' else 'drop' end and o.requested_at >= f.applying_at - interval '1 minute'
    order by o.id limit 1) j on true
  where f.status = 'validating' and f.action_kind in ('create_index', 'drop_index')
  order by f.applied_at`;

/** Settles the jobs and judges what they made; each judgement is a transaction of its own. */
export async function validateIndexes(connection: DirectConnection): Promise<ValidationReport> {
  const report: ValidationReport = { kept: [], reverted: [], inconclusive: [], waiting: [], failures: [] };
  const settled = await connection.transaction(settle);
  for (const { state, purpose, index, reason } of settled) {
    if (state === "waiting" || state === "running") report.waiting.push(`${purpose} ${index}: ${reason}`);
  }
  const watched = await connection.transaction((tx) => tx.query<WatchedFix>(WATCHED));
  for (const fix of watched) {
    try {
      await judge(connection, fix, report);
    } catch (error) {
      report.failures.push(`${fix.index}: ${messageOf(error)}`);
    }
  }
  return report;
}

/** The figures at the moment in which a job is seen to be done are kept with it: what came after is the gain. */
async function settle(tx: DirectTransaction): Promise<SettledJob[]> {
  const settled = await settleIndexJobs(tx.rpc);
  for (const job of settled.filter(({ state }) => state === "done")) {
    const ids = job.purpose === "create"
      ? await statementsOf(tx, job)
      : await readStatementsNaming(tx, job.table);
    if (ids.length === 0) continue;
    await tx.query("update healing_private.index_jobs set baseline = $2::jsonb where id = $1", [
      job.id,
      JSON.stringify(await readFigures(tx, ids)),
    ]);
  }
  return settled;
}

async function statementsOf(sql: SqlPort, { schema, index }: SettledJob): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `select distinct s.statement as id from public.auto_fixes f,
       jsonb_array_elements_text(f.evidence -> 'optimise' -> 'statements') as s (statement)
     where f.status = 'validating' and f.target = $1`,
    [`index:${schema}.${index}`],
  );
  return rows.map(({ id }) => id);
}

async function judge(connection: DirectConnection, fix: WatchedFix, report: ValidationReport): Promise<void> {
  if (fix.outcome === null) return;
  const verdict = await connection.transaction((tx) => verdictOn(tx, fix));
  if (verdict.verdict === "wait") {
    report.waiting.push(`${fix.index}: ${verdict.reason}`);
    return;
  }
  const status = verdict.verdict === "keep"
    ? "kept"
    : verdict.verdict === "revert"
    ? "reverted"
    : "inconclusive";
  const isMine = await connection.transaction((tx) => conclude(tx, fix, status, verdict));
  if (isMine) report[status].push(`${fix.index}: ${verdict.reason}`);
}

async function verdictOn(sql: SqlPort, fix: WatchedFix): Promise<IndexVerdict & { is_evidence?: boolean }> {
  const figures = { measured: 0, baseline: 0, n: 0, threshold: 0 };
  if (fix.outcome === "failed") {
    return { verdict: "revert", reason: fix.reason ?? "the job failed", ...figures, is_evidence: false };
  }
  const before = fix.baseline ?? {};
  const now = await readFigures(sql, Object.keys(before));
  const { min_calls: minCalls, window_is_over: windowIsOver, scans, seconds_watched: secondsWatched } = fix;
  if (fix.action_kind === "drop_index") return judgeRemoval({ before, now, minCalls, windowIsOver });
  if (Object.keys(before).length === 0) return judgeByScans(fix);
  return judgeIndex({ before, now, scans, secondsWatched, minCalls, windowIsOver });
}

/** What no statement asked for (a foreign key, a policy) shows its use only by being read. */
function judgeByScans({ scans, min_calls: minCalls, window_is_over: isOver }: WatchedFix): IndexVerdict {
  const figures = { measured: scans, baseline: 0, n: scans, threshold: minCalls };
  if (scans >= minCalls) return { verdict: "keep", reason: `the index was read ${scans} times`, ...figures };
  const reason = `the index was read ${scans} times, and there is no statement to measure it by`;
  return { verdict: isOver ? "inconclusive" : "wait", reason, ...figures };
}

/** Claims the fix and makes the verdict take effect, with its revert; false when another worker has it. */
async function conclude(
  tx: DirectTransaction,
  { fix_id: fixId }: WatchedFix,
  status: "kept" | "reverted" | "inconclusive",
  verdict: IndexVerdict,
): Promise<boolean> {
  const [fix]: FixToJudge[] = await claimFixesToJudge(tx.rpc, { fixId });
  if (fix === undefined) return false;
  if (status === "reverted") {
    const action = parseFixAction(fix.action);
    await kindOf(action).revert({ sql: tx }, action, fix.rollback_point);
  }
  await concludeFix(tx.rpc, fix, status, isRecord(verdict) ? JSON.parse(JSON.stringify(verdict)) : {});
  return true;
}
