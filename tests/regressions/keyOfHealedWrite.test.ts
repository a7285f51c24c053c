import assert from "node:assert/strict";
import { createResilientDb } from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { callerOf } from "../helpers/writers.ts";

const ROWS = [{ role: "user", content: "a" }, { sender: "user", message: "b" }, {
  role: "user",
  content: "c",
}];

// The first time the table is not known and the row heals in a second round; the second time it heals in the first.
for (
  const [what, rows] of [["a healed row", ROWS.slice(1, 2)], ["a batch with a healed row", ROWS]] as const
) {
  Deno.test(`${what} that is sent again under its key is written once, whoever has learned the table meanwhile`, async () => {
    await using database = await createTestDatabase();
    await database.query(`create table messages (role text not null, content text not null);
      grant select, insert on messages to authenticated`);
    const caller = callerOf(database, "authenticated", { sub: "anna" });
    const known = createResilientDb(caller);
    const stranger = createResilientDb(caller);
    for (const db of [known, known, stranger, stranger]) {
      const { results } = await db.insertMany("messages", rows, { key: "once" });
      assert.ok(
        results.every(({ status }) => status === "saved" || status === "healed"),
        JSON.stringify(results),
      );
    }
    assert.equal((await database.query("select from messages")).length, rows.length);
  });
}
