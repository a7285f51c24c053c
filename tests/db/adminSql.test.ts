/** Every query of docs/admin-sql.md, as an admin asks it of a project in which something of each has happened. */

import assert from "node:assert/strict";
import { blocksOf } from "../../scripts/lib/documents.ts";
import { splitStatements } from "../../supabase/functions/_shared/sqlStatements.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { prepared } from "../helpers/engine.ts";
import { liveThrough } from "../helpers/livedProject.ts";
import { isEmpty } from "../helpers/answers.ts";

const PAGE = new URL("../../docs/admin-sql.md", import.meta.url);
const ADMIN = { sub: "ada", app_metadata: { role: "admin" } };

interface Question {
  number: number;
  queries: string[];
}

function statementsOf(part: string): string[] {
  return blocksOf("docs/admin-sql.md", part).flatMap(({ code }) => splitStatements(code)).map(({ text }) =>
    text
  );
}

async function questions(): Promise<Question[]> {
  const parts = (await Deno.readTextFile(PAGE)).split(/^\*\*(?=\d+\. )/m).slice(1);
  return parts.map((part) => ({ number: Number.parseInt(part), queries: statementsOf(part) }));
}

Deno.test("docs/admin-sql.md answers twenty questions, each with rows, for an admin and for nobody else", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await using untouched = await createTestDatabase();
  await liveThrough(database, contract);
  const all = await questions();
  assert.deepEqual(all.map(({ number }) => number), Array.from({ length: 20 }, (_, index) => index + 1));
  for (const { number, queries } of all) {
    assert.ok(queries.length > 0, `question ${number}`);
    for (const sql of queries) {
      const rows = await database.asRole("authenticated", ADMIN, (session) => session.query(sql));
      assert.ok(rows.length > 0 && !isEmpty(rows), `question ${number} has no answer: ${sql}`);
      const strangers = await database.asRole(
        "authenticated",
        { sub: "eve" },
        (session) => session.query(sql).catch(() => []),
      );
      // A list of what there is to know, and nothing known of it, is no secret.
      if (!isEmpty(strangers)) assert.deepEqual(strangers, await untouched.query(sql), `question ${number}`);
    }
  }
});
