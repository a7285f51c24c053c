import assert from "node:assert/strict";
import { assertRefused, healAndRevert } from "../helpers/accessFixes.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";

const FIX = { kind: "repair_signup_trigger", said: null };

/** Signs somebody up as the platform's auth service does; the error's code, or how many profiles there are then. */
async function signUp(database: TestDatabase): Promise<string> {
  const client = await database.connect("supabase_auth_admin");
  try {
    await client.query("begin; set local search_path = auth");
    await client.query("insert into auth.users (id, email) values (gen_random_uuid(), 'new@example.com')");
    return "ok";
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    await client.query("rollback");
    await client.end();
  }
}

function withTrigger(body: string, header = "language plpgsql security definer"): string {
  return `
    create table profiles (id uuid primary key references auth.users, email text, token text, joined timestamptz not null default now());
    create type mood as enum ('fine');
    create function handle_new_user() returns trigger ${header} as $body$${body}$body$;
    create trigger on_auth_user_created after insert on auth.users for each row execute function handle_new_user();`;
}

Deno.test("repair_signup_trigger writes names in full and empties the path, and people sign up again", async () => {
  await using database = await createTestDatabase();
  await database.query(withTrigger(`
    declare feeling mood;
    begin
      -- insert into profiles: the comment stays
      insert into profiles (id, email, token) values (new.id, new.email, encode(gen_random_bytes(8), 'hex'));
      perform 1 from profiles where email = 'from profiles';
      return new;
    end`));
  assert.equal(await signUp(database), "42704");
  await assertRefused(database, { ...FIX, said: 'relation "orders" does not exist' }, /runs through/);
  const users = await database.query("select count(*) from auth.users");
  await healAndRevert(database, { ...FIX, said: 'type "mood" does not exist' }, async () => {
    assert.equal(await signUp(database), "ok");
    const [row] = await database.query<{ body: string; definer: boolean; settings: string[] }>(
      "select prosrc as body, prosecdef as definer, proconfig as settings from pg_proc where proname = 'handle_new_user'",
    );
    assert.match(row!.body, /insert into public\.profiles/);
    assert.match(row!.body, /-- insert into profiles: the comment stays/);
    assert.match(row!.body, /'from profiles'/);
    assert.match(row!.body, /extensions\.gen_random_bytes/);
    assert.match(row!.body, /feeling public\.mood;/);
    assert.deepEqual([row!.definer, row!.settings], [true, ['search_path=""']]);
  });
  assert.equal(await signUp(database), "42704");
  assert.deepEqual(await database.query("select count(*) from auth.users"), users);
});

/** Failures that only a person can mend, and what they are told. */
const EXPLAINED: [sql: string, reason: RegExp][] = [
  [
    withTrigger("begin insert into public.profiles (id, joined) values (new.id, null); return new; end"),
    /23502.*leaves out a required value/,
  ],
  [
    withTrigger("begin insert into public.profiles (id, nickname) values (new.id, ''); return new; end"),
    /42703.*does not have/,
  ],
  [withTrigger("begin insert into missing (id) values (new.id); return new; end"), /42P01/],
  [
    `create schema other; create table other.profiles (id uuid); ${
      withTrigger("begin insert into profiles (id) values (new.id); return new; end")
    }`,
    /42P01/,
  ],
  [withTrigger("begin insert into public.profiles (id) values (new.id); return new; end"), /runs through/],
  ["select 1", /no trigger of this project/],
];

Deno.test("repair_signup_trigger explains what only a person can mend", async () => {
  for (const [sql, reason] of EXPLAINED) {
    await using database = await createTestDatabase();
    await database.query(sql);
    await assertRefused(database, FIX, reason);
  }
});
