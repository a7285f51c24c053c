import assert from "node:assert/strict";
import { writeHealedMigration } from "../../scripts/healMigration/writeMigration.ts";
import { applyMigrations } from "../../scripts/stack/migrate.ts";
import { openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";

interface Run {
  code: number;
  output: string;
}

/** The program as a person runs it. */
async function heal(...args: string[]): Promise<Run> {
  const script = new URL("../../scripts/healMigration.ts", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", script, ...args],
    env: { NO_COLOR: "1", SUPABASE_DB_URL: "" },
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, output: decode(stdout) + decode(stderr) };
}

async function prepared(mode = "auto"): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await using contract = await openContract(database);
  await setSetting(contract.rpc, "mode_database", mode);
  return database;
}

async function migrationIn(folder: string, name: string, text: string): Promise<string> {
  await Deno.writeTextFile(`${folder}/${name}`, text);
  return `${folder}/${name}`;
}

Deno.test("heal:migration says what it would do, does it, writes it down, and what it wrote runs on a fresh database", async () => {
  await using database = await prepared();
  await using fresh = await createTestDatabase();
  const folder = await Deno.makeTempDir();
  try {
    const file = await migrationIn(
      folder,
      "20300101000000_create_leads.sql",
      "create table crm.leads (id uuid default uuid_generate_v4());\ndrop table gone;\n",
    );
    // An engine without a direct connection cannot do what is wanted; this program has one.
    await database.query(`update healing_settings set actual = '"suggest"' where key = 'mode_database'`);
    const planned = await heal(file, "--db", database.url, "--dry-run");
    assert.equal(planned.code, 0, planned.output);
    assert.match(planned.output, /would do: create schema crm \(low risk;/);
    assert.deepEqual(await database.query("select from pg_namespace where nspname = 'crm'"), []);

    const done = await heal(file, "--db", database.url, "--write-migration", `${folder}/healed`);
    assert.equal(done.code, 0, done.output);
    assert.match(done.output, /done: create schema crm/);
    assert.match(done.output, /- drop table gone\n\s+\+ drop table if exists gone/);
    const written = (await Array.fromAsync(Deno.readDir(`${folder}/healed`))).map(({ name }) => name);
    assert.deepEqual(written, ["20300101000000_create_leads.sql"]);
    assert.deepEqual(await applyMigrations(fresh.url, { directory: `${folder}/healed` }), written);
    assert.equal((await fresh.query("select to_regclass('crm.leads')::text as made"))[0]!.made, "crm.leads");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("heal:migration ends with 1 when nothing helps, 3 when a person is asked, 2 when it cannot be tried", async () => {
  await using database = await prepared("suggest");
  const folder = await Deno.makeTempDir();
  try {
    const broken = await migrationIn(folder, "broken.sql", "select 1/0;");
    const failed = await heal(broken, "--db", database.url);
    assert.equal(failed.code, 1, failed.output);
    assert.match(failed.output, /broken\.sql: not healed: 22012 division by zero: no fix, because/);
    const asks = await migrationIn(folder, "asks.sql", "create table crm.leads (id int);");
    const planned = await heal(asks, "--db", database.url, "--dry-run");
    assert.equal(planned.code, 3, planned.output);
    assert.match(planned.output, /would ask a person: create schema crm .*\n\s+mode_database is suggest/);
    // The second time the question is still open, and is named again.
    for (let run = 0; run < 2; run++) {
      const asked = await heal(asks, "--db", database.url);
      assert.equal(asked.code, 3, asked.output);
      assert.match(asked.output, /a fix waits for approval \(/);
      assert.doesNotMatch(asked.output, /you may/);
    }
    for (
      const args of [[], [broken], ["missing.sql", "--db", database.url], [
        broken,
        "--db",
        "postgres://127.0.0.1:1/x",
      ]]
    ) {
      const run = await heal(...args);
      assert.equal(run.code, 2, run.output);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("writeHealedMigration() overwrites nothing, orders its parts, and keeps a hostile name out of the text", async () => {
  const folder = await Deno.makeTempDir();
  const result = {
    healed: true,
    fixes: [],
    reason: "",
    durationMs: 1,
    parts: [["alter type w add value if not exists 'x'"], ["insert into days values ('x')"]],
  };
  try {
    await migrationIn(folder, "20300101000059_first.sql", "select 1;");
    const written = await writeHealedMigration(folder, "20300101000059_first.sql", result);
    assert.deepEqual(written, ["20300101000100_first_healed.sql", "20300101000101_first_healed_2.sql"]);
    const now = new Date("2031-02-03T04:05:06Z");
    const named = await writeHealedMigration(folder, "../x\n; drop table t; --.sql", result, now);
    assert.deepEqual(named, ["20310203040506_x_drop_table_t.sql", "20310203040507_x_drop_table_t_2.sql"]);
    const text = await Deno.readTextFile(`${folder}/${named[0]}`);
    assert.equal(text.split("\n").find((line) => line.includes("drop table t"))!.startsWith("--"), true);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
