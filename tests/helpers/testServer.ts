/**
 * The Postgres of a test run: fast instead of durable, with templates that have the platform's stand-in and
 * every migration. `deno task test` starts it once; a test file that is run alone starts its own.
 *
 * @module
 */

import { freshDataDir } from "../../scripts/stack/dataDir.ts";
import { applyMigrations } from "../../scripts/stack/migrate.ts";
import { applyPlatform } from "../../scripts/stack/platform.ts";
import { startPostgres } from "../../scripts/stack/postgres.ts";
import { Client, type QueryResultRow } from "../../supabase/functions/_shared/postgres.ts";

/** A server that databases are cloned on. */
export interface TestServer {
  /** The superuser's connection string of the database `postgres`. */
  url: string;
  /** For example `18.4, embedded`. */
  description: string;
  stop(): Promise<void>;
}

/** The variable by which a run tells its test files where the server is. */
export const TEST_POSTGRES_URL = "TEST_POSTGRES_URL";

/** The database to clone: platform and migrations. */
export const TEMPLATE = "template_migrated";

/** The database to clone where a test applies migrations itself: the platform alone. */
export const PLATFORM_TEMPLATE = "template_platform";

/** Starts a server in a folder of its own, which goes with it, and builds the template. */
export async function startTestServer(onProgress?: (message: string) => void): Promise<TestServer> {
  const postgres = await startPostgres({
    dataDir: await freshDataDir(),
    durable: false,
    temporary: true,
    externalUrl: null,
    onProgress,
  });
  const description = `Postgres ${postgres.version}, ${postgres.source}`;
  onProgress?.(`${description}, is ready on port ${postgres.port}.`);
  try {
    await buildTemplates(postgres.url(), onProgress);
    return { url: postgres.url(), description, stop: postgres.stop };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

/**
 * Makes two databases to clone: one with the platform alone, one with the migrations as well. Those of an
 * earlier run are replaced.
 */
export async function buildTemplates(url: string, onProgress?: (message: string) => void): Promise<void> {
  for (const template of [PLATFORM_TEMPLATE, TEMPLATE]) await dropTemplate(url, template);
  await onServer(url, `create database ${PLATFORM_TEMPLATE}`);
  await applyPlatform(withDatabase(url, PLATFORM_TEMPLATE));
  onProgress?.("The platform's stand-in is applied.");
  await onServer(url, `create database ${TEMPLATE} template ${PLATFORM_TEMPLATE} owner postgres`);
  await applyMigrations(withDatabase(url, TEMPLATE, "postgres"), { onProgress });
  for (const template of [PLATFORM_TEMPLATE, TEMPLATE]) {
    await onServer(url, `alter database ${template} with is_template true allow_connections false`);
  }
}

async function dropTemplate(url: string, template: string): Promise<void> {
  const exists = `select from pg_catalog.pg_database where datname = '${template}'`;
  if ((await onServer(url, exists)).length === 0) return;
  await onServer(url, `alter database ${template} with is_template false`);
  await onServer(url, `drop database ${template} with (force)`);
}

/** Runs one statement on the server and returns its rows. */
export async function onServer(url: string, sql: string): Promise<QueryResultRow[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
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
