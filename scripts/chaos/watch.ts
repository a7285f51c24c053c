/** Looks every two seconds at what a run uses: memory of each process, open connections. @module */

import { pause } from "./pause.ts";
import { residentMb } from "./processes.ts";
import type { World } from "./world.ts";

/** One look. */
export interface Sample {
  /** From the start of the load. */
  atMs: number;
  /** Sessions of clients; undefined while the database could not say. */
  connections: number | undefined;
  /** In MB, by process: what it is and its number. */
  memory: Readonly<Record<string, number>>;
}

/** The looks of a run. */
export interface Watch {
  readonly samples: Sample[];
  stop(): Promise<void>;
}

const EVERY_MS = 2_000;

/** Starts looking; `onSample` is told of each look. */
export function startWatch(world: World, onSample: (sample: Sample) => void): Watch {
  const startedAt = performance.now();
  const samples: Sample[] = [];
  let isStopping = false;
  const loop = (async () => {
    while (!isStopping) {
      const sample = { atMs: performance.now() - startedAt, ...await look(world) };
      samples.push(sample);
      onSample(sample);
      await pause(EVERY_MS);
    }
  })();
  return {
    samples,
    async stop() {
      isStopping = true;
      await loop;
    },
  };
}

async function look(world: World): Promise<Omit<Sample, "atMs">> {
  const [connections, memory] = await Promise.all([countConnections(world), readMemory(world)]);
  return { connections, memory };
}

/** Those of the stack and its functions; a database that is away or full does not say. */
export async function countConnections({ database }: World): Promise<number | undefined> {
  const rows = await database.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where backend_type = 'client backend' and pid <> pg_backend_pid()`,
  ).catch(() => []);
  return rows[0]?.count;
}

async function readMemory({ stack, database }: World): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  const add = async (name: string, pid: number | undefined) => {
    const mb = pid === undefined ? undefined : await residentMb(pid);
    if (mb !== undefined) found[`${name} ${pid}`] = mb;
  };
  await add("chaos", Deno.pid);
  await add("stack", stack.pid());
  await add("postgres", await database.postmaster());
  for (const { name, pid } of await stack.workers()) await add(name, pid);
  return found;
}
