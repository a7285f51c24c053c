import assert from "node:assert/strict";
import { reviewMigration } from "../../supabase/functions/_shared/migrationReview.ts";

const TABLE =
  "create table public.notes (id uuid primary key default gen_random_uuid(), owner uuid, body text);";
const SECURED = `${TABLE} alter table public.notes enable row level security;`;

const ALLOWED: Readonly<Record<string, string>> = {
  "a table with row level security": SECURED,
  "names without a schema": SECURED.replaceAll("public.", ""),
  "an index, a policy and rights on it": `${SECURED}
    create index on public.notes (owner, lower(body));
    create policy mine on public.notes for all to authenticated using (owner = (select auth.uid()));
    create policy all_read on public.notes for select using (true);
    grant select, insert on public.notes to authenticated; grant select on public.notes to anon;
    comment on table public.notes is 'x'; comment on column public.notes.body is 'y';`,
  "a type and a known extension":
    `create extension if not exists "uuid-ossp"; create type mood as enum ('a', 'b'); ${SECURED}`,
  "a reference to a table that is there": SECURED.replace(
    "owner uuid",
    "owner uuid references auth.users (id) on delete cascade",
  ),
  "a column that is added to it":
    `${SECURED} alter table public.notes add column title text not null default '';`,
  "nothing": "-- only a comment",
};

for (const [what, sql] of Object.entries(ALLOWED)) {
  Deno.test(`reviewMigration() lets ${what} through`, async () => {
    const { isAllowed, refusals } = await reviewMigration(sql);
    assert.deepEqual([isAllowed, refusals], [true, []]);
  });
}

const REFUSED: Readonly<Record<string, [sql: string, reason: RegExp]>> = {
  "a table without row level security": [TABLE, /no row level security/],
  "a table that may be there": [
    SECURED.replace("table", "table if not exists"),
    /may mean a table that is there/,
  ],
  "a table of another schema": [SECURED.replaceAll("public", "auth"), /not in the schema public/],
  "a temporary table": ["create temp table notes (id int)", /not a plain one/],
  "a partition": ["create table public.p partition of public.notes default", /builds on another one/],
  "a copy": ["create table public.p (like auth.users)", /copies another one/],
  "a change of what is there": ["alter table public.users add column x int", /did not make/],
  "row level security turned off": [
    `${SECURED} alter table public.notes disable row level security`,
    /more than it may/,
  ],
  "another owner": [`${SECURED} alter table public.notes owner to anon`, /more than it may/],
  "a dropped column": [`${SECURED} alter table public.notes drop column body`, /more than it may/],
  "a policy for everybody to write": [
    `${SECURED} create policy p on public.notes for insert with check (1 = 1)`,
    /lets everybody write/,
  ],
  "a policy for everything": [
    `${SECURED} create policy p on public.notes using (true)`,
    /lets everybody write/,
  ],
  "rights for nobody in particular": [
    `${SECURED} grant select on public.notes to public`,
    /to whom it may not/,
  ],
  "writing rights for anon": [`${SECURED} grant insert on public.notes to anon`, /to whom it may not/],
  "all rights": [`${SECURED} grant all on public.notes to authenticated`, /more than it may/],
  "rights to hand on": [
    `${SECURED} grant select on public.notes to authenticated with grant option`,
    /to whom it may not/,
  ],
  "a revoke": [`${SECURED} revoke select on public.notes from authenticated`, /something else/],
  "rights on all tables": ["grant select on all tables in schema public to authenticated", /something else/],
  "a membership": ["grant service_role to authenticated", /not of the statements/],
  "an unknown function": [
    SECURED.replace("gen_random_uuid()", "dblink_connect('x')::text::uuid"),
    /dblink_connect/,
  ],
  "a known name in another schema": [
    SECURED.replace("gen_random_uuid()", "evil.now()::text::uuid"),
    /evil\.now/,
  ],
  "an unknown extension": ["create extension if not exists dblink", /extension is not on the list/],
  "a trigger": [
    `${SECURED} create trigger t before insert on public.notes execute function f()`,
    /not of the statements/,
  ],
  "a rule": [
    `${SECURED} create rule r as on insert to public.notes do instead nothing`,
    /not of the statements/,
  ],
  "a view": ["create view public.v as select * from auth.users", /not of the statements/],
  "rows": [`${SECURED} insert into public.notes default values`, /not of the statements/],
  "a transaction command": ["begin; commit;", /not of the statements/],
  "a setting": ["set session_replication_role = replica", /not of the statements/],
  "no SQL": ["make me a table", /no SQL/],
  "far too much": [`select ${"1 + ".repeat(60_000)}1`, /longer than/],
  "too many statements": [SECURED.repeat(101), /more than 200/],
};

for (const [what, [sql, reason]] of Object.entries(REFUSED)) {
  Deno.test(`reviewMigration() refuses ${what}`, async () => {
    const { isAllowed, refusals } = await reviewMigration(sql);
    assert.equal(isAllowed, false);
    assert.match(refusals.join("\n"), reason);
  });
}
