/** Reads the catalogue of a test database in the way the gates do. @module */

import type { Rows } from "../../scripts/lib/gate.ts";
import type { TestDatabase } from "./database.ts";

/** A reader over a connection of its own with an empty search_path; it ends with the database. */
export async function catalogueRows(database: TestDatabase): Promise<Rows> {
  const client = await database.connect();
  await client.query("set search_path = ''");
  return async <Row extends object>(sql: string) => (await client.query<Row>(sql)).rows;
}
