/**
 * A Postgres server for one command: started when it is first needed, gone with all of its data afterwards.
 *
 * @module
 */

import { Client } from "../../supabase/functions/_shared/postgres.ts";
import { freshDataDir } from "../stack/dataDir.ts";
import { applyMigrations } from "../stack/migrate.ts";
import { applyPlatform } from "../stack/platform.ts";
import { type PostgresServer, startPostgres } from "../stack/postgres.ts";

/** A server with as many databases as wished. */
export interface ScratchServer extends AsyncDisposable {
  readonly version: string;
  /** Makes a database as `options` say and returns its connection string, for the superuser. */
  createDatabase(options?: ScratchOptions): Promise<string>;
}

/** What a new database holds. */
export interface ScratchOptions {
  /**
   * `generous` stands for a project that grants every new object of `public` to all roles by itself, as projects
   * did until 2026-10-30; `strict` is the platform of today.
   */
  grants?: "strict" | "generous" | undefined;
  /** `false` leaves the database without our migrations. */
  migrated?: boolean | undefined;
}

// What a project has that was made before the platform stopped granting by itself.
const GENEROUS_GRANTS = ["tables", "sequences", "functions"].map((kind) =>
  `alter default privileges for role postgres in schema public grant all on ${kind} to anon, authenticated, service_role`
).join("; ");

/** Starts a server in a folder of its own, which goes with it. */
export async function startScratchServer(): Promise<ScratchServer> {
  const dataDir = await freshDataDir();
  const server = await startPostgres({ dataDir, durable: false, temporary: true, externalUrl: null });
  let count = 0;
  return {
    version: server.version,
    createDatabase: (options = {}) => createDatabase(server, `scratch_${++count}`, options),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

async function createDatabase(
  server: PostgresServer,
  name: string,
  options: ScratchOptions,
): Promise<string> {
  await runSql(server.url(), `create database ${name}`);
  const superuserUrl = server.url({ database: name });
  await applyPlatform(superuserUrl);
  if (options.grants === "generous") await runSql(superuserUrl, GENEROUS_GRANTS);
  if (options.migrated !== false) await applyMigrations(server.url({ database: name, user: "postgres" }));
  return superuserUrl;
}

/** Runs one statement on a connection of its own and returns its rows. */
export async function runSql<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}
