/** What an installation writes, what it refuses, and what it leaves alone. */

import assert from "node:assert/strict";
import {
  CONFIG,
  installFrom,
  LIBRARY_PROJECT,
  NEXT_PROJECT,
  PLAIN,
  read,
  sampleProject,
  SHARED,
  SMALL_SOURCE,
} from "../helpers/installProjects.ts";

Deno.test("install adds files and sections, changes not one byte of the project's, and its removal leaves none of its own", async () => {
  await using source = await sampleProject(SMALL_SOURCE);
  for (const tree of [NEXT_PROJECT, PLAIN, { [CONFIG]: "" }, { ...PLAIN, "supabase/functions/.keep": "" }]) {
    await using project = await sampleProject(tree);
    await Deno.mkdir(`${project.root}/supabase/empty`);
    const before = await project.bytes();
    const { code, output } = await installFrom(source.root, "--into", project.root);
    assert.equal(code, 0, output);
    assert.match(output, /^7 files added, 1 changed/);
    assert.match(output, /deno task doctor --db/);
    const after = await project.bytes();
    for (const [path, bytes] of before) if (path !== CONFIG) assert.equal(after.get(path), bytes);
    assert.ok((await read(project, CONFIG)).startsWith(tree[CONFIG]!));
    assert.equal(after.has(`${SHARED}/README.md`), false);
    const again = await installFrom(source.root, "--into", project.root);
    assert.match(again.output, /^0 files added, 0 changed, 0 removed/);
    assert.deepEqual(await project.bytes(), after);
    assert.equal(
      (await installFrom(source.root, "--into", project.root, "--remove", "--files-only")).code,
      0,
    );
    assert.deepEqual(await project.bytes(), before);
  }
});

Deno.test("install --dry-run says what it would do, and writes nothing", async () => {
  await using source = await sampleProject(SMALL_SOURCE);
  await using project = await sampleProject(NEXT_PROJECT);
  const before = await project.bytes();
  const { code, output } = await installFrom(source.root, "--into", project.root, "--dry-run");
  assert.equal(code, 0, output);
  assert.match(output, /7 files would be added/);
  assert.match(output, /notice: tsconfig\.json takes in supabase\/functions/);
  assert.deepEqual(await project.bytes(), before);
});

Deno.test("install tells of settings that will meet what it adds", async () => {
  await using source = await sampleProject(SMALL_SOURCE);
  const settings =
    "[edge_runtime]\nenabled = false\ndeno_version = 1\n[api]\nschemas = ['app']\n[db]\nmajor_version = 14\n[db.migrations]\nenabled = false\n";
  await using project = await sampleProject({
    [CONFIG]: settings,
    "supabase/schemas/app.sql": "create table app (id int);\n",
    "tsconfig.json": '{ "include": ["**/*.ts"], "exclude": ["node_modules", "supabase"] }\n',
  });
  const { code, output } = await installFrom(source.root, "--into", project.root, "--dry-run");
  assert.equal(code, 0, output);
  const notices = [...output.matchAll(/^notice: (.*)$/gm)].map(([, words]) => words!);
  const about = [
    /db diff/,
    /edge_runtime\] is off/,
    /deno_version is 1/,
    /no "public"/,
    /major_version is 14/,
    /migrations\] is off/,
  ];
  assert.equal(notices.length, about.length, output);
  for (const [index, words] of about.entries()) assert.match(notices[index]!, words);
});

Deno.test("install keeps Windows' line ends of config.toml, and cuts its sections out of the middle", async () => {
  await using source = await sampleProject(SMALL_SOURCE);
  await using project = await sampleProject(LIBRARY_PROJECT);
  assert.equal((await installFrom(source.root, "--into", project.root, "--shared", "_healing")).code, 0);
  const text = await read(project, CONFIG);
  assert.equal(text.replaceAll("\r\n", "").includes("\n"), false);
  await project.write({ [CONFIG]: `${text}\r\n[functions.later]\r\nverify_jwt = true\r\n` });
  assert.equal((await installFrom(source.root, "--into", project.root, "--remove", "--files-only")).code, 0);
  assert.equal(
    await read(project, CONFIG),
    `${LIBRARY_PROJECT[CONFIG]}\r\n[functions.later]\r\nverify_jwt = true\r\n`,
  );
});

Deno.test("install --shared puts the library into another folder, and the functions find it there", async () => {
  await using source = await sampleProject(SMALL_SOURCE);
  await using project = await sampleProject(LIBRARY_PROJECT);
  assert.equal((await installFrom(source.root, "--into", project.root, "--shared", "_healing")).code, 0);
  assert.equal(await read(project, `${SHARED}/retry/index.ts`), LIBRARY_PROJECT[`${SHARED}/retry/index.ts`]);
  assert.equal(
    await read(project, "supabase/functions/heal/handler.ts"),
    SMALL_SOURCE["supabase/functions/heal/handler.ts"]!.replace(
      '"../_shared/retry.ts";',
      '"../_healing/retry.ts";',
    )
      .replace("_shared/retry/delay.ts", "_healing/retry/delay.ts"),
  );
  // The choice is remembered.
  assert.match((await installFrom(source.root, "--into", project.root)).output, /^0 files added/);
});

Deno.test("install takes this tree inside of a project, whatever its folder is called", async () => {
  await using project = await sampleProject(PLAIN);
  const inner = `${project.root}/vendor/self healing ü`;
  for (const [path, text] of Object.entries(SMALL_SOURCE)) {
    await Deno.mkdir(`${inner}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${inner}/${path}`, text);
  }
  const { code, output } = await installFrom(inner, "--into", project.root);
  assert.equal(code, 0, output);
});

Deno.test("install finds what was copied by hand, and then takes it away as well", async () => {
  await using source = await sampleProject(SMALL_SOURCE);
  const copied = Object.fromEntries(
    Object.entries(SMALL_SOURCE).filter(([path]) => /\.(ts|sql)$/.test(path)).map(([path, text]) => [
      path,
      // A checkout on Windows.
      text.replaceAll("\n", "\r\n"),
    ]),
  );
  await using project = await sampleProject({ ...copied, [CONFIG]: SMALL_SOURCE[CONFIG]! });
  const { code, output } = await installFrom(source.root, "--into", project.root);
  assert.equal(code, 0, output);
  assert.match(output, /1 file added, 0 changed/);
  assert.match(output, /6 files there already/);
  assert.equal((await installFrom(source.root, "--into", project.root, "--remove", "--files-only")).code, 0);
  assert.deepEqual([...(await project.bytes()).keys()].filter((path) => /\.(ts|sql)$/.test(path)), []);
});

Deno.test("install explains what it does not understand, and every flag has its place", async () => {
  const wrong = [
    [],
    ["--into"],
    ["--into", "x", "--what"],
    ["--into", "x", "--shared", "healing"],
    ["--into", "x", "--renumber", "--include-all"],
    ["--into", "x", "--rewrite"],
    ["--into", "x", "--keep-data"],
    ["--into", "x", "--remove"],
    ["--into", "x", "--remove", "--files-only", "--db", "postgresql://h/p"],
    ["--into", "x", "--remove", "--db", "postgresql://h/p"],
    ["--into", "x", "--remove", "--db", "nonsense", "--drop-data"],
    ["--into", "x", "--remove", "--script", "f", "--drop-data", "--keep-data"],
  ];
  for (const args of wrong) {
    const { code, output } = await installFrom(undefined, ...args);
    assert.equal(code, 2, output);
    assert.match(output, /^BAD_REQUEST: .*\nUsage: deno task install/);
  }
  assert.equal((await installFrom(undefined, "--help")).code, 0);
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "scripts/install.ts", "--into", "no/such/folder"],
    cwd: new URL("../..", import.meta.url),
  }).output();
  assert.equal(code, 2);
  assert.match(new TextDecoder().decode(stderr), /^NOT_FOUND: no\/such\/folder cannot be opened/m);
});
