/** Findings that a person may have carried out: what they are, as proposals. @module */

import { isPassingTrouble } from "../core/passing.ts";
import type { SqlPort } from "../core/ports.ts";
import { kindOf, lookAtIndex, parseFixAction } from "../fixActions.ts";
import type { Finding } from "../engineDb.ts";
import type { Optimisation } from "./propose.ts";
import { readShares } from "./candidates.ts";
import { isWorthIt, tryIndex } from "./trial.ts";

/** Trials in one round. */
const MOST_TRIALS = 5;

/** The findings with an action that stands now; every one of them is for a person. */
export async function optimisationsIn(sql: SqlPort, findings: readonly Finding[]): Promise<Optimisation[]> {
  const found: Optimisation[] = [];
  let trials = 0;
  for (const finding of findings) {
    if (finding.action === undefined || await isDecided(sql, finding.key)) continue;
    if (finding.action.kind === "create_index" && ++trials > MOST_TRIALS) continue;
    const evidence = await evidenceFor(sql, finding);
    if (evidence === null) continue;
    found.push({
      key: finding.key,
      action: parseFixAction(finding.action),
      reason: finding.why,
      evidence: { ...evidence, measured: finding.measured },
      confidence: 0.7,
      caution: `${finding.why} (${finding.measured})`,
    });
  }
  return found;
}

/** A trial costs more than a look whether it was done before. */
async function isDecided(sql: SqlPort, key: string): Promise<boolean> {
  const rows = await sql.query(
    `select from public.detected_errors where fingerprint = 'optimise:' || $1 and project_id = '' and status <> 'healed'
       and (status in ('awaiting_approval', 'validating', 'healing')
         or resolved_at > clock_timestamp() - make_interval(days => (healing_private.setting('optimise_again_days') #>> '{}')::integer))`,
    [key],
  );
  return rows.length > 0;
}

/** Null where it does not stand: nothing could be done, or it would not be worth it. */
async function evidenceFor(
  sql: SqlPort,
  { action: draft }: Finding,
): Promise<Record<string, number | string> | null> {
  const action = parseFixAction(draft);
  if (action.kind === "create_index") {
    if ((await lookAtIndex(sql, action)).refusal !== null) return null;
    const equal = action.columns.map(({ name }) => name);
    const access = {
      schema: action.schema,
      table: action.table,
      equal,
      range: [],
      order: [],
      hasLimit: false,
    };
    const trial = await tryIndex(sql, access, action);
    if (!isWorthIt(trial)) return null;
    const share = (await readShares(sql, action.schema, action.table)).get(equal[0]!) ?? 1;
    return { cost_before: trial.costBefore, cost_after: trial.costAfter, method: trial.method, share };
  }
  return await isDroppable(sql, action) ? {} : null;
}

/** A busy database is no reason not to ask. */
async function isDroppable(sql: SqlPort, action: ReturnType<typeof parseFixAction>): Promise<boolean> {
  try {
    return (await kindOf(action).precondition({ sql }, action)).kind === "go";
  } catch (error) {
    if (isPassingTrouble(error)) return true;
    throw error;
  }
}
