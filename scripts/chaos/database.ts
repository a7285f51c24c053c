/** The Postgres of a chaos run: killed, started again on its data, and asked past the broken network. @module */

import { Client } from "../../supabase/functions/_shared/postgres.ts";
import { freePort, type PostgresServer, startPostgres } from "../stack/postgres.ts";
import { killNow } from "./processes.ts";
import { pause } from "./pause.ts";

/** A server that comes back. */
export interface ChaosDatabase extends AsyncDisposable {
  readonly port: number;
  /** The superuser's, past the proxy. */
  readonly url: string;
  /** The first process of the server; undefined while there is none. */
  postmaster(): Promise<number | undefined>;
  /** Ends it without a farewell; it stays away so long. */
  kill(awayMs: number): Promise<void>;
  /** One statement on a connection of its own, past the proxy; fails soon when the server is away. */
  query<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
}

const RESTART_MS = 300;
const PATIENCE_MS = 8_000;

/** Starts it; whenever it ends by itself it is started again. */
export async function startChaosDatabase(folder: string): Promise<ChaosDatabase> {
  const dataDir = `${folder}/postgres`;
  const port = freePort();
  const start = () => startOn(dataDir, port);
  const keeper = new Keeper(await start(), start);
  async function postmaster(): Promise<number | undefined> {
    const text = await Deno.readTextFile(`${dataDir}/postmaster.pid`).catch(() => "");
    return Number(text.split("\n")[0]) || undefined;
  }
  const { url } = keeper;
  return {
    port,
    url,
    postmaster,
    async kill(awayMs) {
      keeper.hold(awayMs);
      const pid = await postmaster();
      if (pid !== undefined) killNow(pid);
      await pause(awayMs);
    },
    query: (text, values) => queryOnce(url, text, values),
    [Symbol.asyncDispose]: () => keeper.stop(),
  };
}

function startOn(dataDir: string, port: number): Promise<PostgresServer> {
  return startPostgres({
    dataDir,
    port,
    // What was answered must have been written: a kill -9 is what this is about.
    durable: true,
    externalUrl: null,
    settings: { max_connections: "90", max_wal_size: "96MB", min_wal_size: "32MB", shared_buffers: "32MB" },
  });
}

/** Starts the server again whenever it has ended. */
class Keeper {
  readonly url: string;
  readonly #stopping = new AbortController();
  readonly #loop: Promise<void>;
  #heldUntil = 0;

  constructor(private server: PostgresServer, private readonly start: () => Promise<PostgresServer>) {
    this.url = server.url();
    this.#loop = this.#run();
  }

  /** It is not to come back so soon. */
  hold(awayMs: number): void {
    this.#heldUntil = performance.now() + awayMs;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    await this.server.stop();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      await Promise.race([this.server.ended, aborted(signal)]);
      // The last look at the log is not the last breath of the process.
      await pause(Math.max(RESTART_MS, this.#heldUntil - performance.now()));
      if (signal.aborted) return;
      await this.start().then((next) => this.server = next, () => {});
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve())
  );
}

/** One statement on a connection that waits for nothing for long. */
export async function queryOnce<Row extends object>(
  connectionString: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new Client({
    connectionString,
    connectionTimeoutMillis: PATIENCE_MS,
    query_timeout: PATIENCE_MS,
    options: "-c statement_timeout=0",
    application_name: "chaos",
  });
  // A server that is killed fails the query; the event must not end the run as well.
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.query(text, values)).rows as Row[];
  } finally {
    await client.end().catch(() => {});
  }
}
