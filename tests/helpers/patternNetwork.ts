/** Databases that take part in the learning network. @module */

import { createPatternKey, type PatternKey } from "../../supabase/functions/_shared/patternSharing.ts";
import { type Contract, openContract, setSetting } from "./contract.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";

/** A key and the setting that trusts it. */
export async function trustedKey(): Promise<{ key: PatternKey; setting: string[] }> {
  const key = await createPatternKey();
  return { key, setting: [key.publicKey] };
}

/** A database that trusts one key. */
export async function trusting(): Promise<{ database: TestDatabase; contract: Contract; key: PatternKey }> {
  const database = await createTestDatabase();
  const contract = await openContract(database);
  const { key, setting } = await trustedKey();
  await setSetting(contract.rpc, "trusted_pattern_keys", setting);
  return { database, contract, key };
}

/** How much a database holds of what came in. */
export async function countsOfSharing(database: TestDatabase): Promise<Record<string, number>> {
  const [row] = await database.query<Record<string, number>>(
    `select (select count(*)::int from universal_error_patterns) as patterns, (select count(*)::int from pattern_imports) as imports,
     (select count(*)::int from imported_patterns) as items`,
  );
  return row!;
}
