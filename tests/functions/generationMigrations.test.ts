import assert from "node:assert/strict";
import { createHandler } from "../../supabase/functions/mega-mind-orchestrator/handler.ts";
import { fenceUntrusted } from "../../supabase/functions/_shared/aiClient.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import { clientOf } from "../helpers/aiClients.ts";
import type { TestDatabase } from "../helpers/database.ts";
import { type FunctionServer, MACHINE_SETTINGS, serveFunction } from "../helpers/engineServer.ts";
import { isPlan, type MegaAnswer, planOf, PROJECT, QUICK } from "../helpers/megaMind.ts";
import { saysJson } from "../helpers/openAiReplies.ts";
import { type Behaviour, type OpenAiServer, startOpenAiServer } from "../helpers/openAiServer.ts";

const GOOD = `-- what a note is
create table public.notes (id uuid primary key default gen_random_uuid(), body text not null);
alter table public.notes enable row level security;
`;

interface Migrating extends AsyncDisposable {
  database: TestDatabase;
  /** Generates a project whose migration is this text; without one, the template of an edge function. */
  generate(sql?: string, changes?: object): Promise<MegaAnswer>;
  set(mode: "auto" | "suggest" | "off"): Promise<void>;
}

/** A model that plans a project with this migration, and writes it. */
function writesMigration(sql: string | undefined): Behaviour {
  const path = "supabase/migrations/20260101000000_notes.sql";
  const files = [
    { path, content: sql },
    ...Object.entries(PROJECT).map(([path, content]) => ({ path, content })),
  ];
  const planned = [path, "src/App.tsx", "src/components/Title.tsx", "src/lib/format.ts"];
  return (request) => isPlan(request) ? saysJson(planOf(planned))(request) : saysJson({ files })(request);
}

function serveOver(model: OpenAiServer, hasDatabase: boolean): Promise<FunctionServer> {
  return serveFunction((database, { rpc }) =>
    createHandler({
      settings: { ...MACHINE_SETTINGS, databaseUrl: hasDatabase ? database.url : undefined },
      db: rpc,
      model: clientOf([model], { db: rpc }),
      fence: fenceUntrusted,
      instanceId: "test",
      logger: silentLogger,
      limits: QUICK,
    })
  );
}

async function serve({ hasDatabase = true } = {}): Promise<Migrating> {
  const model = startOpenAiServer();
  const server = await serveOver(model, hasDatabase);
  return {
    database: server.database,
    async generate(sql, changes = {}) {
      model.always(writesMigration(sql));
      const wish = sql === undefined
        ? { request: "a list", framework: "edge", mode: "template" }
        : { request: "a list", framework: "react" };
      const { status, body } = await server.call<MegaAnswer>({ ...wish, wait_seconds: 60, ...changes });
      assert.equal(status, 200, JSON.stringify(body));
      return body;
    },
    async set(mode) {
      await server.database.query(
        "update healing_settings set wanted = $1 where key = 'mode_generated_migrations'",
        [JSON.stringify(mode)],
      );
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await model[Symbol.asyncDispose]();
    },
  };
}

async function tables(database: TestDatabase): Promise<string[]> {
  const rows = await database.query<{ name: string }>(
    "select relname as name from pg_class where relname in ('items', 'notes') and relkind = 'r'",
  );
  return rows.map(({ name }) => name);
}

Deno.test("a generated migration is rehearsed and saved, and leaves nothing in the database", async () => {
  await using mega = await serve();
  const { migration } = await mega.generate();
  assert.deepEqual([migration!.status, migration!.report.would_run, migration!.report.fixes], [
    "rehearsed",
    true,
    [],
  ]);
  assert.deepEqual(await tables(mega.database), []);
});

Deno.test("a generated migration is applied only where the request and the setting both say so", async () => {
  await using mega = await serve();
  assert.equal((await mega.generate(GOOD, { migration: "apply" })).migration!.status, "rehearsed");
  await mega.set("auto");
  assert.equal((await mega.generate(GOOD)).migration!.status, "rehearsed");
  await mega.database.query("update healing_settings set wanted = 'true' where key = 'dry_run'");
  assert.equal((await mega.generate(GOOD, { migration: "apply" })).migration!.status, "rehearsed");
  assert.deepEqual(await tables(mega.database), []);
  await mega.database.query("update healing_settings set wanted = 'false' where key = 'dry_run'");
  const { migration, project_id } = await mega.generate(GOOD, { migration: "apply" });
  assert.equal(migration!.status, "applied", JSON.stringify(migration));
  assert.deepEqual(await tables(mega.database), ["notes"]);
  const [project] = await mega.database.query(
    "select migration_status, migration_sql from generated_projects where id = $1",
    [
      project_id,
    ],
  );
  assert.deepEqual(project, { migration_status: "applied", migration_sql: GOOD });
  const again = await mega.generate(GOOD, { migration: "apply" });
  assert.notEqual(again.migration!.status, "applied", "what is there is not made twice");
});

Deno.test("a generated migration that is off, or has no database to be rehearsed on, is only saved", async () => {
  await using mega = await serve();
  await mega.set("off");
  assert.equal((await mega.generate(GOOD, { migration: "apply" })).migration!.status, "proposed");
  await using alone = await serve({ hasDatabase: false });
  const { migration } = await alone.generate(GOOD);
  assert.deepEqual([migration!.status, migration!.report.reason], ["proposed", "SUPABASE_DB_URL is not set"]);
});

const DANGEROUS = [
  "drop table public.detected_errors;",
  "delete from public.healing_settings;",
  "update public.healing_settings set wanted = 'true';",
  "do $$ begin execute 'drop schema public cascade'; end $$;",
  "select pg_sleep(100);",
  "create function public.f() returns void language sql security definer as 'select 1';",
  "alter table public.detected_errors disable row level security;",
  "grant all on public.detected_errors to anon;",
  "create policy open on public.detected_errors using (true);",
  "create table public.notes (id int);",
  "create table public.notes as select * from auth.users;",
  "create table public.notes (like auth.users including all); alter table public.notes enable row level security;",
  "create table if not exists public.detected_errors (id int); alter table public.detected_errors enable row level security;",
  "create table public.notes (id text default pg_read_file('/etc/passwd')); alter table public.notes enable row level security;",
  "create table public.notes (id int); alter table public.notes enable row level security; create policy p on public.notes using (true);",
  "commit; drop table public.detected_errors; begin;",
  "set role supabase_admin;",
  "copy public.healing_settings to program 'sh';",
  "this is no SQL",
];

Deno.test("a generated migration that does anything but make something new is saved as refused, and never run", async () => {
  await using mega = await serve();
  await mega.set("auto");
  const before = await mega.database.query("select * from healing_settings order by key");
  for (const sql of DANGEROUS) {
    const { migration } = await mega.generate(`${GOOD.replaceAll("notes", "items")}${sql}`, {
      migration: "apply",
    });
    assert.equal(migration!.status, "refused", sql);
    assert.ok((migration!.report.refusals as string[]).length > 0, sql);
    assert.deepEqual(await tables(mega.database), [], sql);
  }
  assert.deepEqual(await mega.database.query("select * from healing_settings order by key"), before);
});

Deno.test("a generated migration that misses an extension is saved as it was healed", async () => {
  await using mega = await serve();
  const sql = GOOD.replace("gen_random_uuid()", "uuid_generate_v4()");
  const { migration, files } = await mega.generate(sql);
  assert.equal(migration!.status, "rehearsed", JSON.stringify(migration));
  assert.ok((migration!.report.fixes as unknown[]).length > 0);
  const saved = files.find(({ path }) => path.endsWith(".sql"))!.content;
  assert.match(
    saved,
    /^create extension if not exists "uuid-ossp" with schema extensions;\n\n[\s\S]*uuid_generate_v4/,
  );
  const [project] = await mega.database.query("select migration_sql from generated_projects");
  assert.equal(project!.migration_sql, saved, "the file and the row say the same");
  await mega.set("auto");
  await mega.database.query("update healing_settings set wanted = '\"auto\"' where key = 'mode_database'");
  assert.equal((await mega.generate(sql, { migration: "apply" })).migration!.status, "applied");
  assert.deepEqual(await tables(mega.database), ["notes"]);
});
