/**
 * The embedded stack: a Postgres that looks like a Supabase project, the gateway, the functions and the
 * schedules, in one process with its children. It is for development and tests and says so; production is the
 * platform, where the same files are deployed unchanged.
 *
 * Everything that is started is given to one disposer, which ends it in the opposite order: first what begins
 * new work, then the functions, which may still need the API, then the database.
 *
 * @module
 */

import { systemClock } from "../../supabase/functions/_shared/core/clock.ts";
import { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { createLogger, type Logger } from "../../supabase/functions/_shared/core/logger.ts";
import { systemRandom } from "../../supabase/functions/_shared/core/random.ts";
import type { Pool } from "../../supabase/functions/_shared/postgres.ts";
import { type ApiServer, startApiServer } from "./apiServer.ts";
import { AuthServer, type SessionBody } from "./auth.ts";
import { AuthStore } from "./authStore.ts";
import type { DashboardOptions } from "./dashboardDoor.ts";
import { DatabaseListener } from "./databaseListener.ts";
import { functionEnvironment } from "./functionEnvironment.ts";
import { FunctionHost } from "./functionHost.ts";
import type { WorkerLimits } from "./functionWorker.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import { loadOrCreateKeys, type StackKeys } from "./keys.ts";
import { applyMigrations } from "./migrate.ts";
import { NetSender } from "./netSender.ts";
import { applyPlatform } from "./platform.ts";
import { openPool } from "./pool.ts";
import { type PostgresServer, startPostgres } from "./postgres.ts";
import { type OnProgress, withProgress } from "./progress.ts";
import { writeVault } from "./projectSecrets.ts";
import { RoutineCatalog } from "./routines.ts";
import { prepareStackFolder } from "./stackFolder.ts";
import { Scheduler } from "./scheduler.ts";
import { applySeed } from "./seedFile.ts";

/** The functions of this project. */
export const FUNCTIONS_DIRECTORY = decodeURIComponent(
  new URL("../../supabase/functions", import.meta.url).pathname,
);

/** How to start a stack. */
export interface StackOptions {
  /** Holds the database and the keys; made when it is missing. */
  dataDir: string;
  /** A free one when left out or 0. */
  apiPort?: number | undefined;
  /** A free one when left out or 0. */
  dbPort?: number | undefined;
  /** `false` gives up what survives a power cut for speed: for tests. */
  durable: boolean;
  /** The data folder is removed when the stack ends: for tests and demonstrations. */
  temporary?: boolean | undefined;
  /** Folders with functions; the project's own when left out. */
  functionRoots?: readonly string[] | undefined;
  /** Migrations to apply; the project's own when left out. */
  migrations?: string | undefined;
  /** What functions find in their environment besides the platform's variables. */
  secrets?: Readonly<Record<string, string>> | undefined;
  /** A SQL file that is applied when it is new or has changed. */
  seed?: string | undefined;
  /** `false`: jobs and queued requests wait for {@link Stack.tick} and {@link Stack.drainNet}. */
  schedule?: boolean | undefined;
  limits?: Partial<WorkerLimits> | undefined;
  /** Overrides `DATABASE_URL`; `null` ignores it. */
  externalUrl?: string | null | undefined;
  /** Serves the dashboard below `/dashboard/`: where its built files are, and why not. */
  dashboard?: Omit<DashboardOptions, "publishableKey"> | undefined;
  onProgress?: OnProgress | undefined;
  /** Each line that a function or a part of the stack logs. */
  onLog?: ((line: string) => void) | undefined;
}

/** A stack that answers. */
export interface Stack extends AsyncDisposable {
  /** The API, for example `http://127.0.0.1:54321`. */
  readonly url: string;
  /** As `postgres`, who is no superuser. */
  readonly dbUrl: string;
  readonly superuserUrl: string;
  readonly keys: StackKeys;
  /** For example `18.4, embedded`. */
  readonly postgres: string;
  readonly functionNames: readonly string[];
  /** Settles when the database has ended, by {@link Stack.stop} or by itself. */
  readonly databaseEnded: Promise<void>;
  /** The gateway without its socket. */
  readonly gateway: Gateway;
  /** Signs a user in by e-mail address alone. */
  signIn(email: string): Promise<SessionBody>;
  /** Sends everything that is queued in pg_net's table; returns how many requests went out. */
  drainNet(): Promise<number>;
  /** Runs the jobs that are due and waits for them; returns how many ran. A job's first look only notes its time. */
  tick(): Promise<number>;
  /** Runs a job of `cron.job` by name at once; false when there is none. */
  runJob(name: string): Promise<boolean>;
  /** Ends everything in order; a second call waits for the first. */
  stop(): Promise<void>;
}

/** Starts the stack; when a step fails, what was started before is ended again. */
export async function startStack(options: StackOptions): Promise<Stack> {
  await using started = new AsyncDisposableStack();
  const database = await startDatabase(options, started);
  const { api, store, auth, functions, gateway, catalog } = await startDoors(options, database, started);
  const machines = await startMachines(options, database, catalog, started);
  api.serve(gateway);

  const { postgres, keys } = database;
  const running = started.move();
  let stopped: Promise<void> | undefined;
  function stop(): Promise<void> {
    return stopped ??= running.disposeAsync();
  }
  return {
    url: api.url,
    dbUrl: postgres.url({ user: "postgres" }),
    superuserUrl: postgres.url(),
    keys,
    postgres: `${postgres.version}, ${postgres.source}`,
    functionNames: functions.names,
    databaseEnded: postgres.ended,
    gateway,
    signIn: (email) => signIn(email, store, auth),
    ...machines,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

interface Database {
  postgres: PostgresServer;
  keys: StackKeys;
  superuser: Pool;
}

async function startDatabase(options: StackOptions, started: AsyncDisposableStack): Promise<Database> {
  const { dataDir, durable, temporary, dbPort, onProgress, externalUrl, seed } = options;
  await prepareStackFolder(dataDir);
  const postgres = await withProgress("Starting Postgres", onProgress, () =>
    startPostgres({
      dataDir: `${dataDir}/postgres`,
      port: dbPort === 0 ? undefined : dbPort,
      durable,
      temporary,
      onProgress,
      externalUrl,
    }));
  // Not before Postgres has refused a second instance: until then the folder may be somebody else's.
  if (temporary) started.defer(() => Deno.remove(dataDir, { recursive: true }));
  started.defer(() => postgres.stop());
  const keys = await loadOrCreateKeys(dataDir);
  await withProgress("Preparing the database", onProgress, () => applyPlatform(postgres.url()));
  const url = postgres.url({ user: "postgres" });
  await withProgress(
    "Applying migrations",
    onProgress,
    () => applyMigrations(url, { directory: options.migrations }),
  );
  if (seed !== undefined) await withProgress("Seeding", onProgress, () => applySeed(url, seed));
  return { postgres, keys, superuser: poolOf(postgres.url(), 10, started) };
}

interface Doors {
  api: ApiServer;
  store: AuthStore;
  auth: AuthServer;
  functions: FunctionHost;
  gateway: Gateway;
  catalog: RoutineCatalog;
}

/** The API and what answers behind it; callers wait until the gateway is given to the API. */
async function startDoors(
  options: StackOptions,
  { postgres, keys, superuser }: Database,
  started: AsyncDisposableStack,
): Promise<Doors> {
  const pool = poolOf(postgres.url({ user: "authenticator" }), 20, started);
  const api = startApiServer(options.apiPort ?? 0);
  started.defer(() => api.stop());
  await writeVault(superuser, { project_url: api.url, cron_secret_key: keys.cronSecret });
  const databaseUrl = postgres.url({ user: "postgres" });
  const functions = await FunctionHost.create({
    roots: options.functionRoots ?? [FUNCTIONS_DIRECTORY],
    env: functionEnvironment(keys, api.url, databaseUrl, options.secrets),
    limits: options.limits ?? {},
    onLog: ({ functionName, line }) => options.onLog?.(`[${functionName}] ${line}`),
  });
  started.defer(() => functions.stop());
  const store = new AuthStore(superuser);
  const auth = new AuthServer({
    store,
    jwtSecret: keys.jwtSecret,
    issuer: `${api.url}/auth/v1`,
    clock: systemClock,
    random: systemRandom,
  });
  const catalog = new RoutineCatalog();
  const logger = loggerOf("gateway", options);
  const dashboard = options.dashboard && { ...options.dashboard, publishableKey: keys.publishable };
  const gateway = createGateway({ pool, keys, auth, functions, dashboard, catalog, logger });
  return { api, store, auth, functions, gateway, catalog };
}

/** What works without being called: the schedules, the sender, and the ear on the database. */
async function startMachines(
  options: StackOptions,
  { postgres, superuser: pool }: Database,
  catalog: RoutineCatalog,
  started: AsyncDisposableStack,
): Promise<Pick<Stack, "drainNet" | "tick" | "runJob">> {
  const sender = new NetSender({ pool, logger: loggerOf("net", options) });
  started.defer(() => sender.stop());
  const scheduler = new Scheduler({
    pool,
    urlOf: (job) => postgres.url(job),
    logger: loggerOf("scheduler", options),
  });
  started.defer(() => scheduler.stop());
  const listener = new DatabaseListener(postgres.url(), {
    pgrst: () => catalog.clear(),
    pg_net_wake: () => sender.wake(),
  });
  started.defer(() => listener.stop());
  await listener.start();
  if (options.schedule !== false) {
    sender.start();
    scheduler.start();
  }
  return {
    drainNet: () => drainAll(sender),
    tick: () => scheduler.tick(),
    runJob: (name) => scheduler.runJob(name),
  };
}

async function drainAll(sender: NetSender): Promise<number> {
  let total = 0;
  for (let sent = await sender.drainOnce(); sent > 0; sent = await sender.drainOnce()) total += sent;
  return total;
}

function poolOf(connectionString: string, max: number, started: AsyncDisposableStack): Pool {
  const pool = openPool(connectionString, max);
  started.defer(() => pool.end());
  return pool;
}

async function signIn(email: string, store: AuthStore, auth: AuthServer): Promise<SessionBody> {
  const user = await store.byEmail(email);
  if (user !== undefined) return await auth.signIn(user);
  throw new HealingError("NOT_FOUND", `There is no user ${email}.`, {
    hint: "Read auth.users for those who can sign in.",
  });
}

function loggerOf(name: string, { onLog }: StackOptions): Logger {
  return createLogger(name, (_level, line) => onLog?.(`[${name}] ${line}`));
}
