/** The end of a run: every fault has passed, and what is under way gets its time to end, which passes fast. @module */

import { EXPIRE_LEASES, untilDone } from "./faults/ofDatabase.ts";
import { APPROVE } from "./machines.ts";
import { heldWithin } from "./pause.ts";
import type { World } from "./world.ts";

const MOST_MS = 240_000;
const RUN_PATIENCE_MS = 75_000;
/** A call that was sent has begun by then, or never will. */
const START_PATIENCE = "interval '20 s'";
/** A run that may still work: it has begun since the stack was started last, or may be about to begin. */
const MAY_WORK = `coalesce(started_at >= $1, dispatched_at >= clock_timestamp() - ${START_PATIENCE})`;

/** What would be due, as if a day had passed. */
const PASS_TIME = [
  ...EXPIRE_LEASES,
  `update auto_fixes set created_at = created_at - interval '1 day', applying_at = applying_at - interval '1 day',
     applied_at = applied_at - interval '1 day', finished_at = finished_at - interval '1 day'`,
];
/** Runs that nobody works on any more are beyond their deadline. */
const END_LOST_RUNS = `
  update healing_runs set deadline_at = now() - interval '1 s'
  where status in ('dispatched', 'started') and not ${MAY_WORK}`;

const OPEN_WORK = `
  select (select count(*) from detected_errors where status in ('healing', 'validating'))
    + (select count(*) from auto_fixes where status in ('proposed', 'applying', 'validating'))
    + (select count(*) from queued_operations as q left join detected_errors as e on e.id = q.detected_error_id
        where q.status in ('queued', 'running') and coalesce(e.status, '') not in ('escalated', 'awaiting_approval'))
    + (select count(*) from healing_runs where status in ('dispatched', 'started')) as open`;

/** Mends the world itself, and waits until it answers. */
export async function calm(world: World): Promise<void> {
  const { network, disk, partner, database } = world;
  Object.assign(network, { isClosed: false, isResetting: false, delayMs: 0, decide: () => "pass" });
  partner.mood = "well";
  await disk.empty();
  await heldWithin(60_000, async () => (await database.query("select 1")).length === 1);
  await untilDone(() => database.query("alter database postgres reset statement_timeout"));
  await heldWithin(90_000, async () => {
    const answer = await world.call("chaos-call", { what: "clock", key: "calm", jumpMs: 0 }, "calm");
    await answer.body?.cancel();
    return answer.ok;
  });
}

/** Lets days pass until nothing is under way any more; returns after how many. */
export async function settle(world: World): Promise<number> {
  const { database } = world;
  const since = await startAnew(world);
  const deadline = performance.now() + MOST_MS;
  await runsRest(world, since);
  for (let day = 1;; day++) {
    for (const statement of PASS_TIME) await database.query(statement);
    await database.query(END_LOST_RUNS, [since]);
    await database.query("select public.reap_lost_runs(), public.expire_approvals()");
    await database.query(APPROVE);
    await database.query("select public.dispatch_function('autonomous-healing-engine', 'chaos')");
    await runsRest(world, since);
    const [row] = await database.query<{ open: string }>(OPEN_WORK);
    if (Number(row!.open) === 0 || performance.now() > deadline) return day;
  }
}

/**
 * Time must not pass under what still works, and nobody can tell a run that works from one whose process was killed;
 * so whoever lives is ended, as by an update of the stack. Returns the moment: only what began later can be alive.
 */
async function startAnew(world: World): Promise<Date> {
  const { database, stack } = world;
  const before = stack.starts();
  stack.kill();
  await heldWithin(RUN_PATIENCE_MS, () => stack.starts() > before);
  const [row] = await database.query<{ now: Date }>("select clock_timestamp() as now");
  await calm(world);
  return row!.now;
}

async function runsRest({ database }: World, since: Date): Promise<void> {
  await heldWithin(RUN_PATIENCE_MS, async () => {
    const rows = await database.query(
      `select from healing_runs where status in ('dispatched', 'started') and ${MAY_WORK}`,
      [since],
    );
    return rows.length === 0;
  });
}
