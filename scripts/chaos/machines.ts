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

const CALLS_WAIT_FOR_A_PERSON = `
  from detected_errors as e where e.status = 'escalated'
    and exists (select from queued_operations as q where q.detected_error_id = e.id and q.status = 'queued')`;

/**
 * The same person about what was handed over: does by hand what is missing, and has the engine look again. Without it
 * the calls that wait for what was escalated would fill their queue.
 */
const ANSWER_ESCALATIONS = [
  `do $$ begin
     if exists (select ${CALLS_WAIT_FOR_A_PERSON} and e.error_message like '%unaccent%') then
       create extension if not exists unaccent with schema extensions;
     end if;
   end $$`,
  `select public.decide_error(id, 'reopen', 'the person of the chaos run has mended it') from (
     select e.id ${CALLS_WAIT_FOR_A_PERSON} order by e.last_seen_at limit 5) as mended`,
];
/** A person takes five minutes. */
const ANSWER_TURNS = 5;

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
  if (turn % ANSWER_TURNS !== 0) return;
  for (const statement of ANSWER_ESCALATIONS) await database.query(statement);
}
