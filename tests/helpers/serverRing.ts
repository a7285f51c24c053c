/**
 * The ring of tests that needs a real Postgres with pg_cron and many connections: the server of
 * `TEST_SERVER_URL` (a superuser's connection string; `postgres` must not be that superuser), which
 * `deno task test --server` starts from the system's programs. Without it these tests are skipped.
 *
 * @module
 */

import { applyMigrations } from "../../scripts/stack/migrate.ts";
import { applyPlatform } from "../../scripts/stack/platform.ts";
import { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import {
  cloneDatabase,
  openTestDatabase,
  type TestDatabase,
  type TestDatabaseOptions,
} from "./testDatabase.ts";
import { buildTemplates, onServer, withDatabase } from "./testServer.ts";

/** The variable that names the server. */
export const TEST_SERVER_URL = "TEST_SERVER_URL";
/** The variable by which a run tells its files that the server is prepared. */
export const TEST_SERVER_PREPARED = "TEST_SERVER_PREPARED";

const serverUrl = Deno.env.get(TEST_SERVER_URL);
if (serverUrl && !Deno.env.get(TEST_SERVER_PREPARED)) await prepareServer(serverUrl);

/** Registers a test that is ignored where there is no server. */
export function serverTest(name: string, work: (context: Deno.TestContext) => void | Promise<void>): void {
  Deno.test({ name, ignore: !serverUrl, fn: work });
}

/** A database of its own on the server; its `cron` is the stand-in, as pg_cron belongs to one database only. */
export function createServerDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  return cloneDatabase(requireServer(), options);
}

/** The server's one database with the real pg_cron; it stays, so leave it as it was. */
export function openCronDatabase(): Promise<TestDatabase> {
  return openTestDatabase(requireServer(), "postgres", () => Promise.resolve());
}

/** Platform and migrations in the database of pg_cron, and the templates to clone. */
export async function prepareServer(url: string, onProgress?: (message: string) => void): Promise<void> {
  const [role] = await onServer(url, "select rolsuper from pg_catalog.pg_roles where rolname = 'postgres'");
  if (role?.rolsuper) {
    throw new HealingError(
      "CONFIG_MISSING",
      `On the server of ${TEST_SERVER_URL}, postgres is a superuser.`,
      {
        hint: "Make the cluster with `initdb -U supabase_admin`, or run `deno task test --server`.",
      },
    );
  }
  await applyPlatform(withDatabase(url, "postgres"));
  await applyMigrations(withDatabase(url, "postgres", "postgres"), { onProgress });
  await buildTemplates(url, onProgress);
}

function requireServer(): string {
  if (serverUrl) return serverUrl;
  throw new HealingError("CONFIG_MISSING", `${TEST_SERVER_URL} is not set.`, {
    hint: "Register the test with serverTest(), which skips it then.",
  });
}
