/** The schedules of the project, faster than in life: what cron calls every few minutes is called every few seconds. @module */

import { pause } from "./pause.ts";
import type { World } from "./world.ts";

/** What works by itself. */
export interface Machines {
  stop(): Promise<void>;
}

/** A minute of the schedule. */
const TURN_MS = 6_000;
/** Jobs that take their time, by the turns between two of their runs. */
const SLOW_JOBS: Readonly<Record<string, number>> = {
  healing_monitor: 4,
  healing_health: 5,
  healing_tests: 9,
};
/** What runs once in a night, and costs too much to be run all the time. */
const NIGHTLY = /retention|history|metrics|decay/;

/** A person who says yes to some of what waits: a fix that was approved takes the same road as any other. */
export const APPROVE = `
  select public.decide_approval(id, 'approve', 'the person of the chaos run') from (
    select id from public.admin_approval_queue where status = 'pending' order by requested_at limit 5) as waiting`;

/** Starts the schedules; a database that is away misses its turn, as pg_cron's would. */
export function startMachines(world: World): Machines {
  let isStopping = false;
  const loop = (async () => {
    for (let turn = 1; !isStopping; turn++) {
      await takeTurn(world, turn).catch(() => {});
      for (let waited = 0; waited < TURN_MS && !isStopping; waited += 200) await pause(200);
    }
  })();
  return {
    async stop() {
      isStopping = true;
      await loop;
    },
  };
}

async function takeTurn({ database }: World, turn: number): Promise<void> {
  const jobs = await database.query<{ jobname: string; command: string }>(
    "select jobname, command from cron.job where active order by jobname",
  );
  for (const { jobname, command } of jobs) {
    if (NIGHTLY.test(jobname) || turn % (SLOW_JOBS[jobname] ?? 1) !== 0) continue;
    await database.query(command);
  }
  await database.query(APPROVE);
}
