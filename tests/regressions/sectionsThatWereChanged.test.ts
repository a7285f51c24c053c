import assert from "node:assert/strict";
import {
  CONFIG,
  installFrom,
  PLAIN,
  sampleProject,
  SHARED,
  SMALL_SOURCE,
} from "../helpers/installProjects.ts";

Deno.test("install brings a newer version where the project has changed our sections: they stay and are named", async () => {
  await using older = await sampleProject(SMALL_SOURCE);
  await using newer = await sampleProject({
    ...SMALL_SOURCE,
    [`${SHARED}/retry.ts`]: "export const retry = 2;\n",
  });
  await using project = await sampleProject(PLAIN);
  await installFrom(older.root, "--into", project.root);
  const config = `${project.root}/${CONFIG}`;
  const changed = (await Deno.readTextFile(config)).replace("verify_jwt = false", "verify_jwt = true");
  await Deno.writeTextFile(config, changed);
  const { code, output } = await installFrom(newer.root, "--into", project.root);
  assert.equal(code, 0, output);
  assert.match(output, /^kept supabase\/config\.toml: its sections of ours were changed by you/m);
  assert.equal(await Deno.readTextFile(config), changed);
  assert.equal(await Deno.readTextFile(`${project.root}/${SHARED}/retry.ts`), "export const retry = 2;\n");
});
