/** The adapter of pg-boss, a job queue in Postgres: only benches use it, as somebody to be compared with. @module */

import { PgBoss } from "npm:pg-boss@12.38.0";

/** A queue of jobs in a database of its own. */
export interface JobQueue extends AsyncDisposable {
  /** Forgets every job, also what is finished, and leaves an empty table. */
  clear(): Promise<void>;
  add(payloads: readonly object[]): Promise<void>;
  /** Takes up to `batchSize` jobs and returns their ids. */
  fetch(batchSize: number): Promise<string[]>;
  complete(ids: readonly string[]): Promise<void>;
}

const QUEUE = "errors";

/** Starts pg-boss on a database, with so many connections, and without its own maintenance in the way. */
export async function openJobQueue(url: string, connections: number): Promise<JobQueue> {
  const boss = new PgBoss({ connectionString: url, max: connections, supervise: false, schedule: false });
  boss.on("error", () => {});
  await boss.start();
  await boss.createQueue(QUEUE);
  return {
    async clear() {
      await boss.deleteAllJobs();
    },
    async add(payloads) {
      await boss.insert(QUEUE, payloads.map((data) => ({ data })));
    },
    fetch: async (batchSize) => (await boss.fetch(QUEUE, { batchSize })).map(({ id }) => id),
    async complete(ids) {
      await boss.complete(QUEUE, [...ids]);
    },
    [Symbol.asyncDispose]: () => boss.stop({ graceful: false }),
  };
}
