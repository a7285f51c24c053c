import assert from "node:assert/strict";
import { createResilientDb, type ResilientDb } from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { callerOf } from "../helpers/writers.ts";

async function prepared(): Promise<{ database: TestDatabase; db: ResilientDb }> {
  const database = await createTestDatabase();
  await database.query(
    "create table prefs (id int primary key, v text); grant select, insert, update on prefs to service_role",
  );
  return { database, db: createResilientDb(callerOf(database, "service_role")) };
}

const stored = (database: TestDatabase) => database.query("select id, v from prefs order by id");

Deno.test("ResilientDb.upsert() sends a row that is in the batch twice once, and says of both that they are saved", async () => {
  const { database, db } = await prepared();
  await using _ = database;
  const rows = [{ id: 1, v: "a" }, { id: 2, v: "b" }, { v: "a", id: 1 }];
  const options = { onConflict: ["id"], key: "twins", returning: true as const };
  const result = await db.upsert("prefs", rows, options);
  assert.deepEqual(result.results.map(({ index, status }) => [index, status]), [[0, "saved"], [1, "saved"], [
    2,
    "saved",
  ]]);
  assert.equal(result.rows, 2);
  assert.deepEqual(await stored(database), [{ id: 1, v: "a" }, { id: 2, v: "b" }]);
  // Sent again under its key it is the same write, and makes nothing twice.
  await database.query("update prefs set v = 'changed since' where id = 1");
  await db.upsert("prefs", rows, options);
  assert.deepEqual((await stored(database))[0], { id: 1, v: "changed since" });
});

Deno.test("ResilientDb.upsert() writes none of the rows that have one key and different values, and all others", async () => {
  const { database, db } = await prepared();
  await using _ = database;
  await database.query("insert into prefs values (1, 'old')");
  const { results } = await db.upsert("prefs", [{ id: 1, v: "a" }, { id: 2, v: "b" }, { id: 1, v: "c" }], {
    onConflict: ["id"],
  });
  assert.deepEqual(results.map(({ status }) => status), ["failed", "saved", "failed"]);
  assert.match(results[0]!.error!.message, /the key of row 2 of the batch, and other values/);
  assert.deepEqual(await stored(database), [{ id: 1, v: "old" }, { id: 2, v: "b" }]);
});

Deno.test("ResilientDb.upsert() compares keys as they arrive in the column, and rows as what they say", async () => {
  const { database, db } = await prepared();
  await using _ = database;
  const { results } = await db.upsert("prefs", [{ id: 1, v: "a" }, { id: "1", v: "a" }, { id: 2, v: "x" }], {
    onConflict: ["id"],
  });
  // 1 and "1" are one key, but whether two rows that are written differently say the same is not guessed.
  assert.deepEqual(results.map(({ status }) => status), ["failed", "failed", "saved"]);
});
