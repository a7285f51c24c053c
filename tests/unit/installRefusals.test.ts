/** What an installation refuses, with the choices that there are, and without a byte written. */

import assert from "node:assert/strict";
import {
  CONFIG,
  installFrom,
  NEWER_PROJECT,
  PLAIN,
  type ProjectTree,
  read,
  RIVAL_PROJECT,
  sampleProject,
  SHARED,
  SMALL_SOURCE,
} from "../helpers/installProjects.ts";

/** Demands that an installation is refused with this code of conflict and these words, and that nothing is written. */
async function assertRefused(
  tree: ProjectTree,
  code: string,
  words: RegExp,
  ...options: string[]
): Promise<void> {
  await using source = await sampleProject(SMALL_SOURCE);
  await using project = await sampleProject(tree);
  const before = await project.bytes();
  const { code: exit, output } = await installFrom(source.root, "--into", project.root, ...options);
  assert.equal(exit, 1, output);
  assert.match(output, new RegExp(`^  ${code}: `, "m"));
  assert.match(output, words);
  assert.match(output, /you may: /);
  assert.deepEqual(await project.bytes(), before);
}

Deno.test("install refuses files of the library's names that are the project's own, and any other case of them", async () => {
  const own = { ...PLAIN, [`${SHARED}/retry.ts`]: "export const mine = 1;\n" };
  await assertRefused(own, "library_exists", /--shared _healing/);
  await assertRefused({ ...PLAIN, [`${SHARED}/Retry.ts`]: "" }, "library_exists", /there as Retry\.ts/);
  await assertRefused(
    { ...PLAIN, [`${SHARED}/retry`]: "a file" },
    "library_exists",
    /a folder belongs there/,
  );
  await assertRefused({ ...PLAIN, [`${SHARED}/retry.ts/x.ts`]: "" }, "library_exists", /is a folder/);
});

Deno.test("install refuses a function of our name, in a folder or in config.toml", async () => {
  const own = { ...PLAIN, "supabase/functions/heal/index.ts": "Deno.serve(() => new Response());\n" };
  await assertRefused(own, "function_exists", /rename yours/);
  const table = { [CONFIG]: '[functions.heal]\nentrypoint = "./functions/other/main.ts"\n' };
  await assertRefused(table, "function_in_config", /other settings/);
});

Deno.test("install refuses sections that cannot be appended, and says what to write", async () => {
  await using source = await sampleProject(SMALL_SOURCE);
  await using project = await sampleProject({ [CONFIG]: "functions = { a = { verify_jwt = true } }\n" });
  const before = await project.bytes();
  const { code, output } = await installFrom(source.root, "--into", project.root);
  assert.equal(code, 1, output);
  assert.match(output, /^CONFLICT: .*nothing can be appended/);
  assert.match(output, /\[functions\.heal\]/);
  assert.deepEqual(await project.bytes(), before);
  // What is written that way by hand is found, and taken as it is.
  await project.write({
    [CONFIG]: "functions = { a = { verify_jwt = true }, heal = { verify_jwt = false } }\n",
  });
  assert.equal((await installFrom(source.root, "--into", project.root)).code, 0);
});

Deno.test("install refuses migrations that db push would refuse, unless told where to put them", async () => {
  await assertRefused(NEWER_PROJECT, "migration_order", /--renumber: .*\n.*--include-all/);
  const same = { ...PLAIN, "supabase/migrations/20261121110000_mine.sql": "select 1;\n" };
  await assertRefused(same, "migration_version", /20261121110000_mine\.sql has the version of our add_jobs/);
  await assertRefused(same, "migration_version", /--renumber/, "--include-all");
  const odd = { ...PLAIN, "supabase/migrations/99_mine.sql": "select 1;\n" };
  await assertRefused(odd, "migration_order", /no time can be later/, "--renumber");
  await using source = await sampleProject(SMALL_SOURCE);
  await using project = await sampleProject(NEWER_PROJECT);
  assert.equal((await installFrom(source.root, "--into", project.root, "--renumber")).code, 0);
  assert.equal(
    await read(project, "supabase/migrations/20290101000100_create_errors.sql"),
    SMALL_SOURCE["supabase/migrations/20261121100000_create_errors.sql"],
  );
  assert.match(await read(project, "supabase/migrations/20290101000101_add_jobs.sql"), /cron\.schedule/);
  await using other = await sampleProject(NEWER_PROJECT);
  const { code, output } = await installFrom(source.root, "--into", other.root, "--include-all");
  assert.equal(code, 0, output);
  assert.match(output, /db push --include-all/);
});

Deno.test("install refuses tables, functions and jobs of our names, and not those that were renamed or dropped", async () => {
  await using project = await sampleProject(RIVAL_PROJECT);
  const before = await project.bytes();
  const { code, output } = await installFrom(undefined, "--into", project.root);
  assert.equal(code, 1, output);
  const named = [...output.matchAll(/name_taken: (\S+) makes the (.*), and so/g)].map((
    [, place, name],
  ) => [place, name]);
  const file = "supabase/migrations/20250601120000_create_notifications.sql";
  assert.deepEqual(named, [
    [`${file}:1`, "relation public.notifications"],
    [`${file}:3`, "function public.get_error_rate"],
    [`${file}:6`, "job healing_engine"],
  ]);
  assert.match(output, /alter table public\.notifications rename to app_notifications;/);
  assert.deepEqual(await project.bytes(), before);
});

Deno.test("install follows no link, and overwrites none", async () => {
  await using source = await sampleProject(SMALL_SOURCE);
  await using elsewhere = await sampleProject({ "keep.ts": "mine\n" });
  for (const at of [SHARED, `${SHARED}/retry.ts`, "supabase/migrations", "supabase/functions/heal"]) {
    await using project = await sampleProject({
      ...PLAIN,
      "supabase/functions/x/index.ts": "",
      [`${SHARED}/a.ts`]: "",
    });
    await Deno.remove(`${project.root}/${at}`, { recursive: true }).catch(() => {});
    await Deno.symlink(elsewhere.root, `${project.root}/${at}`);
    const before = await project.bytes();
    const { code, output } = await installFrom(source.root, "--into", project.root);
    assert.equal(code, 1, output);
    assert.match(output, /is a link, which is not followed/);
    assert.deepEqual(await project.bytes(), before);
    assert.deepEqual([...(await elsewhere.bytes()).keys()], ["keep.ts"]);
  }
  await using project = await sampleProject(PLAIN);
  const link = `${elsewhere.root}/app`;
  await Deno.symlink(project.root, link);
  assert.equal(
    (await installFrom(source.root, "--into", link)).code,
    0,
    "the project itself may be named by a link",
  );
});

Deno.test("install refuses what is no project, with its reason and what to do", async () => {
  await using source = await sampleProject({ ...SMALL_SOURCE, "inside/supabase/config.toml": "" });
  await using project = await sampleProject({
    "supabase/config.toml": "broken = [\n",
    "a-file": "",
    "bare/README.md": "",
    "folder/supabase/migrations/1_x.sql": "",
  });
  const cases: [string, RegExp][] = [
    [`${project.root}/none`, /^NOT_FOUND: /],
    [`${project.root}/a-file`, /^BAD_REQUEST: .* is a file/],
    [`${project.root}/bare`, /^CONFIG_MISSING: .*no Supabase project.*\n.*supabase init/],
    [`${project.root}/folder`, /^CONFIG_MISSING: /],
    [`${project.root}/supabase`, /^BAD_REQUEST: .*\n.*the folder above it/],
    [project.root, /^CONFIG_MISSING: supabase\/config\.toml cannot be read/],
    [source.root, /^BAD_REQUEST: .*this tree itself/],
    [`${source.root}/inside`, /^BAD_REQUEST: .*lies in it/],
  ];
  const before = await project.bytes();
  for (const [folder, words] of cases) {
    const { code, output } = await installFrom(source.root, "--into", folder);
    assert.equal(code, 2, output);
    assert.match(output, words);
  }
  assert.deepEqual(await project.bytes(), before);
});
