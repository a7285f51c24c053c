/**
 * Starts a Postgres of our own and ends it again, whatever happens to us.
 *
 * The server runs under a small `sh` that reads from a pipe: when this process ends, even by `kill -9`, the
 * pipe closes and the shell asks the server to stop. The server listens on 127.0.0.1 only, has no socket file,
 * and trusts whoever connects; it is a development server. `DATABASE_URL` names a server of somebody else's
 * instead, which is neither started nor stopped.
 *
 * @module
 */

import { HealingError, messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { Client } from "../../supabase/functions/_shared/postgres.ts";
import { type Binaries, findBinaries } from "./binaries.ts";
import { prepareDataFolder, SUPERUSER } from "./dataFolder.ts";
import { clearStaleLock, startFailure } from "./lockFile.ts";
import { postgresUser, type RunAs } from "./runAs.ts";

/** How to start; `dataDir` is made when it is missing. */
export interface PostgresOptions {
  dataDir: string;
  /** A free one when left out. */
  port?: number | undefined;
  /** `false` gives up what survives a power cut for speed: for tests. */
  durable: boolean;
  /** The data folder is removed when the server ends, even when this process is killed: for tests. */
  temporary?: boolean | undefined;
  onProgress?: ((message: string) => void) | undefined;
  /** Each line that the server logs. */
  onLog?: ((line: string) => void) | undefined;
  /** Overrides `DATABASE_URL`; `null` ignores it. */
  externalUrl?: string | null | undefined;
  /** Settings of the server beside ours, for example `shared_preload_libraries`. */
  settings?: Record<string, string> | undefined;
  /** Look for the programs only there. */
  source?: "embedded" | "system" | undefined;
}

/** Where a connection goes. */
export interface UrlOptions {
  user?: string | undefined;
  database?: string | undefined;
}

/** A server that answers. */
export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  /** For example `18.4`. */
  readonly version: string;
  readonly source: "external" | "embedded" | "system";
  /** The superuser to connect as; null when an external server gave us none. */
  readonly superuser: string | null;
  /** A connection string; the superuser and the database `postgres` unless said otherwise. */
  url(options?: UrlOptions): string;
  /** Settles when the server has ended, by {@link PostgresServer.stop} or by itself; never for an external one. */
  readonly ended: Promise<void>;
  /** Ends the server after its open transactions were told; does nothing to an external one. */
  stop(): Promise<void>;
}

/** Starts or joins a server and returns when it answers. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const externalUrl = options.externalUrl === undefined
    ? Deno.env.get("DATABASE_URL")
    : options.externalUrl ?? undefined;
  if (externalUrl !== undefined && externalUrl !== "") return await joinExternal(externalUrl);

  const binaries = await findBinaries(options);
  const runAs = postgresUser();
  const folder = await prepareDataFolder(options.dataDir, binaries, runAs, options.durable);
  if (folder === "made") options.onProgress?.(`Made a new data folder, ${options.dataDir}.`);
  await clearStaleLock(options.dataDir);
  const port = options.port ?? freePort();
  const counted = { ...options, settings: await withStatementCounter(binaries, options.settings) };
  const child = spawnServer(binaries, counted, port, runAs);
  const { closed } = await waitUntilReady(child, options, port);
  return {
    host: "127.0.0.1",
    port,
    version: binaries.version,
    source: binaries.source,
    superuser: SUPERUSER,
    url: ({ user = SUPERUSER, database = "postgres" } = {}) =>
      `postgresql://${encodeURIComponent(user)}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    ended: closed,
    stop: () => stopServer(child, closed),
  };
}

/** The server of `DATABASE_URL`. */
async function joinExternal(externalUrl: string): Promise<PostgresServer> {
  const client = new Client({ connectionString: externalUrl });
  try {
    await client.connect();
    const { rows } = await client.query(
      `select current_setting('server_version') as version, current_user as name, rolsuper as superuser
       from pg_catalog.pg_roles where rolname = current_user`,
    );
    const { version, name, superuser } = rows[0];
    const parsed = new URL(externalUrl);
    return {
      host: parsed.hostname,
      port: Number(parsed.port || 5432),
      version: String(version).split(" ")[0]!,
      source: "external",
      superuser: superuser ? name : null,
      url: (change) => changeUrl(externalUrl, change),
      ended: new Promise(() => {}),
      stop: () => Promise.resolve(),
    };
  } catch (error) {
    throw new HealingError("UNAVAILABLE", `Cannot use the server of DATABASE_URL: ${messageOf(error)}`, {
      hint: "Check DATABASE_URL, or unset it to run the embedded Postgres.",
      details: { problem: "external_unreachable" },
      cause: error,
    });
  } finally {
    await client.end();
  }
}

/** The same server with another user or database; a password stays, so it must fit the other user as well. */
function changeUrl(base: string, { user, database }: UrlOptions = {}): string {
  const url = new URL(base);
  if (user !== undefined) url.username = encodeURIComponent(user);
  if (database !== undefined) url.pathname = `/${encodeURIComponent(database)}`;
  return url.href;
}

// Signals of the terminal do not reach the server (it has a session of its own), and the end of the pipe does.
const WATCHER = `
remove=$1
shift
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
(while read -r line; do :; done <&3; kill -INT "$server" 2>/dev/null) >/dev/null 2>&1 &
watcher=$!
exec 3<&- >/dev/null 2>&1
wait "$server"
code=$?
kill "$watcher" 2>/dev/null
[ -z "$remove" ] || rm -rf "$remove"
exit "$code"`;

function spawnServer(
  binaries: Binaries,
  options: PostgresOptions,
  port: number,
  runAs: RunAs | undefined,
): Deno.ChildProcess {
  const windows = Deno.build.os === "windows";
  const server = [`${binaries.bin}/postgres${windows ? ".exe" : ""}`, ...serverFlags(options, port)];
  return new Deno.Command(windows ? server[0]! : "/bin/sh", {
    args: windows
      ? server.slice(1)
      : ["-c", WATCHER, "sh", options.temporary ? options.dataDir : "", ...server],
    ...(runAs ?? {}),
    // A folder that every user can enter and that nobody unmounts.
    ...(windows ? {} : { cwd: "/" }),
    env: { LC_ALL: "C", TZ: "UTC" },
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
    detached: true,
  }).spawn();
}

/** As on the platform, the server counts what statements cost; where its library is missing, nobody counts. */
async function withStatementCounter(
  { bin }: Binaries,
  settings: Record<string, string> = {},
): Promise<Record<string, string>> {
  const library = "pg_stat_statements";
  // A program in PATH may be a link; its libraries lie beside what it leads to.
  const home = (await Deno.realPath(`${bin}/postgres`).catch(() => `${bin}/postgres`)).replace(
    /\/[^/]*$/,
    "/..",
  );
  const folders = [`${home}/lib/postgresql`, `${home}/lib`];
  const files = folders.flatMap((folder) =>
    ["so", "dylib", "dll"].map((ending) => `${folder}/${library}.${ending}`)
  );
  const found = await Promise.all(files.map((file) => Deno.stat(file).then(() => true, () => false)));
  if (!found.includes(true)) return settings;
  const others = settings.shared_preload_libraries;
  return { ...settings, shared_preload_libraries: others === undefined ? library : `${library},${others}` };
}

function serverFlags({ dataDir, durable, settings: own }: PostgresOptions, port: number): string[] {
  const settings = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    max_connections: "200",
    lc_messages: "C",
    timezone: "UTC",
    log_timezone: "UTC",
    logging_collector: "off",
    log_destination: "stderr",
    ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
    ...own,
  };
  return ["-D", dataDir, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
}

/** Reads the server's log until it says that it is ready; `closed` settles when the log ends. */
async function waitUntilReady(
  child: Deno.ChildProcess,
  options: PostgresOptions,
  port: number,
): Promise<{ closed: Promise<void> }> {
  const lastLines: string[] = [];
  const ready = Promise.withResolvers<void>();
  const closed = followLog(child.stderr, (line) => {
    lastLines.push(line);
    if (lastLines.length > 40) lastLines.shift();
    options.onLog?.(line);
    if (line.includes("database system is ready to accept connections")) ready.resolve();
  });
  const ended = closed.then(async () => {
    await closePipe(child);
    await child.status;
    throw await startFailure(lastLines, options.dataDir, port);
  });
  ended.catch(() => {});
  await Promise.race([ready.promise, ended]);
  return { closed };
}

async function followLog(stream: ReadableStream<Uint8Array>, onLine: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop()!;
    lines.forEach(onLine);
  }
  if (rest !== "") onLine(rest);
}

async function stopServer(child: Deno.ChildProcess, closed: Promise<void>): Promise<void> {
  if (Deno.build.os === "windows") child.kill();
  await closePipe(child);
  await child.status;
  await closed;
}

/** Lets the watcher know; a second call finds the pipe closed, which is what was wanted. */
async function closePipe(child: Deno.ChildProcess): Promise<void> {
  await child.stdin.close().catch(() => {});
}

/** A port that was free a moment ago. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}
