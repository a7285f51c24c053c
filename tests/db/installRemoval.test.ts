/** Installed into real projects, applied together with their migrations, and taken away again without a trace. */

import assert from "node:assert/strict";
import { applyMigrations } from "../../scripts/stack/migrate.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import {
  install,
  LIBRARY_PROJECT,
  NEWER_PROJECT,
  NEXT_PROJECT,
  type ProjectTree,
  type SampleProject,
  sampleProject,
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
