/** What imports a file of ours that goes is named before it goes, wherever it stands. */

import assert from "node:assert/strict";
import {
  installFrom,
  PLAIN,
  type ProjectTree,
  sampleProject,
  SHARED,
  SMALL_SOURCE,
} from "../helpers/installProjects.ts";

const MINE = `${SHARED}/mine.ts`;
const CHANGED = `${SHARED}/retry.ts`;
const IMPORTING: ProjectTree = {
  ...SMALL_SOURCE,
  [CHANGED]: `import { delay } from "./retry/delay.ts";\nexport const retry = delay;\n`,
};

Deno.test("install --remove names a helper of the project's that stands in the library's folder and imports it", async () => {
  await using source = await sampleProject(SMALL_SOURCE);
  await using project = await sampleProject(PLAIN);
  await installFrom(source.root, "--into", project.root);
  await project.write({ [MINE]: `export { retry } from "./retry.ts";\n` });
  const installed = await project.bytes();
  const { code, output } = await installFrom(source.root, "--into", project.root, "--remove", "--files-only");
  assert.equal(code, 1, output);
  assert.match(output, /still_imported: supabase\/functions\/_shared\/mine\.ts imports \.\/retry\.ts/);
  assert.deepEqual(await project.bytes(), installed);
});

Deno.test("a file of the library that the project has changed keeps what it imports, at a removal and at a newer version", async () => {
  await using source = await sampleProject(IMPORTING);
  await using newer = await sampleProject(
    Object.fromEntries(Object.entries(SMALL_SOURCE).filter(([path]) => !path.endsWith("/delay.ts"))),
  );
  await using project = await sampleProject(PLAIN);
  await installFrom(source.root, "--into", project.root);
  await project.write({ [CHANGED]: `${IMPORTING[CHANGED]}// mine\n` });
  const installed = await project.bytes();
  const named = /still_imported: supabase\/functions\/_shared\/retry\.ts imports \.\/retry\/delay\.ts/;
  for (const args of [[source.root, "--remove", "--files-only"], [newer.root]] as const) {
    const [root, ...rest] = args;
    const { code, output } = await installFrom(root, "--into", project.root, ...rest);
    assert.equal(code, 1, output);
    assert.match(output, named);
    assert.deepEqual(await project.bytes(), installed);
  }
});

Deno.test("install --remove names what is imported by a name of a map of imports", async () => {
  await using source = await sampleProject(SMALL_SOURCE);
  await using project = await sampleProject({
    ...PLAIN,
    "supabase/functions/deno.json":
      `{ "imports": { "@shared/": "./_shared/", // ours\n "retry": "./_shared/retry.ts" } }`,
    "supabase/functions/one/index.ts": `import { retry } from "@shared/retry.ts";\n`,
    "supabase/functions/two/index.ts": `import { retry } from "retry";\n`,
    "supabase/functions/three/index.ts": `import { retry } from "npm:retry";\n`,
  });
  await installFrom(source.root, "--into", project.root);
  const { code, output } = await installFrom(source.root, "--into", project.root, "--remove", "--files-only");
  assert.equal(code, 1, output);
  assert.deepEqual(output.match(/functions\/(\w+)\/index\.ts imports .*/g), [
    "functions/one/index.ts imports @shared/retry.ts",
    "functions/two/index.ts imports retry",
  ]);
});
