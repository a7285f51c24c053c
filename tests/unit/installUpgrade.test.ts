/** Newer versions over older ones, runs that are killed, and runs that meet. */

import assert from "node:assert/strict";
import { installFrom, type ProjectTree, sampleProject, SMALL_SOURCE } from "../helpers/installProjects.ts";

const CONFIG = "supabase/config.toml";
const FUNCTIONS = "supabase/functions";
const PLAIN: ProjectTree = {
  [CONFIG]: 'project_id = "plain"',
  "supabase/migrations/20250101000000_mine.sql": "select 1;\n",
};
const DYING = new URL("../helpers/dyingInstaller.ts", import.meta.url).pathname;

/** The next version: a file changes, one goes, one comes, as do a migration and a function. */
const NEWER_SOURCE: ProjectTree = {
  ...Object.fromEntries(Object.entries(SMALL_SOURCE).filter(([path]) => !path.endsWith("/delay.ts"))),
  [CONFIG]: `${SMALL_SOURCE[CONFIG]}[functions.watch]\nverify_jwt = true\n`,
  [`${FUNCTIONS}/_shared/retry.ts`]: "export const retry = 2;\n",
  [`${FUNCTIONS}/_shared/timeout.ts`]: "export const timeout = 1;\n",
  [`${FUNCTIONS}/heal/handler.ts`]: `export const handle = () => new Response("2");\n`,
  [`${FUNCTIONS}/watch/index.ts`]: `Deno.serve(() => new Response("watch"));\n`,
  "supabase/migrations/20261201000000_add_errors.sql": "create table public.healing_runs (id int);\n",
  "tests/golden/schema.txt": `${
    SMALL_SOURCE["tests/golden/schema.txt"]
  }\ntable public.healing_runs\n  column id integer\n`,
};

/** A project with the older version, and both versions to install from. */
async function olderInstall(tree: ProjectTree = PLAIN) {
  const [older, newer] = [await sampleProject(SMALL_SOURCE), await sampleProject(NEWER_SOURCE)];
  const project = await sampleProject(tree);
  const before = await project.bytes();
  const { code, output } = await installFrom(older.root, "--into", project.root);
  assert.equal(code, 0, output);
  return {
    project,
    before,
    older: older.root,
    newer: newer.root,
    read: (path: string) => Deno.readTextFile(`${project.root}/${path}`),
    [Symbol.asyncDispose]: async () => {
      for (const one of [older, newer, project]) await one[Symbol.asyncDispose]();
    },
  };
}

Deno.test("install brings a newer version: files change, come and go, and all of it goes again", async () => {
  await using all = await olderInstall();
  const { project, newer, read, before } = all;
  const { code, output } = await installFrom(newer, "--into", project.root);
  assert.equal(code, 0, output);
  assert.match(output, /^4 files added, 3 changed, 1 removed/);
  assert.equal(await read(`${FUNCTIONS}/_shared/retry.ts`), "export const retry = 2;\n");
  assert.match(
    await read(CONFIG),
    /^project_id = "plain"\n\n# self-healing: begin[^]*\[functions\.watch\]\n[^]*verify_jwt = true\n# self-healing: end\n$/,
  );
  assert.match(
    (await installFrom(newer, "--into", project.root)).output,
    /^0 files added, 0 changed, 0 removed/,
  );
  assert.equal((await installFrom(newer, "--into", project.root, "--remove", "--files-only")).code, 0);
  assert.deepEqual(await project.bytes(), before);
});

Deno.test("install never overwrites what the project has changed, names it, and takes ours when it is deleted", async () => {
  await using all = await olderInstall();
  const { project, newer, read } = all;
  const [changed, gone] = [`${FUNCTIONS}/_shared/retry.ts`, `${FUNCTIONS}/_shared/retry/delay.ts`];
  await project.write({ [changed]: "export const retry = 99;\n", [gone]: "export const delay = 99;\n" });
  const { code, output } = await installFrom(newer, "--into", project.root);
  assert.equal(code, 0, output);
  assert.match(output, /^kept supabase\/functions\/_shared\/retry\.ts: changed by you and by this version/m);
  assert.match(
    output,
    /^kept supabase\/functions\/_shared\/retry\/delay\.ts: changed by you, and no longer part/m,
  );
  assert.equal(await read(changed), "export const retry = 99;\n");
  assert.equal(await read(gone), "export const delay = 99;\n");
  await Deno.remove(`${project.root}/${changed}`);
  assert.match((await installFrom(newer, "--into", project.root)).output, /^1 file added/);
  assert.equal(await read(changed), "export const retry = 2;\n");
  await project.write({ [changed]: "export const retry = 100;\n" });
  const removal = await installFrom(newer, "--into", project.root, "--remove", "--files-only");
  assert.match(removal.output, /^kept supabase\/functions\/_shared\/retry\.ts: changed by you/m);
  assert.equal(await read(changed), "export const retry = 100;\n");
});

Deno.test("install takes line ends that a checkout has changed for no change", async () => {
  await using all = await olderInstall();
  const { project, newer, read } = all;
  for (const path of [`${FUNCTIONS}/_shared/retry.ts`, CONFIG, "supabase/self-healing/manifest.json"]) {
    await project.write({ [path]: (await read(path)).replaceAll("\n", "\r\n") });
  }
  const { code, output } = await installFrom(newer, "--into", project.root);
  assert.equal(code, 0, output);
  assert.doesNotMatch(output, /kept/);
  assert.match(await read(CONFIG), /\[functions\.watch\]\r\n/);
});

Deno.test("install leaves a migration as it was pushed, and keeps one that this version no longer has", async () => {
  await using all = await olderInstall();
  const { project, newer, read } = all;
  await using other = await sampleProject({
    ...NEWER_SOURCE,
    "supabase/migrations/20261121100000_create_errors.sql":
      "create table public.detected_errors (id bigint);\n",
  });
  await Deno.remove(`${other.root}/supabase/migrations/20261121110000_add_jobs.sql`);
  const { code, output } = await installFrom(other.root, "--into", project.root);
  assert.equal(code, 0, output);
  assert.match(output, /1 migrations differ/);
  assert.match(await read("supabase/migrations/20261121100000_create_errors.sql"), /id int\)/);
  assert.match(await read("supabase/migrations/20261121110000_add_jobs.sql"), /cron\.schedule/);
  assert.equal((await installFrom(newer, "--into", project.root, "--remove", "--files-only")).code, 0);
  assert.deepEqual(await project.bytes(), all.before);
});

Deno.test("install asks again where the project has meanwhile got newer migrations than a version's new ones", async () => {
  await using all = await olderInstall();
  const { project, newer, read } = all;
  await project.write({ "supabase/migrations/20270101000000_later.sql": "select 1;\n" });
  const refused = await installFrom(newer, "--into", project.root);
  assert.match(refused.output, /migration_order: 20270101000000_later\.sql is newer/);
  assert.equal((await installFrom(newer, "--into", project.root, "--renumber")).code, 0);
  assert.match(await read("supabase/migrations/20270101000001_add_errors.sql"), /healing_runs/);
  assert.match(await read("supabase/migrations/20261121100000_create_errors.sql"), /detected_errors/);
});

Deno.test("install refuses a manifest that it does not understand, and touches nothing", async () => {
  await using all = await olderInstall();
  const { project, newer, read } = all;
  const whole = await read("supabase/self-healing/manifest.json");
  const leading = whole.replace('"supabase/functions/_shared/retry.ts"', '"supabase/../../retry.ts"');
  for (
    const text of [
      "",
      "{",
      "[]",
      '{"format":2}',
      leading,
      whole.replace('"folders": [', '"folders": ["/etc",'),
    ]
  ) {
    await project.write({ "supabase/self-healing/manifest.json": text });
    const before = await project.bytes();
    for (const args of [[], ["--remove", "--files-only"], ["--check"]]) {
      const { code, output } = await installFrom(newer, "--into", project.root, ...args);
      assert.equal(code, 2, output);
      assert.match(output, /^CONFIG_MISSING: supabase\/self-healing\/manifest\.json cannot be read/);
    }
    assert.deepEqual(await project.bytes(), before);
  }
});

Deno.test("install --remove leaves nothing behind where files import what would go, until they do not", async () => {
  await using all = await olderInstall({
    ...PLAIN,
    [`${FUNCTIONS}/app/index.ts`]:
      `import { retry } from "../_shared/retry.ts";\nDeno.serve(() => new Response(\`\${retry}\`));\n`,
  });
  const { project, older } = all;
  const installed = await project.bytes();
  const { code, output } = await installFrom(older, "--into", project.root, "--remove", "--files-only");
  assert.equal(code, 1, output);
  assert.match(
    output,
    /still_imported: supabase\/functions\/app\/index\.ts imports \.\.\/_shared\/retry\.ts/,
  );
  assert.deepEqual(await project.bytes(), installed);
  // Another folder for the library would leave that import behind as well.
  const moved = await installFrom(older, "--into", project.root, "--shared", "_healing");
  assert.match(moved.output, /still_imported: /);
  await project.write({ [`${FUNCTIONS}/app/index.ts`]: "Deno.serve(() => new Response());\n" });
  assert.equal((await installFrom(older, "--into", project.root, "--remove", "--files-only")).code, 0);
});

/** Runs the program until it dies at its n-th change; false when it came to its end before. */
async function diesAt(n: number, tree: string, ...args: string[]): Promise<boolean> {
  const { signal, code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", DYING, String(n), tree, ...args],
    stdout: "null",
    stderr: "piped",
  }).output();
  assert.ok(signal === "SIGKILL" || code === 0, new TextDecoder().decode(stderr));
  return signal === "SIGKILL";
}

/** Every third place: a write, a move and a removal take turns with each file. */
const PLACES = [1, 2, 3, 5, 8, 12, 17, 22, 26, 29];

Deno.test("install that was killed anywhere is finished by the next run, or taken back by a removal", async () => {
  await using source = await sampleProject(SMALL_SOURCE);
  await using whole = await sampleProject(PLAIN);
  await installFrom(source.root, "--into", whole.root);
  const [wanted] = [await whole.bytes()];
  for (const [index, place] of PLACES.entries()) {
    await using project = await sampleProject(PLAIN);
    const before = await project.bytes();
    const died = await diesAt(place, source.root, "--into", project.root);
    if (!died) assert.deepEqual(await project.bytes(), wanted);
    if (index % 2 === 0) {
      const { code, output } = await installFrom(source.root, "--into", project.root);
      assert.equal(code, 0, output);
      assert.deepEqual(await project.bytes(), wanted, `after a death at ${place}`);
    }
    await installFrom(source.root, "--into", project.root, "--remove", "--files-only");
    assert.deepEqual(await project.bytes(), before, `after a death at ${place}`);
  }
});

Deno.test("install --remove that was killed anywhere is finished by the next run, or installed again", async () => {
  await using source = await sampleProject(SMALL_SOURCE);
  for (const [index, place] of PLACES.entries()) {
    await using project = await sampleProject(PLAIN);
    const before = await project.bytes();
    await installFrom(source.root, "--into", project.root);
    const whole = await project.bytes();
    await diesAt(place, source.root, "--into", project.root, "--remove", "--files-only");
    if (index % 2 === 0) {
      const { code, output } = await installFrom(source.root, "--into", project.root);
      assert.equal(code, 0, output);
      assert.deepEqual(await project.bytes(), whole, `after a death at ${place}`);
    }
    await installFrom(source.root, "--into", project.root, "--remove", "--files-only");
    assert.deepEqual(await project.bytes(), before, `after a death at ${place}`);
  }
});

Deno.test("install of a newer version that was killed anywhere is finished by the next run, or taken back by a removal", async () => {
  const wanted = await (async () => {
    await using all = await olderInstall();
    await installFrom(all.newer, "--into", all.project.root);
    return await all.project.bytes();
  })();
  for (const [index, place] of [3, 4, 6, 9, 11, 13, 16, 18, 21].entries()) {
    await using all = await olderInstall();
    const { project, newer, before } = all;
    await diesAt(place, newer, "--into", project.root);
    if (index % 3 !== 2) {
      const { code, output } = await installFrom(newer, "--into", project.root);
      assert.equal(code, 0, output);
      assert.deepEqual(await project.bytes(), wanted, `after a death at ${place}`);
    }
    await installFrom(newer, "--into", project.root, "--remove", "--files-only");
    assert.deepEqual(await project.bytes(), before, `after a death at ${place}`);
  }
});

Deno.test("install takes back what it wrote when a file cannot be written", async () => {
  await using source = await sampleProject(SMALL_SOURCE);
  await using project = await sampleProject({ ...PLAIN, "supabase/functions/x/index.ts": "" });
  const before = await project.bytes();
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      `--deny-write=${project.root}/supabase/migrations`,
      "--no-check",
      DYING,
      "0",
      source.root,
      "--into",
      project.root,
    ],
  }).output();
  assert.equal(code, 2);
  assert.match(new TextDecoder().decode(stderr), /^FORBIDDEN: A file cannot be written: .*\n.*taken back/m);
  assert.deepEqual(await project.bytes(), before);
});

Deno.test("install by five at once does it once", async () => {
  await using source = await sampleProject(SMALL_SOURCE);
  await using project = await sampleProject(PLAIN);
  const runs = await Promise.all(
    Array.from({ length: 5 }, () =>
      new Deno.Command(Deno.execPath(), {
        args: ["run", "--allow-all", "--no-check", DYING, "0", source.root, "--into", project.root],
      }).output()),
  );
  const outputs = runs.map(({ stdout }) => new TextDecoder().decode(stdout));
  assert.deepEqual(runs.map(({ code }) => code), [0, 0, 0, 0, 0], outputs.join("\n"));
  assert.deepEqual(outputs.map((text) => /^\d+/.exec(text)![0]).sort(), ["0", "0", "0", "0", "7"]);
});
