/** Error groups as the tests of captures and merges make and read them. @module */

import assert from "node:assert/strict";
import {
  type CapturedError,
  type CapturedGroup,
  captureErrors,
  type RpcPort,
} from "../../supabase/functions/_shared/healingDb.ts";
import { occurrence, openContract } from "./contract.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";

/** What a merge answers. */
export interface Merge {
  merge_id: string;
  kept_id: string;
  occurrence_count: number;
}

/** A database with an open group for each name, and a connection to it. */
export async function openGroups(...names: string[]) {
  const database = await createTestDatabase();
  const contract = await openContract(database);
  const ids: string[] = [];
  for (const name of names) ids.push((await capture(contract.rpc, name)).id);
  return {
    database,
    rpc: contract.rpc,
    ids,
    async [Symbol.asyncDispose]() {
      await contract[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Captures one error and returns its group. */
export async function capture(
  rpc: RpcPort,
  fingerprint: string,
  changes: Partial<CapturedError> = {},
): Promise<CapturedGroup> {
  const { errors, rejected } = await captureErrors(rpc, [occurrence({ fingerprint, ...changes })]);
  assert.equal(rejected, 0);
  return errors[0]!;
}

/** Merges groups into the first of them, as the owner of the database. */
export async function merge(database: TestDatabase, ids: readonly string[]): Promise<Merge> {
  const [row] = await database.query("select merge_error_groups($1, 'one cause') as merge", [ids]);
  return row!.merge as Merge;
}

/** Takes a merge back. */
export async function undo(database: TestDatabase, mergeId: string): Promise<void> {
  await database.query("select undo_error_group_merge($1, 'two causes after all')", [mergeId]);
}

/** Counts by fingerprint, merged groups included. */
export async function counts(database: TestDatabase): Promise<Record<string, number>> {
  const rows = await database.query<{ fingerprint: string; count: number }>(
    "select fingerprint, sum(occurrence_count)::int as count from detected_errors group by 1",
  );
  return Object.fromEntries(rows.map(({ fingerprint, count }) => [fingerprint, count]));
}
