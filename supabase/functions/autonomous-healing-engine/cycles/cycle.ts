/** What a cycle of the engine is: a job with a budget, and what it reports. @module */

import type { Clock } from "../../_shared/core/clock.ts";
import type { Logger } from "../../_shared/core/logger.ts";
import type { Json, RpcPort } from "../../_shared/core/ports.ts";
import type { DeploymentPort } from "../../_shared/fixExperiments.ts";
import type { ExperimentMetrics } from "../../_shared/engineDb.ts";
import type {
  DeployPort,
  HealCounters,
  HealPlan,
  OperationInvoker,
  Proposer,
  TestRunnerPort,
} from "../../_shared/healingEngine.ts";
import type { DirectConnection } from "../../_shared/postgres.ts";

/** The figures of a run, under the names that its row shows. */
export type CycleCounters = HealCounters & ExperimentMetrics & {
  patterns_retired: number;
  optimizations_made: number;
  improvements_deployed: number;
  audits_judged: number;
  /** What the optimiser did and left, and why. */
  optimisation: Record<string, Json>;
  /** What the watch over releases did. */
  releases: Record<string, Json>;
  /** How many deployments were moved to which state. */
  deployments: Record<string, Json>;
  /** Pieces of work that cycle 5 did in its slice. */
  quality_steps: number;
  /** What cycle 5 did and left, and why. */
  quality: Record<string, Json>;
};

/** What every cycle may use. */
export interface CycleMeans {
  db: RpcPort;
  openDirect: (() => Promise<DirectConnection>) | undefined;
  invoke: OperationInvoker | undefined;
  /** Where the winner of an experiment asks to be deployed; without it the request waits. */
  deployments?: DeploymentPort | undefined;
  proposers?: { ai?: Proposer | undefined; context?: Proposer | undefined } | undefined;
  /** Runs the tests that concern a fix before it is kept. */
  tests?: TestRunnerPort | undefined;
  /** Asks for the redeploy of what a fix of code changed. */
  deploy?: DeployPort | undefined;
  logger: Logger;
  clock: Clock;
}

/** One go of a cycle. */
export interface CycleContext extends CycleMeans {
  runId: string;
  /** Only this project; undefined for all of them. */
  projectId: string | undefined;
  /** By the monotonic clock. */
  untilMs: number;
  hasTime: () => boolean;
  /** Where the last go stopped, as that go wrote it. */
  checkpoint: Json;
}

/** What a go came to. */
export interface CycleReport {
  /** `paused`: there is more to do, and the next run goes on at the checkpoint. */
  status: "finished" | "paused" | "not_installed";
  counters: Partial<CycleCounters>;
  checkpoint?: Json;
  /** Parts that failed, one sentence each; the rest of the cycle was done. */
  failures?: string[];
}

/** What a dry run of a cycle came to. */
export interface CyclePlan {
  cycle: CycleName;
  /** What would be done about errors and fixes. */
  items?: HealPlan[];
  /** What the figures of the cycle would be. */
  counters?: Partial<CycleCounters>;
  /** Why nothing can be said. */
  reason?: string;
}

/** The names of the cycles, as a run's row uses them. */
export type CycleName = "heal" | "learn" | "deployments" | "optimise" | "quality" | "experiments";

/** One of the six. */
export interface Cycle {
  number: 1 | 2 | 3 | 4 | 5 | 6;
  name: CycleName;
  /** The longest time of one go. */
  budgetMs: number;
  /** False for what is not told apart by project. */
  canOneProject: boolean;
  run(context: CycleContext): Promise<CycleReport>;
  /** Changes nothing. */
  plan(context: CycleContext): Promise<CyclePlan>;
}

/** An ability that arrives later fills its cycle by one of these. */
export interface CyclePort {
  run(context: CycleContext): Promise<CycleReport>;
  plan(context: CycleContext): Promise<Omit<CyclePlan, "cycle">>;
}

/** A cycle whose work is done behind a port; without one it reports that it is not installed. */
export function cycleBehindPort(
  cycle: Pick<Cycle, "number" | "name" | "budgetMs">,
  port: CyclePort | undefined,
): Cycle {
  return {
    ...cycle,
    canOneProject: true,
    run: (context) => port?.run(context) ?? Promise.resolve({ status: "not_installed", counters: {} }),
    plan: async (context) => ({
      cycle: cycle.name,
      ...await (port?.plan(context) ?? Promise.resolve({ reason: "not installed" })),
    }),
  };
}

/** Runs a go of SQL functions in one transaction that is taken back: its figures are what they would be. */
export async function rehearse(
  name: CycleName,
  context: CycleContext,
  run: (context: CycleContext) => Promise<CycleReport>,
): Promise<CyclePlan> {
  if (context.openDirect === undefined) {
    return {
      cycle: name,
      reason: "a dry run of this cycle needs the direct connection: set SUPABASE_DB_URL",
    };
  }
  const connection = await context.openDirect();
  try {
    return await connection.transaction(async (tx) => {
      const { counters, failures = [] } = await run({ ...context, db: tx.rpc, deployments: undefined });
      return {
        cycle: name,
        counters,
        ...(failures.length === 0 ? {} : { reason: failures.join("; ").slice(0, 1_000) }),
      };
    }, { rollback: true });
  } finally {
    await connection.close();
  }
}
