import assert from "node:assert/strict";
import { createResilientDb } from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { sqlBlocks } from "../helpers/pageSql.ts";
import { callerOf } from "../helpers/writers.ts";

Deno.test("what docs/writing.md asks the database is answered: parked values, missing columns, writes that wait", async () => {
  await using database = await createTestDatabase();
  await database.query("create table notes (text text); grant select, insert on notes to authenticated");
  const db = createResilientDb(callerOf(database, "authenticated", { sub: "anna" }));
  await db.insert("notes", { text: "a", mood: "calm" });
  await db.insert("notes", { text: "b", mood: "calm" }, { missingColumns: "wait" });
  const text = await Deno.readTextFile(new URL("../../docs/writing.md", import.meta.url));
  const questions = sqlBlocks(text);
  assert.equal(questions.length, 3);
  for (const question of questions) {
    const admin = { app_metadata: { role: "admin" } };
    const rows = await database.asRole("authenticated", admin, (session) => session.query(question));
    assert.equal(rows.length, 1, question);
  }
});
