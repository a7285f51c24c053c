/** The adapter of graphile-worker, a job queue in Postgres: only benches use it, as somebody to be compared with. @module */

import { Pool } from "../../../supabase/functions/_shared/postgres.ts";
import { Logger, makeWorkerUtils, run } from "npm:graphile-worker@0.18.0";

/** A queue of jobs in a database of its own, emptied by a runner with its own workers. */
export interface RunnerQueue extends AsyncDisposable {
  /** Forgets every job, and leaves an empty table. */
  clear(): Promise<void>;
  add(payloads: readonly object[]): Promise<void>;
  /** Runs every job, and returns their ids once all are finished and written as such. */
  empty(options: RunnerOptions): Promise<string[]>;
}

/** How a runner works. */
export interface RunnerOptions {
  /** Jobs that are worked on at once. */
  concurrency: number;
  /** Jobs that are fetched with one statement, for all of them. */
  batchSize: number;
}

const TASK = "errors";
const silent = new Logger(() => () => {});

/** Installs graphile-worker in a database, with so many connections; its runner starts when the queue is emptied. */
export async function openRunnerQueue(url: string, connections: number): Promise<RunnerQueue> {
  const pool = new Pool({ connectionString: url, max: connections });
  // It warns of a pool whose connections may end unheard.
  pool.on("error", () => {});
  pool.on("connect", (connection) => void connection.on("error", () => {}));
  const utils = await makeWorkerUtils({ pgPool: pool, logger: silent });
  await utils.migrate();
  let waiting = 0;
  return {
    async clear() {
      await pool.query("truncate graphile_worker._private_jobs");
      waiting = 0;
    },
    async add(payloads) {
      await utils.addJobs(payloads.map((payload) => ({ identifier: TASK, payload })));
      waiting += payloads.length;
    },
    empty(options) {
      const count = waiting;
      waiting = 0;
      return emptyQueue(pool, count, options);
    },
    async [Symbol.asyncDispose]() {
      await utils.release();
      await pool.end();
    },
  };
}

async function emptyQueue(
  pool: Pool,
  count: number,
  { concurrency, batchSize }: RunnerOptions,
): Promise<string[]> {
  const finished: string[] = [];
  const { promise: isEmpty, resolve } = Promise.withResolvers<void>();
  const finish = (id: string) => {
    if (finished.push(id) === count) resolve();
  };
  const runner = await run({
    pgPool: pool,
    logger: silent,
    noHandleSignals: true,
    taskList: { [TASK]: (_payload, { job }) => finish(job.id) },
    // What its documentation advises for many small jobs.
    preset: {
      worker: {
        concurrentJobs: concurrency,
        localQueue: { size: batchSize },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
  });
  await isEmpty;
  // Stopping writes what is finished and was not yet written.
  await runner.stop();
  return finished;
}
