/** The isolate's one connection for transactions: whoever comes while it is taken waits for a turn. @module */

import { Bulkhead } from "../bulkhead.ts";
import { HealingError } from "../core/errors.ts";
import { Pool, type PoolClient } from "../postgres.ts";

/** Transactions that may wait; beyond that a caller is better told at once. */
const MOST_WAITING = 100;
const CONNECT_TIMEOUT_MS = 5_000;
/** Isolates are many and the server's connections few: an unused one is given back. */
const IDLE_MS = 10_000;

/** One connection, opened when it is first needed. */
export class Lane {
  readonly #turn = new Bulkhead({ maxConcurrent: 1, maxQueued: MOST_WAITING });
  readonly #pool: Pool;

  constructor(url: string) {
    this.#pool = new Pool({
      connectionString: url,
      max: 1,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      idleTimeoutMillis: IDLE_MS,
      allowExitOnIdle: true,
      application_name: "healing transaction",
    });
    // A connection that breaks while idle is replaced by the next one.
    this.#pool.on("error", () => {});
  }

  /** Runs the work when its turn comes; the signal ends the wait. */
  async use<Result>(work: (lane: Lane) => Promise<Result>, signal: AbortSignal): Promise<Result> {
    return await this.#turn.execute(() => {
      signal.throwIfAborted();
      return work(this);
    });
  }

  /** The connection; call it only in a turn, and release it. */
  async connect(): Promise<PoolClient> {
    try {
      const client = await this.#pool.connect();
      // Told here, so that a connection that breaks between two statements does not end the worker.
      if (client.listenerCount("error") === 0) client.on("error", () => {});
      return client;
    } catch (cause) {
      throw new HealingError("UNAVAILABLE", "The database does not answer on its direct connection", {
        hint: "Check SUPABASE_DB_URL and that the database is up",
        cause,
      });
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

const lanes = new Map<string, Lane>();

/** The isolate's lane to a database. */
export function laneTo(url: string): Lane {
  let lane = lanes.get(url);
  if (lane === undefined) lanes.set(url, lane = new Lane(url));
  return lane;
}

/** Ends all lanes; a later transaction opens one anew. */
export async function closeLanes(): Promise<void> {
  const open = [...lanes.values()];
  lanes.clear();
  await Promise.all(open.map((lane) => lane.close()));
}
