/**
 * One run: each cycle under its own lease and within its own time, and none stops another.
 *
 * A cycle that another run has is left out and told to look again; one that did not get to its end goes on in the next
 * run, at once when it got anything done.
 *
 * @module
 */

import { messageOf } from "../_shared/core/errors.ts";
import type { Json } from "../_shared/core/ports.ts";
import { claimCycle, type CycleEndRow, finishCycle } from "../_shared/healingDb.ts";
import type {
  Cycle,
  CycleContext,
  CycleCounters,
  CycleMeans,
  CyclePlan,
  CycleReport,
} from "./cycles/cycle.ts";

/** What only one cycle says, and only when it has something to say. */
type CounterOfOne = "deployments" | "optimisation" | "quality" | "quality_steps" | "releases";

/** What a run reports, under the names of its row. */
export type RunCounters =
  & Omit<CycleCounters, CounterOfOne>
  & Partial<Pick<CycleCounters, CounterOfOne>>
  & {
    cycles_run: number;
    not_installed: string[];
    notifications_sent: number;
    /** Whether fixes of the database could be made at all. */
    direct_connection: boolean;
    /** Cycles that failed, and why; the run goes on without them. */
    failed_cycles?: Record<string, string>;
    /** Cycles that another run has at this moment. */
    busy_cycles?: Record<string, string>;
    /** Cycles that go on in the next run. */
    paused_cycles?: string[];
    /** Why nothing was healed although there may be errors. */
    held?: string;
  };

/** Which cycles a run is about. */
export interface RunOrder {
  runId: string;
  projectId: string | undefined;
  cycles: readonly Cycle[];
}

/** The platform ends a worker after 150 s; what is not finished by then is taken up by the next run. */
const RUN_BUDGET_MS = 110_000;
/** Beyond a cycle's own time, for the one call that is under way when it ends; only a worker that died lets it pass. */
const LEASE_MARGIN_SECONDS = 45;

/** Runs the cycles in their order and counts. */
export async function runCycles(order: RunOrder, means: CycleMeans): Promise<RunCounters> {
  const counters = noCounters(means);
  const endsAt = means.clock.monotonic() + RUN_BUDGET_MS;
  for (const cycle of order.cycles) await runCycle(cycle, order, { means, counters, endsAt });
  return counters;
}

/** What every cycle would do now; changes nothing. */
export async function planCycles({ cycles, ...order }: RunOrder, means: CycleMeans): Promise<CyclePlan[]> {
  const plans: CyclePlan[] = [];
  const endsAt = means.clock.monotonic() + RUN_BUDGET_MS;
  for (const cycle of cycles) {
    try {
      plans.push(await cycle.plan(contextOf(cycle, order, means, endsAt, null)));
    } catch (thrown) {
      plans.push({ cycle: cycle.name, reason: messageOf(thrown).slice(0, 1_000) });
    }
  }
  return plans;
}

interface RunState {
  means: CycleMeans;
  counters: RunCounters;
  endsAt: number;
}

async function runCycle(cycle: Cycle, order: RunOrder, state: RunState): Promise<void> {
  const { means, counters, endsAt } = state;
  const projectId = order.projectId ?? "";
  try {
    const claim = await claimCycle(means.db, {
      runId: order.runId,
      cycle: cycle.number,
      projectId,
      leaseSeconds: Math.ceil(cycle.budgetMs / 1_000) + LEASE_MARGIN_SECONDS,
    });
    if (!claim.claimed) {
      counters.busy_cycles = { ...counters.busy_cycles, [cycle.name]: claim.reason };
      return;
    }
    const context = contextOf(cycle, order, means, endsAt, claim.checkpoint);
    const end = await runToReport(cycle, context, counters);
    await finishCycle(means.db, { cycle: cycle.number, projectId, claimNumber: claim.claim_number }, end);
  } catch (thrown) {
    noteFailure(counters, cycle, messageOf(thrown), means);
  }
}

function contextOf(
  cycle: Cycle,
  { runId, projectId }: Omit<RunOrder, "cycles">,
  means: CycleMeans,
  endsAt: number,
  checkpoint: Json,
): CycleContext {
  const untilMs = Math.min(means.clock.monotonic() + cycle.budgetMs, endsAt);
  const hasTime = () => means.clock.monotonic() < untilMs;
  return { ...means, runId, projectId, untilMs, hasTime, checkpoint };
}

async function runToReport(cycle: Cycle, context: CycleContext, counters: RunCounters): Promise<CycleEndRow> {
  try {
    return countReport(cycle, await cycle.run(context), counters, context);
  } catch (thrown) {
    const reason = messageOf(thrown).slice(0, 1_000);
    noteFailure(counters, cycle, reason, context);
    // Where it stopped is where the next run tries again.
    return { status: "failed", reason, counters: {}, checkpoint: context.checkpoint };
  }
}

function countReport(
  cycle: Cycle,
  report: CycleReport,
  counters: RunCounters,
  means: CycleMeans,
): CycleEndRow {
  const { status, failures = [], checkpoint } = report;
  Object.assign(counters, report.counters);
  if (status === "not_installed") counters.not_installed.push(cycle.name);
  else if (failures.length === 0) counters.cycles_run++;
  if (status === "paused") counters.paused_cycles = [...counters.paused_cycles ?? [], cycle.name];
  if (failures.length > 0) noteFailure(counters, cycle, failures.join("; ").slice(0, 1_000), means);
  const gotOn = Object.values(report.counters).some((value) => typeof value === "number" && value > 0);
  return {
    status,
    counters: { ...report.counters },
    ...(failures.length === 0 ? {} : { reason: failures.join("; ").slice(0, 1_000) }),
    ...(checkpoint === undefined ? {} : { checkpoint }),
    // Without progress the schedule is soon enough: a cycle that cannot get on must not call itself for ever.
    goes_on: status === "paused" && gotOn,
  };
}

function noteFailure(
  counters: RunCounters,
  cycle: Cycle,
  reason: string,
  { logger }: Pick<CycleMeans, "logger">,
): void {
  counters.failed_cycles = { ...counters.failed_cycles, [cycle.name]: reason.slice(0, 1_000) };
  logger.error(`cycle ${cycle.number} failed`, { reason });
}

function noCounters({ openDirect }: CycleMeans): RunCounters {
  return {
    cycles_run: 0,
    notifications_sent: 0,
    errors_detected: 0,
    fixes_applied: 0,
    fixes_kept: 0,
    fixes_reverted: 0,
    fixes_waiting: 0,
    patterns_learned: 0,
    patterns_retired: 0,
    optimizations_made: 0,
    improvements_deployed: 0,
    audits_judged: 0,
    experiments_running: 0,
    winning_variant_deployments: 0,
    statistical_confidence: 0,
    auto_redeploys_triggered: 0,
    not_installed: [],
    direct_connection: openDirect !== undefined,
  };
}
