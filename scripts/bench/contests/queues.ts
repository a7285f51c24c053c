/**
 * Work in Postgres that eight workers take and finish: our open errors, the jobs of pg-boss and of graphile-worker. All of
 * them on one server, each in a database of its own, over pg, with the same payloads.
 *
 * @module
 */

import {
  type CapturedError,
  captureErrors,
  type ClaimedError,
  exchangeClaims,
} from "../../../supabase/functions/_shared/healingDb.ts";
import { type DirectConnection, openDirectConnection } from "../../../supabase/functions/_shared/postgres.ts";
import { occurrence } from "../../../tests/helpers/contract.ts";
import { runSql, startScratchServer } from "../../lib/scratchServer.ts";
import { openRunnerQueue } from "../peers/graphileWorker.ts";
import { type JobQueue, openJobQueue } from "../peers/pgBoss.ts";
import { type ContestGroup, type ContestRow, runContest } from "./contest.ts";
import type { Side } from "./takeTurns.ts";

/** Workers, and connections of each contestant. */
export const WORKERS = 8;
const ROUNDS = 7;
const JOBS = 5_000;
const BATCH = 50;

/** One contestant: how it is filled, and how its workers empty it. */
export interface Queue {
  /** Forgets everything, and leaves empty tables. */
  clear(): Promise<unknown>;
  fill(errors: readonly CapturedError[]): Promise<void>;
  /** Takes and finishes everything; the names of what was finished, each as often as it was. */
  empty(batch: number): Promise<string[]>;
}

/** All of them. */
export interface Queues extends AsyncDisposable {
  own: Queue;
  pgBoss: Queue;
  graphileWorker: Queue;
}

/** Starts a server with a database for each. */
export async function openQueues(): Promise<Queues> {
  await using opened = new AsyncDisposableStack();
  const server = opened.use(await startScratchServer());
  const url = await server.createDatabase();
  const boss = opened.use(
    await openJobQueue(await server.createDatabase({ migrated: false }), WORKERS),
  );
  const connections = await Promise.all(Array.from({ length: WORKERS }, () => openDirectConnection(url)));
  for (const connection of connections) opened.defer(() => connection.close());
  const clear = () => runSql(url, "truncate public.detected_errors, public.healing_events cascade");
  const graphileWorker = await openGraphileWorker(await server.createDatabase({ migrated: false }), opened);
  const resources = opened.move();
  return {
    own: ourQueue(connections, clear),
    pgBoss: pgBossQueue(boss),
    graphileWorker,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function ourQueue(connections: readonly DirectConnection[], clear: () => Promise<unknown>): Queue {
  return {
    clear,
    async fill(errors) {
      for (let start = 0; start < errors.length; start += 500) {
        await captureErrors(connections[0]!.rpc, errors.slice(start, start + 500));
      }
    },
    async empty(batch) {
      const finished = await Promise.all(
        connections.map((connection, worker) => workOff(connection, `worker ${worker}`, batch)),
      );
      return finished.flat();
    },
  };
}

/** Finishes what it holds and takes the next batch in one call, until there is nothing left. */
async function workOff({ rpc }: DirectConnection, worker: string, limit: number): Promise<string[]> {
  const finished: string[] = [];
  let held: ClaimedError[] = [];
  do {
    const done = held.map((claim) => ({ status: "healed" as const, reason: "it passed by itself", claim }));
    const { released, claimed } = await exchangeClaims(rpc, done, { worker, limit });
    finished.push(...released);
    held = claimed;
  } while (held.length > 0);
  return finished;
}

/** It fetches and completes at calls of its own. */
function pgBossQueue(boss: JobQueue): Queue {
  async function workOffJobs(batch: number): Promise<string[]> {
    const finished: string[] = [];
    for (;;) {
      const ids = await boss.fetch(batch);
      if (ids.length === 0) return finished;
      await boss.complete(ids);
      finished.push(...ids);
    }
  }
  return {
    clear: () => boss.clear(),
    fill: (errors) => boss.add(errors),
    empty: async (batch) =>
      (await Promise.all(Array.from({ length: WORKERS }, () => workOffJobs(batch)))).flat(),
  };
}

/** Its runner fetches for all of its workers at once: as many jobs as the workers of the others hold together. */
async function openGraphileWorker(url: string, opened: AsyncDisposableStack): Promise<Queue> {
  const runner = opened.use(await openRunnerQueue(url, WORKERS));
  return {
    clear: () => runner.clear(),
    fill: (errors) => runner.add(errors),
    empty: (batch) => runner.empty({ concurrency: WORKERS, batchSize: WORKERS * batch }),
  };
}

/** Errors that nobody has seen before. */
export function newErrors(round: string, count: number): CapturedError[] {
  return Array.from({ length: count }, (_, index) =>
    occurrence({
      fingerprint: `v2:${round} ${index}`,
      stack_trace: "Error: x\n    at f (/app/src/a.ts:1:2)",
    }));
}

/** Fills the queue and has it emptied: how long that took a job, in milliseconds, and what was not handled once. */
export async function emptying(
  queue: Queue,
  round: string,
  { jobs, batch }: { jobs: number; batch: number },
): Promise<{ msPerJob: number; wrong: number }> {
  await queue.fill(newErrors(round, jobs));
  const startedAt = performance.now();
  const handled = await queue.empty(batch);
  const msPerJob = (performance.now() - startedAt) / jobs;
  const wrong = Math.abs(jobs - handled.length) + (handled.length - new Set(handled).size);
  return { msPerJob, wrong };
}

/** Whether a round begins with empty tables, or with what each contestant keeps of the rounds before. */
const BEGINNINGS = { "empty tables": true, "tables with a past": false };

/** Claiming and finishing, against queues of jobs; throws when one handled a job otherwise than once. */
export const queueContests: ContestGroup = {
  name: "claim and finish",
  async run({ rounds }) {
    await using queues = await openQueues();
    const jobs = rounds < ROUNDS ? JOBS / 10 : JOBS;
    let fills = 0;
    const sideOf = (queue: Queue, isCleared: boolean): Side => async () => {
      if (isCleared) await queue.clear();
      const { msPerJob, wrong } = await emptying(queue, `contest ${fills++}`, { jobs, batch: BATCH });
      if (wrong > 0) throw new Error(`${wrong} of ${jobs} jobs were not handled exactly once`);
      return msPerJob;
    };
    const rows: ContestRow[] = [];
    for (const [beginning, isCleared] of Object.entries(BEGINNINGS)) {
      const peers = {
        "pg-boss 12.38.0": sideOf(queues.pgBoss, isCleared),
        "graphile-worker 0.18.0": sideOf(queues.graphileWorker, isCleared),
      };
      const contest = {
        what: `claim and finish one of ${jobs} by ${WORKERS} workers, ${beginning}`,
        ours: { name: "exchange_claims", side: sideOf(queues.own, isCleared) },
        peers,
        inReadme: Object.keys(peers),
      };
      rows.push(...await runContest(contest, { rounds: Math.min(rounds, ROUNDS), warmUp: 1 }));
    }
    return rows;
  },
};
