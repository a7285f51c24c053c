/** What the gate over the text of the migrations accepts and refuses. @module */

import assert from "node:assert/strict";
import { checkMigrationFiles } from "../../scripts/gates/migrations.ts";
import { findEditedReleases, RELEASED } from "../../scripts/gates/migrations/released.ts";
import type { Gate } from "../../scripts/lib/gate.ts";
import { sqlCode } from "../../scripts/lib/sqlText.ts";
import { accepts, refuses } from "../helpers/gateFixture.ts";

const gate: Gate = { name: "migrations", run: checkMigrationFiles };
const releases: Gate = { name: "released", run: findEditedReleases };

const PATH = "supabase/migrations/20260101000000_create_words.sql";
const TEXT = `-- Adds words: one row a word.
-- Locks: none. Undo: drop table public.words.

create table if not exists public.words (word text not null default 'NOT NULL');
-- CREATE is fine in a comment /* and here */
create or replace function public.add_word() returns void language plpgsql set search_path = '' as $$
begin
  raise exception 'IT''S LOUD' using hint = E'SAY \\'NO\\'';
exception when others then
  raise warning 'lost: %', sqlerrm;
end;
$$;
`;

Deno.test("migrationsGate accepts a migration as the house writes them", async () => {
  await accepts(gate, { [PATH]: TEXT });
});

Deno.test("migrationsGate refuses strange names and a number twice", async () => {
  await refuses(gate, { "supabase/migrations/2026_words.sql": TEXT }, [
    /is not named YYYYMMDDHHMMSS_<verb>_<object>/,
  ]);
  await refuses(gate, { "supabase/migrations/20260101000000_Words.sql": TEXT }, [/is not named/]);
  await refuses(gate, { [PATH]: TEXT, [PATH.replace("words", "other")]: TEXT }, [
    /create_words\.sql: has the number of another/,
  ]);
});

Deno.test("migrationsGate refuses a header that leaves something out", async () => {
  const changes: [string, string, RegExp][] = [
    ["-- Adds words", "-- Words", /:1: does not say what it does/],
    ["Locks: none. ", "", /:1: its header has no "Locks:" part/],
    ["Undo:", "To undo,", /:1: its header has no "Undo:" part/],
  ];
  for (const [from, to, pattern] of changes) {
    await refuses(gate, { [PATH]: TEXT.replace(from, to) }, [pattern]);
  }
});

Deno.test("migrationsGate refuses loud keywords, swallowed errors and broken transactions", async () => {
  const added: [string, RegExp][] = [
    ["SELECT 1;", /create_words\.sql:14: SELECT is upper-case/],
    ["do $$ begin null; exception when others then null; end $$;", /:14: swallows every error/],
    ["do $$ begin null; exception when others\n  then null ; end $$;", /:14: swallows every error/],
    ["commit;", /:14: commit; takes the file out of its transaction/],
    ["create index concurrently a on b (c);", /:14: concurrently takes the file out/],
  ];
  for (const [line, pattern] of added) await refuses(gate, { [PATH]: `${TEXT}\n${line}\n` }, [pattern]);
});

Deno.test("migrationsGate refuses an edited or deleted release, and an unreadable list", async () => {
  const hash = "4a25cd53163a67bdbe59f3b9d74ae3b8a8e1ca2ee9a3bbfff0cc56ad3d46ba49";
  await accepts(releases, { [PATH]: TEXT });
  await refuses(releases, { [PATH]: TEXT, [RELEASED]: `${hash}  ${PATH}\n` }, [
    /was released and then edited/,
  ]);
  await refuses(releases, { [RELEASED]: `${hash}  ${PATH}\n` }, [/was released and is gone/]);
  await refuses(releases, { [RELEASED]: "words\n" }, [/:1: is not a line of sha256sum/]);
  // `printf 'select 1;\n' | sha256sum`
  const released = "4a45092ccf992ea92250053a80b931b787924ba61648f420555511b84f10ab6c";
  await accepts(releases, { [PATH]: "select 1;\n", [RELEASED]: `${released}  ${PATH}\n` });
});

Deno.test("sqlCode() blanks out what is not code and keeps every line where it is", () => {
  const text = `a 'b\n''c' -- d\n/* e\n */ f "G" $$ h 'i' $$ E'j\\'k' l`;
  const code = sqlCode(text);
  assert.equal(code.split("\n").length, text.split("\n").length);
  assert.deepEqual(code.split(/\s+/), ["a", "f", "$$", "h", "$$", "l"]);
});
