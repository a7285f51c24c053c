/**
 * What every set of migrations must stand, on any server: twice, from every prefix, and many installers at
 * once. Generic over whatever is in `supabase/migrations`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { applyMigrations, MIGRATIONS_DIRECTORY, readMigrations } from "../../scripts/stack/migrate.ts";
import type { TestDatabase } from "./testDatabase.ts";

/** Makes a database that has the platform but no migration. */
export type MakeDatabase = () => Promise<TestDatabase>;

const INSTALLERS = 20;

/** Applies all, then all again as if the history were lost: nothing changes and nothing fails. */
export async function tryTwice(makeDatabase: MakeDatabase): Promise<void> {
  await using database = await makeDatabase();
  const all = await fileNames();
  assert.deepEqual(await applyMigrations(database.url), all);
  const before = await describeSchema(database);
  assert.deepEqual(await applyMigrations(database.url), []);
  await database.query("delete from supabase_migrations.schema_migrations where true");
  assert.deepEqual(await applyMigrations(database.url), all);
  assert.deepEqual(await describeSchema(database), before);
}

/** Of the prefixes, one in so many is also gone on from in a single run. */
const EVERY = 10;

/**
 * Goes on from every prefix: file by file, each in a run of its own, and from some of them with all the rest in one run.
 * Each way ends at the schema that one run over all files makes.
 */
export async function tryEveryPrefix(makeDatabase: MakeDatabase): Promise<void> {
  const all = await fileNames();
  const wanted = await schemaAfter(makeDatabase, [all.length]);
  const each = Array.from({ length: all.length }, (_, index) => index + 1);
  assert.deepEqual(await schemaAfter(makeDatabase, each), wanted, "file by file");
  for (let length = 0; length < all.length; length += EVERY) {
    assert.deepEqual(await schemaAfter(makeDatabase, [length]), wanted, `from the first ${length} files`);
  }
}

/** Many installers at once: each file is applied by exactly one of them, and none fails. */
export async function tryManyInstallers(makeDatabase: MakeDatabase): Promise<void> {
  await using database = await makeDatabase();
  const outcomes = await Promise.all(
    Array.from({ length: INSTALLERS }, () => applyMigrations(database.url)),
  );
  assert.deepEqual(outcomes.flat().sort(), await fileNames());
}

/** The schema after a run over each of the prefixes, and a last one over all files. */
async function schemaAfter(makeDatabase: MakeDatabase, prefixes: readonly number[]): Promise<string[]> {
  await using database = await makeDatabase();
  const all = await fileNames();
  const directory = await Deno.makeTempDir();
  let done = 0;
  try {
    for (const length of prefixes) {
      const files = all.slice(done, length);
      for (const fileName of files) {
        await Deno.copyFile(`${MIGRATIONS_DIRECTORY}/${fileName}`, `${directory}/${fileName}`);
      }
      assert.deepEqual(await applyMigrations(database.url, { directory }), files);
      done = length;
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
  assert.deepEqual(await applyMigrations(database.url), all.slice(done));
  return await describeSchema(database);
}

async function fileNames(): Promise<string[]> {
  return (await readMigrations()).map(({ fileName }) => fileName);
}

/** One line for each thing that a migration can make, with its privileges. */
async function describeSchema(database: TestDatabase): Promise<string[]> {
  const rows = await database.query<{ line: string }>(`
    with ours as (
      select oid, nspname from pg_namespace
      where pg_has_role(nspowner, 'member') and nspname !~ '^pg_' and nspname <> 'information_schema'
        and nspname not in ('supabase_migrations')
    )
    select format('relation %s.%s %s %s %s', nspname, relname, relkind, relrowsecurity, grants) as line
    from pg_class join ours on ours.oid = relnamespace, ${sortedGrants("relacl")}
    union all
    select format('column %s.%s.%s %s %s %s', nspname, relname, attname, format_type(atttypid, atttypmod),
             attnotnull, pg_get_expr(adbin, adrelid))
    from pg_class join ours on ours.oid = relnamespace
      join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
      left join pg_attrdef on adrelid = attrelid and adnum = attnum
    union all
    select format('constraint %s.%s %s', conrelid::regclass, conname, pg_get_constraintdef(pg_constraint.oid))
    from pg_constraint join ours on ours.oid = connamespace
    union all
    select format('index %s', pg_get_indexdef(indexrelid))
    from pg_index join pg_class on pg_class.oid = indexrelid join ours on ours.oid = relnamespace
    union all
    select format('function %s %s %s', pg_proc.oid::regprocedure, md5(pg_get_functiondef(pg_proc.oid)), grants)
    from pg_proc join ours on ours.oid = pronamespace, ${sortedGrants("proacl")}
    where prokind in ('f', 'p')
    union all
    select format('trigger %s', pg_get_triggerdef(pg_trigger.oid))
    from pg_trigger join pg_class on pg_class.oid = tgrelid join ours on ours.oid = relnamespace
    where not tgisinternal
    union all
    select format('policy %s.%s %s %s %s %s', schemaname, tablename, policyname, cmd, roles, coalesce(qual, with_check))
    from pg_policies
    union all
    select format('job %s %s %s', jobname, schedule, command) from cron.job
    where database = current_database()
    order by line`);
  return rows.map(({ line }) => line);
}

/** Grants keep the order in which they were given; only the set matters. */
function sortedGrants(column: string): string {
  return `lateral (select array_agg(item::text order by item::text) as grants from unnest(${column}) as item) as sorted`;
}
