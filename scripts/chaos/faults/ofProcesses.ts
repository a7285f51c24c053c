/** Faults that end processes, and calls that use one up. @module */

import { killNow } from "../processes.ts";
import { heldWithin, pause } from "../pause.ts";
import type { PlannedFault } from "../plan.ts";
import type { World } from "../world.ts";
import type { Pick } from "./fault.ts";

const ENGINE = "autonomous-healing-engine";
const DYING_ENGINE = decodeURIComponent(
  new URL("../../../tests/helpers/dyingEngine.ts", import.meta.url).pathname,
);
/** More than an engine takes on a run that finds little. */
const MOST_STEPS = 40;

/** Kills the server with all that it holds in memory. */
export async function killPostgres(
  { database }: World,
  { lastsMs }: PlannedFault,
): Promise<string | undefined> {
  await database.kill(lastsMs);
  return `away for ${lastsMs} ms`;
}

/** Kills one session, upon which the server throws all others out and recovers. */
export async function killSession(
  { database }: World,
  _fault: PlannedFault,
  pick: Pick,
): Promise<string | undefined> {
  const rows = await database.query<{ pid: number }>(
    `select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() order by pid`,
  );
  const victim = pick(rows);
  if (victim === undefined) return "there was none";
  killNow(victim.pid);
  return `session ${victim.pid}`;
}

/** Kills a process of a function. */
export async function killFunction(
  { stack }: World,
  _fault: PlannedFault,
  pick: Pick,
): Promise<string | undefined> {
  const victim = pick(await stack.workers());
  if (victim === undefined) return "none was running";
  killNow(victim.pid);
  return victim.name;
}

/** Lets the engine run, and kills its process at some moment of the run. */
export async function killEngine(
  { stack, database }: World,
  { lastsMs }: PlannedFault,
): Promise<string | undefined> {
  const findEngine = async () => (await stack.workers()).find(({ name }) => name === ENGINE);
  await database.query("select public.dispatch_function($1, 'chaos')", [ENGINE]);
  await heldWithin(5_000, async () => await findEngine() !== undefined);
  await pause(lastsMs / 3);
  const engine = await findEngine();
  if (engine === undefined) return "it was not running";
  killNow(engine.pid);
  return `after ${Math.round(lastsMs / 3)} ms`;
}

/** Runs an engine that kills itself at one of its steps to the outside. */
export async function dieAtStep({ databaseUrl }: World, { seed }: PlannedFault): Promise<string | undefined> {
  const step = 1 + seed % MOST_STEPS;
  const death = seed % 3 === 0 ? "during" : "before";
  const url = databaseUrl.replace(/\/\/[^@/]*@/, "//postgres@");
  const { signal } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-all", DYING_ENGINE, url, String(step), death],
    stdout: "null",
    stderr: "null",
    signal: AbortSignal.timeout(60_000),
  }).output();
  return signal === "SIGKILL" ? `${death} step ${step}` : `it ended before step ${step}`;
}

/** Kills the gateway, the scheduler and the sender, with all functions. */
export function killStack({ stack }: World): Promise<string | undefined> {
  stack.kill();
  return Promise.resolve(undefined);
}

/** A call that has written and then never answers, until the platform gives up on it. */
export async function runOutOfTime(world: World, { seed }: PlannedFault): Promise<string | undefined> {
  const key = `hang-${seed}`;
  const rows = [{ key, role: "user", content: "never answered" }];
  const answer = await world.call("chaos-call", { what: "writeAndHang", key, rows }, key).catch(() =>
    undefined
  );
  await answer?.body?.cancel();
  return answer === undefined ? "the client gave up" : `answered ${answer.status}`;
}

/** A function that is busy with itself until its time is over. */
export async function loopForEver(world: World): Promise<string | undefined> {
  const { stack } = world;
  // The answer comes when its process is killed; nobody waits so long.
  void world.call("hungry?what=time", {}, "loop").then((answer) => answer.body?.cancel(), () => {});
  await pause(3_000);
  const loop = (await stack.workers()).find(({ name }) => name === "hungry");
  // As the platform does, which counts the time of the processor.
  if (loop !== undefined) killNow(loop.pid);
  return undefined;
}
