import assert from "node:assert/strict";
import { prepared } from "../helpers/engine.ts";
import { liveThrough } from "../helpers/livedProject.ts";
import { sqlStatements } from "../helpers/pageSql.ts";

const PAGE = new URL("../../docs/operations.md", import.meta.url);
const ADMIN = { sub: "ada", app_metadata: { role: "admin" } };

Deno.test("docs/operations.md shows SQL that an admin can run at 3 a.m., from top to bottom, and its settings exist", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await liveThrough(database, contract);
  await database.query("update universal_error_patterns set auto_fixable = true");
  await database.query("insert into circuit_breakers (name) values ('openai')");
  const page = await Deno.readTextFile(PAGE);
  const statements = sqlStatements(page);
  assert.ok(statements.length >= 15, `${statements.length} statements`);
  for (const sql of statements) {
    // Vault is the owner's.
    const rows = sql.includes("vault.")
      ? await database.query(sql)
      : await database.asRole("authenticated", ADMIN, (session) => session.query(sql));
    assert.ok(rows.length > 0, `no row: ${sql}`);
  }
  const known = new Set((await database.query("select key from healing_settings")).map(({ key }) => key));
  const table = page.slice(page.indexOf("## Budgets"), page.indexOf("## Every week"));
  const named = [...table.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, name]) => name!);
  assert.deepEqual(named.filter((name) => !known.has(name) && name !== "get_ai_budget"), []);
});
