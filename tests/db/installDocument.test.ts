/** What docs/install.md says is so: every command of it runs, in its order, and each code that it names is one. */

import assert from "node:assert/strict";
import { readFunctions } from "../../scripts/stack/functionSettings.ts";
import { blocksOf } from "../../scripts/lib/documents.ts";
import { applyMigrations } from "../../scripts/stack/migrate.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { install, NEXT_PROJECT, sampleProject } from "../helpers/installProjects.ts";

const ROOT = new URL("../..", import.meta.url);
const DOCUMENT = await Deno.readTextFile(new URL("docs/install.md", ROOT));

Deno.test("every command of docs/install.md does what it says, in a project and on its database", async () => {
  await using project = await sampleProject(NEXT_PROJECT);
  await using database = await createTestDatabase({ migrated: false });
  const folder = await Deno.makeTempDir();
  const push = () => applyMigrations(database.url, { directory: `${project.root}/supabase/migrations` });
  await push();
  const before = await project.bytes();
  const places: Record<string, string> = {
    "../my-app": project.root,
    '"$SUPABASE_DB_URL"': database.url,
    '"$SUPABASE_URL"': "http://127.0.0.1:1",
    "remove.sql": `${folder}/remove.sql`,
  };
  const ran = new Set<string>();
  const commands = blocksOf("docs/install.md", DOCUMENT).filter(({ language }) => language === "sh")
    .flatMap(({ code }) => code.split("\n"));
  for (const command of commands) {
    const words = command.split(" ").map((word) => places[word] ?? word);
    const program = words.slice(0, words[0] === "npx" ? 4 : words[0] === "psql" ? 1 : 3).join(" ");
    ran.add(program);
    if (program === "deno task install") {
      if (words.includes("--remove") && (await project.bytes()).size === before.size) {
        assert.equal((await install("--into", project.root)).code, 0);
        await push();
      }
      const { code, output } = await install(...words.slice(3));
      assert.equal(code, words.includes("--check") && !words.includes("--rewrite") ? 1 : 0, output);
      if (words.includes("--remove")) assert.deepEqual(await project.bytes(), before);
    } else if (program === "npx supabase db push") await push();
    else if (program === "npx supabase functions deploy") {
      const functions = await readFunctions([`${project.root}/supabase/functions`]);
      assert.ok(functions.size > 6 && functions.get("health-check")?.verifyJwt === false);
    } else if (program === "psql") await database.query(await Deno.readTextFile(words[3]!));
    else {
      assert.equal(program, "deno task doctor");
      const { code, stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--allow-all", "scripts/doctor.ts", ...words.slice(3), "--wait", "0"],
        cwd: ROOT,
      }).output();
      assert.notEqual(code, 2);
      assert.match(new TextDecoder().decode(stdout), /Migrations\n {2}ok/);
    }
  }
  await Deno.remove(folder, { recursive: true });
  assert.equal(ran.size, 5);
});

Deno.test("the codes of docs/install.md are those of the program", async () => {
  const source = await Deno.readTextFile(new URL("scripts/install/conflicts.ts", ROOT));
  const codes = [...source.slice(0, source.indexOf("message: string;")).matchAll(/\| "([a-z_]+)"/g)].map((
    [, code],
  ) => code!);
  const documented = [...DOCUMENT.matchAll(/^\| `([a-z_]+)` +\|/gm)].map(([, code]) => code!);
  assert.deepEqual(documented.toSorted(), codes.toSorted());
});
