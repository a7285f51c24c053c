/** Installed into real projects, applied together with their migrations, and taken away again without a trace. */

import assert from "node:assert/strict";
import { OWN_ROOT } from "../../scripts/install/source.ts";
import { listFiles } from "../../scripts/lib/gate.ts";
import { applyMigrations } from "../../scripts/stack/migrate.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import {
  install,
  installFrom,
  LIBRARY_PROJECT,
  NEWER_PROJECT,
  NEXT_PROJECT,
  type ProjectTree,
  type SampleProject,
  sampleProject,
  SMALL_SOURCE,
} from "../helpers/installProjects.ts";

// Not the comparison that the removal makes itself: everything by name and definition, rows of the project included.
const EVERYTHING = `
  select line from (
    select concat_ws(' ', 'relation', c.oid::regclass, relkind, relacl, reloptions, relrowsecurity, obj_description(c.oid)) as line
      from pg_class c where relnamespace::regnamespace::text !~ '^pg_' and relnamespace::regnamespace::text <> 'information_schema'
    union all select concat_ws(' ', 'column', attrelid::regclass, attname, atttypid::regtype, attnotnull, attacl)
      from pg_attribute a join pg_class c on c.oid = attrelid and attnum > 0 and relkind <> 'i'
      where relnamespace::regnamespace::text !~ '^pg_' and relnamespace::regnamespace::text <> 'information_schema'
    union all select concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid)) from pg_constraint
    union all select concat_ws(' ', 'function', oid::regprocedure, proacl, proconfig, md5(prosrc)) from pg_proc
      where pronamespace::regnamespace::text !~ '^pg_'
    union all select concat_ws(' ', 'policy', polrelid::regclass, polname, polroles, pg_get_expr(polqual, polrelid)) from pg_policy
    union all select concat_ws(' ', 'trigger', pg_get_triggerdef(oid)) from pg_trigger where not tgisinternal
    union all select concat_ws(' ', 'event trigger', evtname, evtfoid::regprocedure, evtenabled) from pg_event_trigger
    union all select concat_ws(' ', 'schema', nspname, nspacl) from pg_namespace where nspname !~ '^pg_(toast_)?temp'
    union all select concat_ws(' ', 'type', oid::regtype) from pg_type where typnamespace::regnamespace::text !~ '^pg_'
    union all select concat_ws(' ', 'extension', extname) from pg_extension
    union all select concat_ws(' ', 'rights', defaclrole::regrole, defaclobjtype, defaclacl) from pg_default_acl
    union all select concat_ws(' ', 'job', jobname, schedule, command) from cron.job
    union all select concat_ws(' ', 'version', version) from supabase_migrations.schema_migrations
  ) as lines order by line collate "C"`;

async function everything(database: TestDatabase): Promise<string[]> {
  return (await database.query<{ line: string }>(EVERYTHING)).map(({ line }) => line);
}

async function rowsOf(database: TestDatabase, table: string): Promise<unknown[]> {
  return await database.query(`select * from public.${table} order by id`);
}

async function push(database: TestDatabase, project: SampleProject): Promise<void> {
  await applyMigrations(database.url, { directory: `${project.root}/supabase/migrations` });
}

/** A project that is live, with what a removal must give back. */
async function live(tree: ProjectTree, table: string) {
  const project = await sampleProject(tree);
  const database = await createTestDatabase({ migrated: false });
  await push(database, project);
  const before = {
    bytes: await project.bytes(),
    lines: await everything(database),
    rows: await rowsOf(database, table),
  };
  return {
    project,
    database,
    before,
    [Symbol.asyncDispose]: async () => {
      await database[Symbol.asyncDispose]();
      await project[Symbol.asyncDispose]();
    },
  };
}

const SAMPLES: { title: string; tree: ProjectTree; table: string; options: string[] }[] = [
  { title: "Next with Supabase, older than ours", tree: NEXT_PROJECT, table: "notes", options: [] },
  { title: "its own library", tree: LIBRARY_PROJECT, table: "orders", options: ["--shared", "_healing"] },
  { title: "newer than ours, renumbered", tree: NEWER_PROJECT, table: "notes", options: ["--renumber"] },
  { title: "newer than ours, as they are", tree: NEWER_PROJECT, table: "notes", options: ["--include-all"] },
];

for (const { title, tree, table, options } of SAMPLES) {
  Deno.test(`install is taken back with its rows, and the project is as it was: ${title}`, async () => {
    await using all = await live(tree, table);
    const { project, database, before } = all;
    const added = await install("--into", project.root, ...options);
    assert.equal(added.code, 0, added.output);
    await push(database, project);
    await database.rpc("capture_errors", { p_errors: [] });
    assert.ok((await everything(database)).length > before.lines.length + 500);
    assert.deepEqual(await rowsOf(database, table), before.rows);
    const gone = await install("--into", project.root, "--remove", "--drop-data", "--db", database.url);
    assert.equal(gone.code, 0, gone.output);
    assert.match(gone.output, /nothing of ours is left, nothing of yours was changed/);
    assert.deepEqual(await everything(database), before.lines);
    assert.deepEqual(await rowsOf(database, table), before.rows);
    assert.deepEqual(await project.bytes(), before.bytes);
  });
}

/** A live project that this was installed into and pushed, with a row of ours. */
async function inUse() {
  const all = await live(NEXT_PROJECT, "notes");
  assert.equal((await install("--into", all.project.root)).code, 0);
  await push(all.database, all.project);
  await all.database.query("update public.healing_settings set reason = 'of ours' where key = 'enabled'");
  return all;
}

Deno.test("install --remove --keep-data keeps the rows, closed to everybody else, and an installation after it finds them", async () => {
  await using all = await inUse();
  const { project, database, before } = all;
  const rows = () => database.query("select * from public.healing_settings order by key");
  const kept = await rows();
  const gone = await install("--into", project.root, "--remove", "--keep-data", "--db", database.url);
  assert.equal(gone.code, 0, gone.output);
  assert.match(
    gone.output,
    /kept \d+ functions, 1 schema, \d+ sequences, \d+ tables, nothing of yours was changed/,
  );
  assert.deepEqual(await project.bytes(), before.bytes);
  assert.deepEqual(await rows(), kept);
  const idle = `select oid::regprocedure from pg_proc f where pronamespace = 'healing_private'::regnamespace
    and not exists (select from pg_depend where refobjid = f.oid and classid in ('pg_attrdef'::regclass, 'pg_constraint'::regclass))`;
  assert.deepEqual(await database.query(idle), []);
  const lines = await everything(database);
  assert.deepEqual(
    lines.filter((line) => /^(policy|trigger|job|version)/.test(line) && !before.lines.includes(line)),
    [],
  );
  const open =
    `select from information_schema.role_table_grants where grantee in ('anon', 'authenticated', 'PUBLIC')
    and table_schema = 'public' and table_name not in ('notes')`;
  assert.deepEqual(await database.query(open), []);
  assert.equal((await install("--into", project.root)).code, 0);
  await push(database, project);
  assert.deepEqual(await rows(), kept);
  await database.rpc("capture_errors", { p_errors: [] });
  const end = await install("--into", project.root, "--remove", "--drop-data", "--db", database.url);
  assert.equal(end.code, 0, end.output);
  assert.deepEqual(await everything(database), before.lines);
});

Deno.test("install --remove changes nothing where something of the project's hangs on what would go", async () => {
  await using all = await inUse();
  const { project, database } = all;
  const policy =
    "create policy admins on public.notes for all to authenticated using (healing_private.is_admin())";
  await database.query("create view public.my_errors as select id from public.detected_errors");
  await database.query(
    "alter table public.notes add column error_id uuid references public.detected_errors (id)",
  );
  await database.query(policy);
  const [lines, bytes] = [await everything(database), await project.bytes()];
  const { code, output } = await install(
    "--into",
    project.root,
    "--remove",
    "--drop-data",
    "--db",
    database.url,
  );
  assert.equal(code, 1, output);
  assert.match(
    output,
    /^CONFLICT: .*of yours this would change: .*table public\.notes.*view public\.my_errors$/m,
  );
  assert.deepEqual(await everything(database), lines);
  assert.deepEqual(await project.bytes(), bytes);
  // A policy would be left without the function that it calls.
  const kept = await install("--into", project.root, "--remove", "--keep-data", "--db", database.url);
  assert.match(
    kept.output,
    /^CONFLICT: The database: of ours this would leave: function healing_private\.is_admin\(\)/m,
  );
});

Deno.test("install --remove --script writes SQL that does the same, once or twice, also after a run that died in between", async () => {
  await using all = await inUse();
  const { project, database, before } = all;
  const folder = await Deno.makeTempDir();
  const file = `${folder}/remove.sql`;
  try {
    const { code, output } = await install(
      "--into",
      project.root,
      "--remove",
      "--drop-data",
      "--script",
      file,
    );
    assert.equal(code, 0, output);
    assert.deepEqual(await project.bytes(), before.bytes);
    const script = await Deno.readTextFile(file);
    await database.query(script);
    assert.deepEqual(await everything(database), before.lines);
    await database.query(script);
    assert.deepEqual(await everything(database), before.lines);
    // The database is done and the files are not: the next run is all that it takes.
    assert.equal((await install("--into", project.root)).code, 0);
    const again = await install("--into", project.root, "--remove", "--drop-data", "--db", database.url);
    assert.equal(again.code, 0, again.output);
    assert.deepEqual(await project.bytes(), before.bytes);
    assert.deepEqual(await everything(database), before.lines);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("install --remove says so when the database cannot be reached, or the script is there, and leaves the files", async () => {
  await using source = await sampleProject(SMALL_SOURCE);
  await using project = await sampleProject({ ...NEXT_PROJECT, "remove.sql": "mine\n" });
  assert.equal((await installFrom(source.root, "--into", project.root)).code, 0);
  const bytes = await project.bytes();
  const ways: [string[], RegExp][] = [
    [["--db", "postgresql://postgres@127.0.0.1:1/postgres"], /^DATABASE_ERROR: The database: /m],
    [["--script", `${project.root}/remove.sql`], /^BAD_REQUEST: .*remove\.sql cannot be written/m],
  ];
  for (const [way, words] of ways) {
    const { code, output } = await installFrom(
      source.root,
      "--into",
      project.root,
      "--remove",
      "--drop-data",
      ...way,
    );
    assert.equal(code, 2, output);
    assert.match(output, words);
    assert.deepEqual(await project.bytes(), bytes);
  }
});

/** This tree as it was before health checks: files of it, and the migrations up to then. */
async function olderTree(): Promise<SampleProject> {
  const files = (await listFiles(OWN_ROOT)).filter((path) =>
    /^supabase\/|^tests\/golden\/schema\.txt$/.test(path) &&
    !path.startsWith("supabase/functions/health-check/") &&
    !(path.startsWith("supabase/migrations/") && path > "supabase/migrations/20261129150000")
  );
  const texts = files.map(async (path) => [path, await Deno.readTextFile(`${OWN_ROOT}/${path}`)]);
  return await sampleProject(Object.fromEntries(await Promise.all(texts)));
}

Deno.test("install brings an older installation that is in use up to date, and still takes all of it away", async () => {
  await using all = await live(NEXT_PROJECT, "notes");
  const { project, database, before } = all;
  await using older = await olderTree();
  assert.equal((await installFrom(older.root, "--into", project.root)).code, 0);
  await push(database, project);
  await database.query("update public.healing_settings set reason = 'kept' where key = 'enabled'");
  assert.deepEqual(await database.query("select to_regclass('public.system_health_checks') as it"), [{
    it: null,
  }]);
  const { code, output } = await install("--into", project.root);
  assert.equal(code, 0, output);
  assert.match(output, /files added, 1 changed, 0 removed/);
  await push(database, project);
  assert.deepEqual(await database.query("select reason from public.healing_settings where key = 'enabled'"), [
    { reason: "kept" },
  ]);
  await database.query("select count(*) from public.system_health_checks");
  const gone = await install("--into", project.root, "--remove", "--drop-data", "--db", database.url);
  assert.equal(gone.code, 0, gone.output);
  assert.deepEqual(await everything(database), before.lines);
  assert.deepEqual(await project.bytes(), before.bytes);
});
