import assert from "node:assert/strict";
import { checkPendingMigrations } from "../../scripts/healPredict/checkPending.ts";
import { copyDatabase } from "../../scripts/healPredict/copy.ts";
import { runSql } from "../../scripts/lib/scratchServer.ts";
import { schemaOf } from "../helpers/accessFixes.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { PLATFORM_TEMPLATE, withDatabase } from "../helpers/testServer.ts";

/** The program as a person runs it. */
async function predict(...args: string[]): Promise<{ code: number; output: string }> {
  const script = new URL("../../scripts/healPredict.ts", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", script, ...args],
    env: { NO_COLOR: "1" },
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, output: decode(stdout) + decode(stderr) };
}

const FILES = [
  { name: "20300101000000_fine.sql", sql: "create table shelves (id int primary key);" },
  {
    name: "20300102000000_healed.sql",
    sql: "create table two (\n  id uuid primary key default uuid_generate_v4()\n);\n\ndrop table gone;",
  },
  { name: "20300103000000_needs_two.sql", sql: "create index concurrently two_id on two (id);" },
  {
    name: "20300104000000_broken.sql",
    sql: "create table three (id int);\n\nalter table nowhere add column x int;",
  },
  { name: "20300105000000_after.sql", sql: "alter table three add column y int;\nselect 1/0;" },
  { name: "20300106000000_command.sql", sql: "select 1; rollback;" },
];

Deno.test("checkPendingMigrations() tells of each failure with file, line, SQLSTATE and what the healer would do, on a copy", async () => {
  await using database = await createTestDatabase();
  const before = await schemaOf(database);
  // A template may have no other connection, so it is one that nobody has opened.
  const name = `lonely_${crypto.randomUUID().slice(0, 8)}`;
  await runSql(
    database.superuserUrl,
    `create database "${name}" template ${PLATFORM_TEMPLATE} owner postgres`,
  );
  const copy = await copyDatabase(withDatabase(database.superuserUrl, name, "postgres"));
  try {
    assert.equal(copy.kind, "template");
    const { fine, failures, applied } = await checkPendingMigrations(copy.url, FILES);
    assert.deepEqual(applied, []);
    assert.deepEqual(fine, ["20300101000000_fine.sql"]);
    const told = failures.map(({ file, line, code, healer, after }) => [
      file.slice(15, -4),
      line,
      code,
      healer.wouldRun,
      after?.slice(15, -4) ?? null,
    ]);
    assert.deepEqual(told, [
      ["healed", 1, "42883", true, null],
      ["healed", 5, "42P01", true, null],
      ["needs_two", 1, "25001", true, null],
      ["broken", 3, "42P01", false, null],
      ["after", 2, "22012", false, "broken"],
      ["command", 1, "", false, "broken"],
    ]);
    assert.match(failures[0]!.healer.fixes[0]!.description, /create extension/);
  } finally {
    await copy[Symbol.asyncDispose]();
    await runSql(database.superuserUrl, `drop database "${name}" with (force)`);
  }
  assert.deepEqual(await database.query("select from pg_database where datname like 'healing_copy_%'"), []);
  assert.equal(await schemaOf(database), before);
});

Deno.test("checkPendingMigrations() signs a made-up person up on the copy, and leaves nobody there", async () => {
  await using database = await createTestDatabase({ migrated: false });
  const trigger = (column: string) => ({
    name: "20300101000000_profiles.sql",
    sql:
      `create table profiles (id uuid primary key, ${column}); alter table profiles enable row level security;
      create function welcome() returns trigger language plpgsql security definer set search_path = '' as
      'begin insert into public.profiles (id) values (new.id); return new; end';
      create trigger welcome after insert on auth.users for each row execute function welcome();`,
  });
  const users = await database.query("select count(*) from auth.users");
  const fails = await checkPendingMigrations(database.url, [trigger("name text not null")]);
  assert.equal(fails.signUp?.ok === false && fails.signUp.code, "23502");
  await database.query("alter table profiles alter column name set default ''");
  assert.deepEqual((await checkPendingMigrations(database.url, [])).signUp, { ok: true });
  assert.deepEqual(await database.query("select count(*) from auth.users"), users);
  assert.deepEqual(await database.query("select from profiles"), []);
});

Deno.test("heal:predict ends with 1 when something would fail, 0 when nothing would, 2 when it cannot look", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/m`);
    await Deno.mkdir(`${folder}/f/ask`, { recursive: true });
    await Deno.writeTextFile(
      `${folder}/m/20300101000000_notes.sql`,
      "create table notes (id uuid primary key default uuid_generate_v4()); alter table notes enable row level security;",
    );
    await Deno.writeTextFile(
      `${folder}/f/ask/index.ts`,
      'const key = Deno.env.get("OPENAI_API_KEY");\nDeno.serve(() => new Response(key));\n',
    );
    await Deno.writeTextFile(`${folder}/.env`, "OPENAI_API_KEY=never-shown\n");
    const args = ["--migrations", `${folder}/m`, "--functions", `${folder}/f`, "--env", `${folder}/.env`];
    const broken = await predict(...args);
    assert.equal(broken.code, 1, broken.output);
    assert.match(broken.output, /high\s+extension uuid-ossp\s+20300101000000_notes\.sql:1/);
    assert.match(broken.output, /20300101000000_notes\.sql:1: 42883/);
    assert.doesNotMatch(broken.output, /never-shown/);
    await Deno.writeTextFile(
      `${folder}/m/20300101000000_notes.sql`,
      // What is made by a call no statement shows; the copy does.
      `create table notes (id uuid primary key default gen_random_uuid());
       create function protect(p_table regclass) returns void language plpgsql as $$ begin
         execute format('alter table %s enable row level security', p_table); end $$;
       select protect('notes');`,
    );
    const fine = await predict(...args, "--json");
    assert.equal(fine.code, 0, fine.output);
    const found = JSON.parse(fine.output.slice(fine.output.indexOf("{"), fine.output.lastIndexOf("}") + 1));
    assert.deepEqual([found.missing, found.pending.fine], [[], ["20300101000000_notes.sql"]]);
    for (
      const wrong of [[], ["--migrations", `${folder}/none`], ["--propose", "--migrations", `${folder}/m`], [
        "--migrations",
      ]]
    ) {
      const run = await predict(...wrong);
      assert.equal(run.code, 2, run.output);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
