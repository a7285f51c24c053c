/** Migrations as people and models write them for Supabase: each heals, or is refused with a reason that is true. */

import assert from "node:assert/strict";
import { applyMigration, planMigration } from "../../supabase/functions/_shared/databaseHealer.ts";
import { openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";

/** The profiles of the documentation, with the trigger on the platform's own table. */
const PROFILES = `
  create table public.profiles (id uuid references auth.users on delete cascade primary key, username text unique);
  alter table public.profiles enable row level security;
  create policy "Own profile." on public.profiles for select using (auth.uid() = id);
  create function public.handle_new_user() returns trigger language plpgsql security definer set search_path = ''
    as $$ begin insert into public.profiles (id) values (new.id); return new; end; $$;
  create trigger on_auth_user_created after insert on auth.users for each row execute procedure public.handle_new_user();`;

interface Story {
  name: string;
  before?: string;
  migration: string;
  /** How it ends: the words of its reason, or that it heals. */
  ends: "heals" | RegExp;
  /** True only where the story is as it should be. */
  shows?: string;
}

const STORIES: readonly Story[] = [
  { name: "all of the profiles again", before: PROFILES, migration: PROFILES, ends: "heals" },
  {
    name: "the trigger of the profiles in another form",
    before: PROFILES,
    migration:
      "create trigger on_auth_user_created after update on auth.users for each row execute procedure public.handle_new_user()",
    ends: /on_auth_user_created exists with another definition/,
    shows: "select count(*) = 1 from pg_trigger where tgname = 'on_auth_user_created' and tgtype & 4 = 4",
  },
  {
    name: "a plain text and a JSON text for a json column",
    before: "create table j (id int primary key, meta jsonb, note json)",
    migration:
      `insert into j (id, meta, note) values (1, 'it''s plain', '{"a": 1}'), (2, '"quoted"', 'hello')`,
    ends: "heals",
    shows:
      "select bool_and(case id when 1 then meta = to_jsonb('it''s plain'::text) and note ->> 'a' = '1' else meta = '\"quoted\"' and note #>> '{}' = 'hello' end) from j",
  },
  {
    name: "JSON that was cut",
    before: "create table j (id int primary key, meta jsonb)",
    migration: `insert into j (id, meta) values (1, '{"a": 1')`,
    ends: /begins like JSON and is none/,
  },
  {
    name: "a text in double quotes waits for a person",
    before: "create table settings (k text primary key, v text)",
    migration: `insert into settings values ("theme", "it's dark")`,
    ends: /a fix waits for approval/,
  },
  {
    name: "a key without an index waits for a person",
    before: "create table prefs (user_id uuid, k text, v text)",
    migration:
      "insert into prefs values (null, 'a', 'b') on conflict (user_id, k) do update set v = excluded.v",
    ends: /a fix waits for approval/,
  },
  {
    name: "a key over rows that are there twice",
    before: "create table prefs (k text, v text); insert into prefs values ('a', '1'), ('a', '2')",
    migration: "insert into prefs values ('b', '1') on conflict (k) do nothing",
    ends: /1 keys are there more than once, and which of their rows stays is for a person to say/,
  },
  {
    name: "a key over rows that may be gone",
    before: "create table prefs (k text, v text, deleted_at timestamptz)",
    migration: "insert into prefs values ('b', '1') on conflict (k) do nothing",
    ends: /rows of prefs may be gone by deleted_at/,
  },
  {
    name: "a constraint over rows that are there twice",
    before: "create table t (id int); insert into t values (1), (1)",
    migration: "alter table t add constraint t_id_key unique (id)",
    ends: /no fix, because rows that exist have the same key/,
  },
  {
    name: "a column that nobody made",
    before: "create table t (id int)",
    migration: "comment on column t.nope is 'x'",
    ends: /no fix, because nothing is called nope in any case$/,
  },
  {
    name: "a role that nobody made",
    before: "create table t (id int)",
    migration: "grant select on t to web_anon",
    ends: /no fix, because the role does not exist, and a role is never made/,
  },
  {
    name: "a version that another migration has waits for a person",
    before:
      "create schema if not exists supabase_migrations; create table if not exists supabase_migrations.schema_migrations (version text primary key, name text, statements text[]); insert into supabase_migrations.schema_migrations (version, name) values ('99991231235959', 'a')",
    migration:
      "insert into supabase_migrations.schema_migrations (version, name) values ('99991231235959', 'b')",
    ends: /a fix waits for approval|is of another form/,
  },
  {
    name: "the same migration recorded again",
    before:
      "create schema if not exists supabase_migrations; create table if not exists supabase_migrations.schema_migrations (version text primary key, name text, statements text[]); insert into supabase_migrations.schema_migrations (version, name) values ('99991231235959', 'a')",
    migration:
      "insert into supabase_migrations.schema_migrations (version, name, statements) values ('99991231235959', 'a', '{}')",
    ends: /recorded under the same name a: the migration has run already/,
  },
];

async function prepared(before = ""): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await using contract = await openContract(database);
  await setSetting(contract.rpc, "mode_database", "auto");
  if (before !== "") await database.query(before);
  return database;
}

Deno.test("applyMigration() ends the stories of real projects as it should", async (test) => {
  for (const { name, before, migration, ends, shows } of STORIES) {
    await test.step(name, async () => {
      await using database = await prepared(before);
      const { healed, reason } = await applyMigration({ migration, databaseUrl: database.url });
      assert.equal(healed, ends === "heals", reason);
      if (ends !== "heals") assert.match(reason, ends);
      if (shows === undefined) return;
      const [row] = await database.query(shows);
      assert.equal(Object.values(row!)[0], true, shows);
    });
  }
});

Deno.test("planMigration() says what it could not try, instead of that it would fail", async () => {
  await using database = await prepared("create type mood as enum ('a'); create table days (mood mood)");
  const migration = "alter type mood add value 'b'; insert into days values ('b')";
  const plan = await planMigration({ migration, databaseUrl: database.url });
  assert.equal(plan.wouldRun, true, String(plan.error));
  assert.match(plan.untried!, /once the label is committed/);
  assert.equal((await applyMigration({ migration, databaseUrl: database.url })).healed, true);
  const wrong = "alter type mood add value 'c'; insert into days values ('nowhere')";
  assert.equal((await planMigration({ migration: wrong, databaseUrl: database.url })).wouldRun, false);
});
