import assert from "node:assert/strict";
import { Client } from "../../supabase/functions/_shared/postgres.ts";
import { ALICE, applyFix, assertRefused, BOB, EVE, healAndRevert, seenBy } from "../helpers/accessFixes.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";

const BREAK = { kind: "replace_policy", repair: "break_recursion", table: "members" };

const MEMBERS = `
  create table members (team_id int, user_id uuid, is_admin boolean default false);
  alter table members enable row level security;
  grant select, insert, update, delete on members to anon, authenticated, service_role;
  insert into members values (1, '${ALICE}', true), (1, '${BOB}', false), (2, '${BOB}', false);`;

async function world(sql: string): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await database.query(sql);
  return database;
}

const count = "select count(*)::int as n from members";

/** Conditions that lead back to their table, each with how many rows Alice, Bob and a stranger are meant to see. */
const SELF: [condition: string, alice: number, bob: number, eve: number][] = [
  ["team_id in (select team_id from members where user_id = auth.uid())", 2, 3, 0],
  [
    "exists (select 1 from members m where m.team_id = members.team_id and m.user_id = (select auth.uid()))",
    2,
    3,
    0,
  ],
  ["exists (select 1 from members where user_id = auth.uid() and is_admin)", 3, 0, 0],
  ["user_id = auth.uid() or (select bool_or(is_admin) from members m where m.user_id = auth.uid())", 3, 2, 0],
  ["team_id = any (array(select m.team_id from members m where m.user_id = auth.uid()))", 2, 3, 0],
];

Deno.test("replace_policy breaks a recursion with the rows that the condition means, and can be taken back", async () => {
  for (const [condition, alice, bob, eve] of SELF) {
    await using database = await world(`${MEMBERS}
      create policy "see members" on members for select to authenticated using (${condition});`);
    assert.equal(await seenBy(database, ALICE, count), "42P17", condition);
    await healAndRevert(database, BREAK, async (measured) => {
      assert.match(measured, /viewers see and write the same rows/);
      assert.deepEqual(await seenBy(database, ALICE, count), [{ n: alice }], condition);
      assert.deepEqual(await seenBy(database, BOB, count), [{ n: bob }], condition);
      assert.deepEqual(await seenBy(database, EVE, count), [{ n: eve }], condition);
      assert.deepEqual(await seenBy(database, null, count), [{ n: 0 }]);
    });
    assert.equal(await seenBy(database, ALICE, count), "42P17");
  }
});

Deno.test("replace_policy makes functions that only the policy's roles may run, in a schema that nobody else enters", async () => {
  await using database = await world(`${MEMBERS}
    alter default privileges in schema public grant execute on functions to anon, authenticated;
    create policy m on members for all using (team_id in (select team_id from members where user_id = auth.uid()))
      with check (exists (select 1 from members where user_id = auth.uid() and is_admin));`);
  assert.equal((await applyFix(database, BREAK)).kind, "applied");
  const functions = await database.query<Record<string, unknown>>(
    `select prosecdef, provolatile, proconfig, pg_get_userbyid(proowner) as owner,
       has_function_privilege('anon', f.oid, 'execute') as anon, has_function_privilege('authenticated', f.oid, 'execute') as people,
       has_function_privilege('service_role', f.oid, 'execute') as service, has_schema_privilege('anon', pronamespace, 'usage') as enters
     from pg_proc f where pronamespace = 'healing_policies'::regnamespace`,
  );
  assert.equal(functions.length, 2);
  for (const one of functions) {
    assert.deepEqual(one, {
      prosecdef: true,
      provolatile: "s",
      proconfig: ['search_path=""'],
      owner: "postgres",
      anon: false,
      people: true,
      service: false,
      enters: false,
    });
  }
  // Everybody was named; those who hold a right stay, and `anon`, who saw nothing, is left out.
  assert.deepEqual(
    await database.query("select polroles::regrole[]::text as roles from pg_policy where polname = 'm'"),
    [
      { roles: "{authenticated}" },
    ],
  );
  assert.deepEqual(await seenBy(database, null, count), [{ n: 0 }]);
  assert.equal(await insertAs(database, ALICE), "ok");
  assert.equal(await insertAs(database, BOB), "42501");
});

async function insertAs(database: TestDatabase, who: string): Promise<string> {
  try {
    await database.asRole(
      "authenticated",
      { sub: who },
      (session) => session.query(`insert into members values (1, '${EVE}')`),
    );
    return "ok";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

Deno.test("replace_policy breaks a cycle over three tables of another owner, and leaves writing policies as they read", async () => {
  await using database = await world(`
    create role cycle_owner nologin; grant cycle_owner to postgres; grant create, usage on schema public to cycle_owner;
    grant authenticated to cycle_owner; set role cycle_owner;
    create table orgs (id int primary key, owner uuid);
    create table teams (id int primary key, org_id int);
    create table seats (team_id int, user_id uuid);
    reset role;`);
  await database.query(`
    set role cycle_owner;
    alter table orgs enable row level security; alter table teams enable row level security; alter table seats enable row level security;
    grant select, insert on orgs, teams, seats to authenticated;
    insert into orgs values (1, '${ALICE}'), (2, '${EVE}'); insert into teams values (10, 1), (20, 2);
    insert into seats values (10, '${BOB}');
    create policy o on orgs for select to authenticated using (owner = auth.uid() or exists
      (select 1 from teams t join seats s on s.team_id = t.id where t.org_id = orgs.id and s.user_id = auth.uid()));
    create policy t on teams for select to authenticated using (org_id in (select id from orgs where owner = auth.uid()));
    create policy s on seats for select to authenticated using (user_id = auth.uid() or exists
      (select 1 from teams t join orgs o on o.id = t.org_id where t.id = seats.team_id and o.owner = auth.uid()));
    create policy "write teams" on teams for insert to authenticated with check (org_id in (select id from orgs));
    reset role;`);
  const orgs = "select id from orgs";
  assert.equal(await seenBy(database, ALICE, orgs), "42P17");
  await healAndRevert(database, { ...BREAK, table: "public.orgs" }, async () => {
    assert.deepEqual(await seenBy(database, ALICE, orgs), [{ id: 1 }]);
    assert.deepEqual(await seenBy(database, BOB, orgs), [{ id: 1 }]);
    assert.deepEqual(await seenBy(database, EVE, orgs), [{ id: 2 }]);
    assert.deepEqual(await seenBy(database, ALICE, "select user_id from seats"), [{ user_id: BOB }]);
    const [policy] = await database.query<{ text: string }>(
      "select with_check as text from pg_policies where policyname = 'write teams'",
    );
    assert.match(policy!.text, /FROM orgs/);
  });
  await database.query("drop owned by cycle_owner cascade; drop role cycle_owner");
});

/** What is not certain stays broken: each world, and the words of the refusal. */
const REFUSED: [sql: string, reason: RegExp][] = [
  ["create policy m on members for select using (true);", /no policy on members selects/],
  [
    "create policy m on members for select to authenticated using (team_id in (select team_id from members));",
    /does not look at who calls/,
  ],
  [
    "alter table members force row level security; create policy m on members for select to authenticated using (team_id in (select team_id from members where user_id = auth.uid()));",
    /FORCE ROW LEVEL SECURITY/,
  ],
  [
    "create policy m on members for select using (team_id = 2 or exists (select 1 from members where user_id = auth.uid()));",
    /anon without a name would keep/,
  ],
  [
    "create policy m on members for select to anon using (exists (select 1 from members where user_id = auth.uid()));",
    /nobody but anon/,
  ],
  [
    "create policy m on members for select to authenticated using (exists (select 1 from members where user_id = auth.uid() and current_user = 'authenticated'));",
    /depends on the role/,
  ],
  [
    "create policy m on members for select to authenticated using (exists (select 1 from members m where m = members and m.user_id = auth.uid()));",
    /whole row|cannot|does not/,
  ],
  [
    `create policy m on members for select to authenticated using (user_id = auth.uid());
     create policy r on members as restrictive for select using (exists (select 1 from members where user_id = auth.uid()));`,
    /restricts anon as well/,
  ],
  [
    `create table secrets (user_id uuid); alter table secrets enable row level security; grant select on secrets to authenticated;
     create policy none on secrets for select to authenticated using (false);
     create policy m on members for select to authenticated using (exists
       (select 1 from members m join secrets s on s.user_id = m.user_id where m.user_id = auth.uid()));`,
    /also reads public.secrets/,
  ],
  [
    `create function mine(who uuid) returns boolean language sql stable as 'select who = auth.uid()';
     create policy m on members for select to authenticated using (exists (select 1 from members where mine(user_id) and user_id = auth.uid()));`,
    /may see more when the owner runs it/,
  ],
  [
    "create policy m on members for select to authenticated using (exists (select 1 from members where user_id = auth.uid() or is_admin));",
    /tell a stranger/,
  ],
  [
    `create schema other; create table other.members (user_id uuid); alter table other.members enable row level security;
     create policy m on members for select to authenticated using (exists (select 1 from members where user_id = auth.uid()));`,
    /several schemas have a table members/,
  ],
];

Deno.test("replace_policy refuses what would show more, show less, or mean something else", async () => {
  for (const [sql, reason] of REFUSED) {
    await using database = await world(MEMBERS + sql);
    await assertRefused(database, BREAK, reason);
  }
});

Deno.test("replace_policy puts no function into a schema that the API shows, or that is somebody else's", async () => {
  const condition = "exists (select 1 from members where user_id = auth.uid())";
  const policy = `create policy m on members for select to authenticated using (${condition});`;
  await using shown = await world(MEMBERS + policy);
  await asSuperuser(shown, `alter database ${shown.name} set pgrst.db_schemas = 'public, healing_policies'`);
  await assertRefused(shown, BREAK, /exposed by the API/);
  await using foreign = await world(MEMBERS + policy);
  await asSuperuser(foreign, "create schema healing_policies");
  await assertRefused(foreign, BREAK, /belongs to somebody else/);
});

async function asSuperuser({ superuserUrl }: TestDatabase, sql: string): Promise<void> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  await client.query(sql);
  await client.end();
}

Deno.test("replace_policy leaves a busy table for later", async () => {
  await using database = await world(`${MEMBERS}
    create policy m on members for select to authenticated using (exists (select 1 from members where user_id = auth.uid()));`);
  const writer = await database.connect();
  await writer.query("begin; insert into members values (9, null, false)");
  await assertRefused(database, BREAK, /lock timeout/);
  await writer.query("rollback");
  assert.equal((await applyFix(database, BREAK)).kind, "applied");
});

Deno.test("replace_policy leaves names of outside alone: only tables of the catalogue are looked for", async () => {
  await using database = await world(MEMBERS);
  for (const table of ['members"; drop table members; --', "auth.users", "pg_class", "nothing", "*"]) {
    await assertRefused(database, { ...BREAK, table }, /no table|does not name/);
  }
});

Deno.test("replace_policy asks once per statement what is the same for every row", async () => {
  await using database = await world(`${MEMBERS}
    create function caller() returns uuid language plpgsql stable as 'begin return auth.uid(); end';
    create policy m on members for select to authenticated using (user_id = auth.uid() or user_id = caller());
    create policy w on members for update to authenticated using (user_id = (select auth.uid())) with check (auth.uid() = user_id);`);
  await healAndRevert(
    database,
    { kind: "replace_policy", repair: "evaluate_once", table: "members" },
    async () => {
      const [policy] = await database.query<{ qual: string }>(
        "select qual from pg_policies where policyname = 'm'",
      );
      assert.equal(policy!.qual.match(/SELECT/g)?.length, 2);
      assert.deepEqual(await seenBy(database, ALICE, count), [{ n: 1 }]);
      assert.deepEqual(await seenBy(database, EVE, count), [{ n: 0 }]);
    },
  );
});

Deno.test("replace_policy compares a text column as text, and not where that would hide a row", async () => {
  const texts = `create table notes (id int, owner text); alter table notes enable row level security;
    grant select on notes to authenticated; insert into notes values (1, 'nobody'), (2, '${ALICE}');
    create policy n on notes for select to authenticated using (owner::uuid = auth.uid());`;
  await using database = await world(texts);
  const fix = { kind: "replace_policy", repair: "compare_as_text", table: "*" };
  assert.equal(await seenBy(database, ALICE, "select id from notes"), "22P02");
  await healAndRevert(database, fix, async () => {
    assert.deepEqual(await seenBy(database, ALICE, "select id from notes"), [{ id: 2 }]);
    assert.deepEqual(await seenBy(database, BOB, "select id from notes"), []);
  });
  await using other = await world(
    `${texts} insert into notes values (3, upper('abcdefab-1111-4111-8111-111111111111'));`,
  );
  await assertRefused(other, fix, /would keep 1 rows back/);
});
