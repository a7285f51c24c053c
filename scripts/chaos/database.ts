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
  const start = () =>
    startPostgres({
      dataDir,
      port,
      // What was answered must have been written: a kill -9 is what this is about.
      durable: true,
      externalUrl: null,
      settings: { max_connections: "90", max_wal_size: "96MB", min_wal_size: "32MB", shared_buffers: "32MB" },
    });
  let server: PostgresServer = await start();
  let heldUntil = 0;
  const stopping = new AbortController();
  const supervisor = (async () => {
    for (;;) {
      await Promise.race([server.ended, aborted(stopping.signal)]);
      // The last look at the log is not the last breath of the process.
      await pause(Math.max(RESTART_MS, heldUntil - performance.now()));
      if (stopping.signal.aborted) return;
      await start().then((next) => server = next, () => {});
    }
  })();
  const url = server.url();
  const postmaster = async () => {
    const text = await Deno.readTextFile(`${dataDir}/postmaster.pid`).catch(() => "");
    return Number(text.split("\n")[0]) || undefined;
  };
  return {
    port,
    url,
    postmaster,
    async kill(awayMs) {
      heldUntil = performance.now() + awayMs;
      const pid = await postmaster();
      if (pid !== undefined) killNow(pid);
      await pause(awayMs);
    },
    query: (text, values) => queryOnce(url, text, values),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await supervisor;
      await server.stop();
    },
  };
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
