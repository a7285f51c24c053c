import assert from "node:assert/strict";
import { proposeFromRules } from "../../supabase/functions/_shared/deterministicFixPatterns.ts";
import { applyFix, assertRefused, healAndRevert } from "../helpers/accessFixes.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { facts } from "../helpers/facts.ts";
import { waitFor } from "../helpers/waiting.ts";

function proposed(code: string, message: string): object {
  const [proposal] = proposeFromRules(facts({ code, message }));
  assert.ok(proposal, message);
  return proposal.action;
}

const SCHEMA = `
  create table authors (id int primary key); create table books (id int primary key, title text, author_id int references authors);
  create function add_book(title text, author_id int, shelf text default 'a') returns int language sql as 'select 1';`;

/** What the interface does not find, and whether the catalogue has it. */
const CASES: [code: string, message: string, isThere: boolean][] = [
  ["PGRST204", "Could not find the 'title' column of 'books' in the schema cache", true],
  ["PGRST204", "Could not find the 'subtitle' column of 'books' in the schema cache", false],
  ["PGRST205", "Could not find the table 'public.books' in the schema cache", true],
  ["PGRST205", "Could not find the table 'public.films' in the schema cache", false],
  ["PGRST202", "Could not find the function public.add_book(author_id, title) in the schema cache", true],
  ["PGRST202", "Could not find the function public.add_book(author, title) in the schema cache", false],
  ["PGRST202", "Could not find the function public.add_book(title) in the schema cache", false],
  ["PGRST202", "Could not find the function public.add_book without parameters in the schema cache", false],
  ["PGRST200", "Could not find a relationship between 'books' and 'authors' in the schema cache", true],
  ["PGRST200", "Could not find a relationship between 'books' and 'films' in the schema cache", false],
];

Deno.test("reload_schema_cache tells an old copy of the schema from what is truly missing", async () => {
  await using database = await createTestDatabase();
  await database.query(SCHEMA);
  for (const [code, message, isThere] of CASES) {
    const draft = proposed(code, message);
    if (isThere) await healAndRevert(database, draft, () => Promise.resolve());
    else await assertRefused(database, draft, /not in the catalogue either/);
  }
});

Deno.test("reload_schema_cache tells the interface once it is committed, and never in a dry run", async () => {
  await using database = await createTestDatabase();
  await database.query(SCHEMA);
  const listener = await database.connect();
  const heard: string[] = [];
  listener.on("notification", ({ payload }) => heard.push(payload ?? ""));
  await listener.query("listen pgrst");
  const draft = proposed(...CASES[0]!.slice(0, 2) as [string, string]);
  assert.equal((await applyFix(database, draft, { rollback: true })).kind, "applied");
  await database.query("notify pgrst, 'marker'");
  await waitFor("the marker", () => heard.includes("marker"));
  assert.deepEqual(heard, ["marker"]);
  assert.equal((await applyFix(database, draft)).kind, "applied");
  await waitFor("the reload", () => heard.length === 2);
  assert.equal(heard[1], "reload schema");
});
