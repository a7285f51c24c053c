/**
 * The Postgres of a test run: fast instead of durable, with one template database that has the platform's
 * stand-in and every migration. `deno task test` starts it once; a test file that is run alone starts its own.
 *
 * @module
 */

import { freshDataDir } from "../../scripts/stack/dataDir.ts";
import { applyMigrations } from "../../scripts/stack/migrate.ts";
import { applyPlatform } from "../../scripts/stack/platform.ts";
import { startPostgres } from "../../scripts/stack/postgres.ts";
import { Client } from "../../supabase/functions/_shared/postgres.ts";

/** A server that databases are cloned on. */
export interface TestServer {
  /** The superuser's connection string of the database `postgres`. */
  url: string;
  /** The database to clone. */
  template: string;
  /** For example `18.4, embedded`. */
  description: string;
  stop(): Promise<void>;
}

/** Names in the environment by which a run tells its test files where the server is. */
export const TEST_POSTGRES_URL = "TEST_POSTGRES_URL";
/** See {@link TEST_POSTGRES_URL}. */
export const TEST_POSTGRES_TEMPLATE = "TEST_POSTGRES_TEMPLATE";

const TEMPLATE = "healing_template";

/** Starts a server in a folder of its own and builds the template; `stop` removes the folder. */
export async function startTestServer(onProgress?: (message: string) => void): Promise<TestServer> {
  const dataDir = await freshDataDir();
  const postgres = await startPostgres({ dataDir, durable: false, externalUrl: null, onProgress });
  const description = `Postgres ${postgres.version}, ${postgres.source}`;
  onProgress?.(`${description}, is ready on port ${postgres.port}.`);
  async function stop(): Promise<void> {
    await postgres.stop();
    await Deno.remove(dataDir, { recursive: true });
  }
  try {
    await buildTemplate(postgres.url(), TEMPLATE, onProgress);
    return { url: postgres.url(), template: TEMPLATE, description, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Makes a database with platform and migrations that can be cloned. */
export async function buildTemplate(
  superuserUrl: string,
  template: string,
  onProgress?: (message: string) => void,
): Promise<void> {
  await onServer(superuserUrl, `create database ${template}`);
  const templateUrl = withDatabase(superuserUrl, template);
  await applyPlatform(templateUrl);
  await applyMigrations(withDatabase(superuserUrl, template, "postgres"), { onProgress });
  await onServer(superuserUrl, `alter database ${template} with is_template true allow_connections false`);
}

/** Runs one statement on the server. */
export async function onServer(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** The same server with another database, and another user where one is named. */
export function withDatabase(base: string, database: string, user?: string): string {
  const url = new URL(base);
  url.pathname = `/${database}`;
  if (user !== undefined) url.username = user;
  return url.href;
}
