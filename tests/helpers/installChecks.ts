/** What `--check` finds in a small project, and what `--rewrite` makes of a file. @module */

import assert from "node:assert/strict";
import { installFrom, type ProjectTree, sampleProject, SMALL_SOURCE } from "./installProjects.ts";

/** The settings of the project. */
export const CONFIG: ProjectTree = { "supabase/config.toml": 'project_id = "app"\n' };
/** An edge function of it. */
export const CHAT = "supabase/functions/chat/index.ts";

interface Found {
  rule: string;
  path: string;
  line: number;
  rewritable: boolean;
}

/** What is found, a line each: folder, line, rule, and a plus where it can be rewritten. */
export async function check(tree: ProjectTree): Promise<string[]> {
  await using source = await sampleProject(SMALL_SOURCE);
  await using project = await sampleProject({ ...CONFIG, ...tree });
  const before = await project.bytes();
  const { code, output } = await installFrom(source.root, "--into", project.root, "--check", "--json");
  const { found } = JSON.parse(output) as { found: Found[] };
  assert.equal(code, found.length === 0 ? 0 : 1);
  assert.deepEqual(await project.bytes(), before);
  return found.map(({ rule, path, line, rewritable }) =>
    `${path.split("/").at(-2)}:${line} ${rule}${rewritable ? " +" : ""}`
  );
}

/** The text after a rewrite; the file is taken back to its last byte by a removal. */
export async function rewritten(text: string, path = CHAT): Promise<string> {
  await using source = await sampleProject(SMALL_SOURCE);
  await using project = await sampleProject({ ...CONFIG, [path]: text });
  const before = await project.bytes();
  assert.equal((await installFrom(source.root, "--into", project.root)).code, 0);
  const { output } = await installFrom(source.root, "--into", project.root, "--check", "--rewrite");
  const after = await Deno.readTextFile(`${project.root}/${path}`);
  const once = await project.bytes();
  const again = await installFrom(source.root, "--into", project.root, "--check", "--rewrite");
  assert.doesNotMatch(again.output, /rewritten;/, "what was rewritten is not rewritten again");
  assert.deepEqual(await project.bytes(), once);
  if (after !== text) assert.match(output, /places rewritten; .* supabase\/self-healing\/originals/);
  const removal = await installFrom(source.root, "--into", project.root, "--remove", "--files-only");
  assert.equal(removal.code, 0, removal.output);
  assert.deepEqual(await project.bytes(), before);
  return after;
}
