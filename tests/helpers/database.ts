/**
 * A database for a test file: a clone of the template, made in some twenty milliseconds, dropped at the end.
 *
 * Make it at the top of the file or in the test, with `await using database = await createTestDatabase()`.
 *
 * @module
 */

import { cloneDatabase, type TestDatabase, type TestDatabaseOptions } from "./testDatabase.ts";
import { startTestServer, TEST_POSTGRES_URL } from "./testServer.ts";

export type { ApiRole, Session, TestDatabase, TestDatabaseOptions } from "./testDatabase.ts";

// Started here and not in a test, so that no test is blamed for a process that outlives it. Where this process
// started it, nobody stops it: its watcher does, when this process ends.
const serverUrl = Deno.env.get(TEST_POSTGRES_URL) ?? (await startTestServer()).url;

/** A database of its own on the embedded Postgres, with platform and migrations. */
export function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  return cloneDatabase(serverUrl, options);
}
