/** What the gates over the catalogue accept and refuse, each on a database that was built for it. @module */

import assert from "node:assert/strict";
import { ADVISORS, advisorsGate } from "../../scripts/gates/advisors.ts";
import { findUncommentedObjects } from "../../scripts/gates/documented.ts";
import { grantsGate } from "../../scripts/gates/grants.ts";
import { findOpenObjects } from "../../scripts/gates/migrations/openObjects.ts";
import { createGateContext } from "../../scripts/lib/gate.ts";
import { catalogueRows } from "../helpers/catalogueRows.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";

const WELL_BUILT = `
  create schema healing_private;
  comment on schema healing_private is 'Internals.';
  create table public.parents (id uuid primary key, name text not null);
  comment on table public.parents is 'Parents.';
  create table public.children (id uuid primary key, parent_id uuid references public.parents);
  comment on table public.children is 'Children.';
  create index children_parent_id_idx on public.children (parent_id);
  alter table public.parents enable row level security;
  alter table public.children enable row level security;
  create policy works on public.parents for all to service_role using (true) with check (true);
  create policy works on public.children for all to service_role using (true) with check (true);
  create policy own on public.children for select to authenticated using (parent_id = (select auth.uid()));
  revoke all on public.parents, public.children from public, anon, authenticated, service_role;
  grant select on public.children to authenticated;
  create view public.names with (security_invoker = on) as select name from public.parents;
  comment on view public.names is 'Names.';
  revoke all on public.names from public, anon, authenticated, service_role;
  create function public.count_parents() returns bigint language sql set search_path = ''
    as 'select count(*) from public.parents';
  comment on function public.count_parents() is 'Counts.';
  revoke all on function public.count_parents() from public, anon, authenticated, service_role;
  grant execute on function public.count_parents() to service_role;
`;

/** A statement that spoils the well-built database, and what must be found then. */
type Spoiler = [statement: string, finding: RegExp];

async function build(sql: string): Promise<TestDatabase> {
  const database = await createTestDatabase({ migrated: false });
  await database.query(sql);
  return database;
}

/** Each statement spoils the database in a transaction of its own, which is undone after the look. */
async function findsEach(
  spoilers: Spoiler[],
  look: (rows: Awaited<ReturnType<typeof catalogueRows>>) => Promise<string[]>,
) {
  await using database = await build(WELL_BUILT);
  const rows = await catalogueRows(database);
  assert.deepEqual(await look(rows), []);
  for (const [statement, finding] of spoilers) {
    await rows("begin");
    await rows(statement);
    const problems = await look(rows);
    await rows("rollback");
    assert.ok(
      problems.length === 1 && finding.test(problems[0]!),
      `${statement}: ${problems.join("\n") || "nothing"}`,
    );
  }
}

const TABLE =
  "create table public.extra (id int primary key); alter table public.extra enable row level security;";

Deno.test("advisorsGate accepts a well-built schema and refuses every way of spoiling it", async () => {
  const spoilers: Spoiler[] = [
    [
      "alter table public.children drop constraint children_pkey",
      /^public\.children has no primary key.*\(no_primary_key\)$/,
    ],
    [
      "drop index public.children_parent_id_idx",
      /^public\.children\.children_parent_id_fkey .*\(unindexed_foreign_key\)$/,
    ],
    [
      "drop index public.children_parent_id_idx; create index on public.children (id, parent_id)",
      /\(unindexed_foreign_key\)$/,
    ],
    ["create index again on public.children (parent_id)", /again, .*\(duplicate_index\)$/],
    ["alter table public.parents add api_key text", /^public\.parents\.api_key .*\(secret_column\)$/],
    ["alter table public.parents add kind regprocedure", /\(unsupported_reg_type\)$/],
    [
      "alter table public.parents add email text references auth.users (email); create index on public.parents (email)",
      /\(foreign_key_to_auth_unique\)$/,
    ],
    ["create extension hstore with schema public", /^hstore .*\(extension_in_public\)$/],
    ["alter table public.parents add check (name <> '')", /parents_name_check .*\(unnamed_constraint\)$/],
    ["alter table public.parents add number serial", /parents_number_seq .*\(serial_column\)$/],
    [
      "drop policy own on public.children; create policy own on public.children for select to authenticated using (parent_id = auth.uid())",
      /^public\.children, policy own .*\(policy_called_per_row\)$/,
    ],
    [
      "create policy more on public.children for select to public using (id is not null)",
      /authenticated and command r .*\(several_permissive_policies\)$/,
    ],
    ["alter table public.parents disable row level security", /\(policy_without_rls\)$/],
    [
      "create policy open on public.parents for insert to authenticated with check (true)",
      /\(policy_always_true\)$/,
    ],
    ["create policy open on public.parents for delete to public using (true)", /\(policy_always_true\)$/],
    [
      "create policy meta on public.parents for select to authenticated using (((select auth.jwt()) -> 'user_metadata' ->> 'role') = 'admin')",
      /\(policy_trusts_user_metadata\)$/,
    ],
    [
      "create function public.power() returns int language sql security definer set search_path = '' as 'select 1'",
      /^public\.power\(\) .*\(definer_function_in_api\)$/,
    ],
    [
      "create view public.all_names as select name from public.parents",
      /^public\.all_names .*\(definer_view\)$/,
    ],
    [
      "create view public.people with (security_invoker = on) as select id from auth.users; grant select on public.people to anon",
      /\(users_exposed\)$/,
    ],
    [
      "create materialized view public.stored as select name from public.parents; grant select on public.stored to authenticated",
      /\(materialized_view_in_api\)$/,
    ],
    ["grant insert on public.parents to anon", /^public\.parents .*\(granted_to_anon\)$/],
    ["grant truncate on public.parents to authenticated", /\(grant_beyond_policies\)$/],
  ];
  await findsEach(spoilers, (rows) => advisorsGate.run(createGateContext("", { rows })));
  const tried = spoilers.map(([, finding]) => /\\\((\w+)\\\)/.exec(finding.source)?.[1]);
  // A foreign table needs a server that the platform does not let us create.
  const untried = ADVISORS.map(({ key }) => key).filter((key) =>
    !tried.includes(key) && key !== "foreign_table_in_api"
  );
  assert.deepEqual(untried, []);
});

Deno.test("migrationsGate finds what is open in the catalogue", async () => {
  await findsEach([
    [
      "alter function public.count_parents() reset search_path",
      /^public\.count_parents\(\) has no set search_path/,
    ],
    ["grant execute on function public.count_parents() to public", /can be executed by everyone/],
    ["alter table public.parents disable row level security", /^public\.parents has no row level security/],
    [TABLE, /^public\.extra has row level security but no policy/],
    ["grant select on public.parents to public", /^public\.parents is granted to everyone/],
  ], findOpenObjects);
});

Deno.test("documentedGate finds objects of the database without a comment", async () => {
  await findsEach([
    ["comment on schema healing_private is null", /^schema healing_private has no comment/],
    ["comment on table public.parents is null", /^table public\.parents has no comment/],
    ["comment on view public.names is null", /^view public\.names has no comment/],
    [
      "comment on function public.count_parents() is null",
      /^function public\.count_parents\(\) has no comment/,
    ],
    ["create type public.kind as enum ('a')", /^type public\.kind has no comment/],
    ["create sequence healing_private.numbers", /^sequence healing_private\.numbers has no comment/],
  ], findUncommentedObjects);
});

Deno.test("grantsGate refuses rights that a migration leaves to the age of the project", async () => {
  const generous = ["tables", "sequences", "functions"].map((kind) =>
    `alter default privileges in schema public grant all on ${kind} to anon, authenticated, service_role;`
  ).join("\n");
  await using strict = await build(WELL_BUILT);
  await using older = await build(`${generous}\n${WELL_BUILT}`);
  const context = createGateContext("", {
    rows: await catalogueRows(strict),
    generousRows: await catalogueRows(older),
  });
  assert.deepEqual(await grantsGate.run(context), []);

  const careless =
    "create table public.extra (id int); create function public.extra() returns int language sql as 'select 1';";
  await strict.query(careless);
  await older.query(careless);
  const problems = await grantsGate.run(context);
  assert.ok(
    problems.some((problem) =>
      problem.startsWith("table public.extra: an older project gives anon truncate on it by itself")
    ),
  );
  assert.ok(
    problems.some((problem) =>
      problem.startsWith("function public.extra(): an older project gives authenticated execute")
    ),
  );
});
