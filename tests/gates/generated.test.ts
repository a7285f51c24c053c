/** The golden schema dump and the generated types: what they show, and that they notice a change. @module */

import assert from "node:assert/strict";
import { GOLDEN_SCHEMA, schemaGate } from "../../scripts/gates/schema.ts";
import { DATABASE_TYPES, typesGate } from "../../scripts/gates/types.ts";
import { generateDatabaseTypes } from "../../scripts/lib/databaseTypes.ts";
import { dumpSchema } from "../../scripts/lib/schemaDump.ts";
import { catalogueRows } from "../helpers/catalogueRows.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { accepts, judge, refuses } from "../helpers/gateFixture.ts";

const SCHEMA = `
  create table public.words (
    id uuid primary key default gen_random_uuid(),
    "from" text,
    status text not null default 'new',
    size bigint generated always as identity,
    tags text[] not null default '{}',
    details jsonb,
    seen_at timestamptz not null,
    constraint words_status_is_known check (status in ('new', 'old')),
    constraint words_have_a_size check (size > 0)
  ) ;
  comment on table public.words is 'Every word.';
  comment on column public.words.seen_at is 'When.';
  alter table public.words enable row level security;
  create policy admins_read on public.words for select to authenticated using ((select auth.uid()) is not null);
  create index words_new_idx on public.words (seen_at desc) where status = 'new';
  revoke all on public.words from service_role;
  grant select, update (status) on public.words to service_role;
  create view public.new_words with (security_invoker = on) as
    select id, status from public.words where status = 'new';
  create function public.count_words(p_status text, p_limit integer default 10) returns integer
    language sql stable set search_path = '' as 'select 1';
  create function public.forget() returns void language sql as '';
  create function public.list_words() returns setof public.words language sql as 'select * from public.words';
  create table public.events (id int, at date not null) partition by range (at);
  create table public.events_2026 partition of public.events for values from ('2026-01-01') to ('2027-01-01');
  create table public.events_default partition of public.events default;
`;

async function build(): Promise<TestDatabase> {
  const database = await createTestDatabase({ migrated: false });
  await database.query(SCHEMA);
  return database;
}

function blockOf(text: string, heading: string): string[] {
  const block = text.split("\n\n").find((block) => block.startsWith(`${heading}\n`)) ?? "";
  return block.trimEnd().split("\n").slice(1).map((line) => line.trim());
}

Deno.test("dumpSchema() writes a table down with all that hangs on it", async () => {
  await using database = await build();
  const dump = await dumpSchema(await catalogueRows(database));
  assert.deepEqual(blockOf(dump, "table public.words"), [
    "comment Every word.",
    "row level security",
    "column id uuid not null default gen_random_uuid()",
    `column "from" text`,
    "column status text not null default 'new'::text",
    "column size bigint not null generated always as identity",
    "column tags text[] not null default '{}'::text[]",
    "column details jsonb",
    "column seen_at timestamp with time zone not null",
    "comment on seen_at When.",
    "constraint words_have_a_size CHECK ((size > 0))",
    "constraint words_pkey PRIMARY KEY (id)",
    "constraint words_status_is_known CHECK ((status = ANY (ARRAY['new'::text, 'old'::text])))",
    "index words_new_idx ON public.words USING btree (seen_at DESC) WHERE (status = 'new'::text)",
    "policy admins_read permissive select to authenticated using ((( SELECT auth.uid() AS uid) IS NOT NULL))",
    "grant select to service_role",
    "grant update (status) to service_role",
  ]);
});

Deno.test("dumpSchema() writes views and functions down and leaves out partitions that come and go", async () => {
  await using database = await build();
  const dump = await dumpSchema(await catalogueRows(database));
  assert.deepEqual(blockOf(dump, "view public.new_words"), [
    "options security_invoker=on",
    "column id uuid",
    "column status text",
    "as SELECT id, status FROM words WHERE (status = 'new'::text);",
  ]);
  assert.deepEqual(blockOf(dump, "function public.count_words(text,integer)"), [
    "arguments p_status text, p_limit integer DEFAULT 10",
    `returns integer, language sql, stable, security invoker, set search_path=""`,
    // `printf 'select 1' | md5sum`
    "body 95adb6e77a0884d9e50232cb8c5c969d",
    "grant execute to public",
  ]);
  assert.match(dump, /table public\.events_default\n/);
  assert.doesNotMatch(dump, /events_2026/);
});

Deno.test("schemaGate accepts the schema that is written down, refuses another one, and writes it when asked", async () => {
  await using database = await build();
  const rows = await catalogueRows(database);
  const written = (await judge(schemaGate, {}, { rows, write: true })).read(GOLDEN_SCHEMA)!;
  await accepts(schemaGate, { [GOLDEN_SCHEMA]: written }, { rows });
  await refuses(schemaGate, {}, [/schema\.txt is out of date \(it is missing\)/], { rows });
  await database.query("alter table public.words add color text");
  await refuses(schemaGate, { [GOLDEN_SCHEMA]: written }, [/line \d+ should be " +column color text"/], {
    rows,
  });
});

Deno.test("generateDatabaseTypes() gives rows, inserts, unions from checks, and functions", async () => {
  await using database = await build();
  const types = await generateDatabaseTypes(await catalogueRows(database));
  for (
    const part of [
      `export type WordsStatus = "new" | "old";`,
      `export type WordsRow = {\n  id: string;\n  from: string | null;\n  status: WordsStatus;\n  size: number;\n  tags: string[];\n  details: Json | null;\n  /** When. */\n  seen_at: string;\n};`,
      `export type WordsInsert = {\n  id?: string;\n  from?: string | null;\n  status?: WordsStatus;\n  tags?: string[];\n  details?: Json | null;\n  /** When. */\n  seen_at: string;\n};`,
      "      new_words: { Row: NewWordsRow; Relationships: [] };",
      "      count_words: { Args: { p_status: string | null; p_limit?: number | null; }; Returns: number };",
      "      forget: { Args: Record<PropertyKey, never>; Returns: undefined };",
      "      list_words: { Args: Record<PropertyKey, never>; Returns: Record<string, unknown>[] };",
    ]
  ) assert.ok(types.includes(part), `${part}\nin\n${types}`);
  assert.doesNotMatch(types, /NewWordsInsert|Events2026/);
});

Deno.test("typesGate refuses types of another schema", async () => {
  await using database = await build();
  const rows = await catalogueRows(database);
  const written = (await judge(typesGate, {}, { rows, write: true })).read(DATABASE_TYPES)!;
  await accepts(typesGate, { [DATABASE_TYPES]: written }, { rows });
  await refuses(typesGate, { [DATABASE_TYPES]: `${written}// more\n` }, [
    /database\.types\.ts is out of date/,
  ], { rows });
});
