/** From slow statements to indexes that a trial has found worth it. @module */

import { messageOf } from "../core/errors.ts";
import type { SqlPort } from "../core/ports.ts";
import { type Access, readAccesses } from "./accesses.ts";
import {
  type Candidate,
  type CreateIndexAction,
  describeShare,
  indexesFor,
  readShares,
  readTables,
} from "./candidates.ts";
import type { Optimisation } from "./propose.ts";
import type { SlowStatement } from "./statements.ts";
import { isWorthIt, type TrialResult, tryIndex } from "./trial.ts";

/** What the search came to. */
export interface SearchResult {
  /** Worth it, the largest saving first. */
  found: Optimisation[];
  /** Looked at and left, one sentence each. */
  left: string[];
}

/** What the catalogue says of a table where an index is wanted. */
export interface TableJudge {
  /** Why no index can be built, or which one is there; and why a person has to decide. */
  look(sql: SqlPort, action: CreateIndexAction): Promise<{ refusal: string | null; caution: string | null }>;
}

/** How a search is bounded. */
export interface SearchLimits {
  hasTime: () => boolean;
}

/** A wider index has to be this much cheaper than the narrow one, because each write pays for its width. */
const WIDER_GAIN = 0.8;

/** Parses, tries and sums up; in a transaction that is taken back. */
export async function searchIndexes(
  sql: SqlPort,
  statements: readonly SlowStatement[],
  judge: TableJudge,
  { hasTime }: SearchLimits,
): Promise<SearchResult> {
  const result: SearchResult = { found: [], left: [] };
  const seen = new Map<string, Optimisation & { saving: number }>();
  for (const statement of statements) {
    if (!hasTime()) break;
    try {
      for (const access of await accessesOf(sql, statement.text)) {
        const best = await bestFor(sql, access, statement, judge, result.left);
        if (best !== null) remember(seen, best);
      }
    } catch (error) {
      result.left.push(`statement ${statement.id}: ${messageOf(error)}`);
    }
  }
  result.found = [...seen.values()].toSorted((one, other) => other.saving - one.saving)
    .map(({ saving: _saving, ...optimisation }) => optimisation);
  return result;
}

async function accessesOf(sql: SqlPort, text: string): Promise<Access[]> {
  const parsed = await readAccesses(text);
  return parsed === null ? [] : parsed.accesses(await readTables(sql, parsed.names));
}

interface Tried {
  candidate: Candidate;
  trial: TrialResult;
  caution: string | null;
}

async function bestFor(
  sql: SqlPort,
  access: Access,
  statement: SlowStatement,
  judge: TableJudge,
  left: string[],
): Promise<(Optimisation & { saving: number }) | null> {
  const shares = await readShares(sql, access.schema, access.table);
  let best: Tried | null = null;
  for (const columns of indexesFor(access, shares)) {
    const action: CreateIndexAction = {
      kind: "create_index",
      schema: access.schema,
      table: access.table,
      columns,
    };
    const { refusal, caution } = await judge.look(sql, action);
    if (refusal !== null) {
      left.push(refusal);
      continue;
    }
    const trial = await trialOf(sql, access, action, left);
    if (trial === null) continue;
    const selectivity = describeShare(columns[0]!.name, shares);
    const tried = { candidate: { action, access, statements: [statement], selectivity }, trial, caution };
    if (best === null || trial.costAfter <= best.trial.costAfter * WIDER_GAIN) best = tried;
  }
  return best === null ? null : optimisationOf(best, statement);
}

/** Null where the index is not worth it, or could not be tried. */
async function trialOf(
  sql: SqlPort,
  access: Access,
  action: CreateIndexAction,
  left: string[],
): Promise<TrialResult | null> {
  const names = action.columns.map(({ name }) => name).join(", ");
  const place = `${access.schema}.${access.table} (${names})`;
  await sql.query("savepoint before_trial");
  try {
    const trial = await tryIndex(sql, access, action);
    await sql.query("release savepoint before_trial");
    if (isWorthIt(trial)) return trial;
    left.push(
      `${place}: the cost would go from ${Math.round(trial.costBefore)} to ${Math.round(trial.costAfter)}, ` +
        `which is not worth an index`,
    );
  } catch (error) {
    await sql.query("rollback to savepoint before_trial");
    left.push(`${place}: it could not be tried: ${messageOf(error)}`);
  }
  return null;
}

function optimisationOf({ candidate, trial, caution }: Tried, statement: SlowStatement) {
  const { action, selectivity } = candidate;
  const mean = statement.total / statement.calls;
  const share = 1 - trial.costAfter / trial.costBefore;
  return {
    key: `index:${action.schema}.${action.table}:${JSON.stringify(action.columns)}`,
    action,
    reason: `a statement that takes ${mean.toPrecision(3)} ms was called ${statement.calls} times; ` +
      `by the planner it would cost ${Math.round(trial.costAfter)} instead of ${
        Math.round(trial.costBefore)
      }; ` +
      selectivity,
    evidence: {
      statements: [statement.id],
      text: statement.text.slice(0, 2_000),
      calls: statement.calls,
      mean_ms: mean,
      cost_before: trial.costBefore,
      cost_after: trial.costAfter,
      method: trial.method,
      selectivity,
    },
    // The planner's costs are estimates: sure enough to try, not to keep.
    confidence: Math.min(0.95, 0.6 + share * 0.35),
    caution,
    saving: statement.total * share,
  };
}

/** One index may serve several statements: it is judged by all of them. */
function remember(
  seen: Map<string, Optimisation & { saving: number }>,
  found: Optimisation & { saving: number },
): void {
  const known = seen.get(found.key);
  if (known === undefined) {
    seen.set(found.key, found);
    return;
  }
  known.saving += found.saving;
  const statements = (one: Optimisation) => (one.evidence as { statements: string[] }).statements;
  const all = [...new Set([...statements(known), ...statements(found)])].slice(0, 5);
  known.evidence = { ...known.evidence as Record<string, never>, statements: all };
}
