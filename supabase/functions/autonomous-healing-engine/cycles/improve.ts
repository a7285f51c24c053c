/** Cycle 6: concludes experiments, deploys what won, expires approvals, audits the system itself, and looks at the database. @module */

import { messageOf } from "../../_shared/core/errors.ts";
import { tickExperiments } from "../../_shared/fixExperiments.ts";
import { takeFindingTurn } from "../../_shared/engineDb.ts";
import { expireApprovals, injectSelfAudits, settleSelfAudits } from "../../_shared/healingDb.ts";
import { createHealingEngine } from "../../_shared/healingEngine.ts";
import { type Cycle, type CycleContext, type CycleCounters, type CycleReport, rehearse } from "./cycle.ts";

type Step = (context: CycleContext) => Promise<{ counters: Partial<CycleCounters>; failures?: string[] }>;

/** In this order; a go that ran out of time goes on with the step that it did not get to. */
const STEPS: Record<string, Step> = { approvals, experiments, audits, findings };

/** Ends what has matured. */
export const improveCycle: Cycle = {
  number: 6,
  name: "experiments",
  budgetMs: 20_000,
  canOneProject: false,
  run: improve,
  plan: (context) => rehearse("experiments", context, improve),
};

async function improve(context: CycleContext): Promise<CycleReport> {
  const report = { counters: {} as Partial<CycleCounters>, failures: [] as string[] };
  const names = Object.keys(STEPS);
  const start = Math.max(0, names.indexOf(String(context.checkpoint)));
  for (const name of names.slice(start)) {
    if (!context.hasTime()) return { ...report, status: "paused", checkpoint: name };
    try {
      const { counters, failures = [] } = await STEPS[name]!(context);
      Object.assign(report.counters, counters);
      report.failures.push(...failures);
    } catch (thrown) {
      // One part that fails takes nothing else with it.
      report.failures.push(`${name}: ${messageOf(thrown)}`);
    }
  }
  return { ...report, status: "finished" };
}

async function approvals({ db }: CycleContext) {
  await expireApprovals(db);
  return { counters: {} };
}

async function experiments({ db, deployments, logger, hasTime }: CycleContext) {
  const { failures, experiments_judged: _judged, experiments_concluded: _concluded, ...counters } =
    await tickExperiments(db, { deployments, logger, hasTime });
  return { counters, failures };
}

/** Without a direct connection no fix of the sandbox can be made, and an audit would only measure that. */
async function audits({ db, openDirect, logger, clock, runId }: CycleContext) {
  const judged = await settleSelfAudits(db);
  if (openDirect === undefined) return { counters: { audits_judged: judged } };
  const injected = await injectSelfAudits(db);
  await using engine = createHealingEngine({ db, openDirect, logger, clock, worker: `audit:${runId}` });
  for (const errorId of injected) await engine.analyzeAndHealError(errorId, { origin: "runtime" });
  // What does not help shows itself before anybody judges it.
  const settled = injected.length === 0 ? 0 : await settleSelfAudits(db);
  return { counters: { audits_judged: judged + settled } };
}

/** Once a day: what the catalogue advises is written down, and what a fix would mend waits for a person. */
async function findings({ db, openDirect, logger }: CycleContext) {
  if (openDirect === undefined || !await takeFindingTurn(db, "advice")) return { counters: {} };
  const { findAdvice, proposeFindings } = await import("../../_shared/predictiveHealing.ts");
  const connection = await openDirect();
  try {
    // Looking is taken back; what was seen is written down over the other road.
    const { refused, ...counts } = await connection.transaction(
      async (tx) => await proposeFindings({ rpc: db, sql: tx }, "advice", await findAdvice(tx)),
      { rollback: true },
    );
    logger.info("the database was looked at", { ...counts, refused: refused.length });
    return { counters: {} };
  } finally {
    await connection.close();
  }
}
