/** Cycle 4: optimise. The work is the optimiser's; here it gets its time and says what came of it. @module */

import { optimiseDatabase, planOptimisations } from "../../_shared/databaseOptimizer.ts";
import type { DirectConnection } from "../../_shared/postgres.ts";
import type { CycleContext, CyclePlan, CyclePort, CycleReport } from "./cycle.ts";

const NEEDS_DIRECT = "optimising needs the direct connection: set SUPABASE_DB_URL";

/** Slow statements, indexes, and what else could be better in the database. */
export const optimisePort: CyclePort = { run: optimise, plan };

async function optimise(context: CycleContext): Promise<CycleReport> {
  const { openDirect, projectId, runId, hasTime, logger } = context;
  // A database is not told apart by project.
  if (projectId !== undefined) return { status: "finished", counters: {} };
  if (openDirect === undefined) {
    return { status: "finished", counters: { optimisation: { later: NEEDS_DIRECT } } };
  }
  return await withConnection(openDirect, async (connection) => {
    const report = await optimiseDatabase(connection, { worker: `run:${runId}`, hasTime });
    const { failures, ...told } = report;
    logger.info("optimised", { ...told });
    // What has no time left is looked at by the next run: there is no place to go on at.
    return {
      status: "finished",
      counters: { optimizations_made: report.kept.length, optimisation: { ...told } },
      failures,
    };
  });
}

async function plan({ openDirect, projectId, hasTime }: CycleContext): Promise<Omit<CyclePlan, "cycle">> {
  if (projectId !== undefined) return { reason: "a database is not told apart by project" };
  if (openDirect === undefined) return { reason: NEEDS_DIRECT };
  return await withConnection(openDirect, async (connection) => {
    const { found, later, statements, left } = await planOptimisations(connection, { hasTime });
    const would = found.map(({ key, reason, caution }) => `${key}: ${caution ?? reason}`);
    const reasons = [
      `statements: ${statements}`,
      ...later === null ? [] : [`later: ${later}`],
      ...would,
      ...left,
    ];
    return { counters: { optimizations_made: 0 }, reason: reasons.join("; ").slice(0, 1_000) };
  });
}

async function withConnection<Result>(
  open: () => Promise<DirectConnection>,
  work: (connection: DirectConnection) => Promise<Result>,
): Promise<Result> {
  const connection = await open();
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}
