/** A database in which fixes of the database are applied without a person. @module */

import { openContract, setSetting } from "./contract.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";

/** A database of its own with fixes turned on, and what a test sets up in it. */
export async function withDatabaseFixes(setup = ""): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await using contract = await openContract(database);
  await setSetting(contract.rpc, "mode_database", "auto");
  if (setup !== "") await database.query(setup);
  return database;
}
