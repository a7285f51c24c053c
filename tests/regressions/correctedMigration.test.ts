import assert from "node:assert/strict";
import { applyMigration } from "../../supabase/functions/_shared/databaseHealer.ts";
import { prepared } from "../helpers/engine.ts";

Deno.test("applyMigration() heals a corrected migration whose first version failed for another reason after the fix", async () => {
  const [database, contract] = await prepared();
  await using _d = database;
  await using _c = contract;
  const apply = (migration: string) => applyMigration({ databaseUrl: database.url, migration });
  await apply("create table t as select unaccent('é') as a; insert into t (nope) values (1);");
  // The fix was right; that another statement failed is no evidence against it.
  assert.deepEqual(await database.query("select from universal_error_patterns"), []);
  const corrected = await apply("create table t as select unaccent('é') as a;");
  assert.equal(corrected.healed, true, corrected.reason);
});
