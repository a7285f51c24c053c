/** Everything that a chaos run works on: a database that is killed, a network that breaks, a stack, a partner. @module */

import { TcpProxy } from "../../tests/helpers/tcpProxy.ts";
import { type ChaosDatabase, startChaosDatabase } from "./database.ts";
import { type Disk, makeDisk } from "./disk.ts";
import { Ledger } from "./ledger.ts";
import { type Partner, startPartner } from "./partner.ts";
import { type ChaosStack, startChaosStack } from "./stack.ts";

/** The world of a run. */
export interface World extends AsyncDisposable {
  readonly disk: Disk;
  readonly database: ChaosDatabase;
  /** Between the stack with its functions and the database. */
  readonly network: TcpProxy;
  /** The database as the stack sees it. */
  readonly databaseUrl: string;
  readonly stack: ChaosStack;
  readonly partner: Partner;
  readonly ledger: Ledger;
  /** Where the stack logs. */
  readonly logFile: string;
  /** Calls a function as a client with the public key. */
  call(name: string, body: unknown, key: string): Promise<Response>;
  /** Calls a SQL function as a machine of the project, through the gateway. */
  rpc(name: string, args: object): Promise<Response>;
}

/** Longest wait of a client. */
const CLIENT_PATIENCE_MS = 8_000;
const WALL_CLOCK_MS = 60_000;
const REQUEST_IDLE_MS = 7_000;

/** Starts the world; the log of its stack stays at `logFile`. */
export async function startWorld(logFile: string): Promise<World> {
  await using started = new AsyncDisposableStack();
  const disk = started.use(await makeDisk());
  const database = started.use(await startChaosDatabase(disk.folder));
  const network = started.use(new TcpProxy(database.port));
  const through = new URL(database.url);
  through.port = String(network.port);
  const partner = started.use(startPartner());
  const stack = started.use(
    await startChaosStack({
      dataDir: `${disk.folder}/stack`,
      databaseUrl: through.href,
      wallClockMs: WALL_CLOCK_MS,
      requestIdleMs: REQUEST_IDLE_MS,
    }, logFile),
  );
  await database.query(await Deno.readTextFile(new URL("./schema.sql", import.meta.url)));
  const running = started.move();
  const post = (path: string, body: unknown, headers: Record<string, string>) =>
    fetch(`${stack.url}${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
      signal: AbortSignal.timeout(CLIENT_PATIENCE_MS),
    });
  return {
    disk,
    database,
    network,
    databaseUrl: through.href,
    stack,
    partner,
    ledger: new Ledger(),
    logFile,
    call: (name, body, key) =>
      post(`/functions/v1/${name}`, body, { apikey: stack.keys.publishable, "idempotency-key": key }),
    rpc: (name, args) => post(`/rest/v1/rpc/${name}`, args, { apikey: stack.keys.secret }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
