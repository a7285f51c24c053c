/**
 * Every command of every `sh` block is typed into a shell, on a stack and in a project of its own, and does its
 * work; what is typed elsewhere names the test that does it.
 */

import assert from "node:assert/strict";
import { runSql } from "../../scripts/lib/scratchServer.ts";
import { functionEnvironment } from "../../scripts/stack/functionEnvironment.ts";
import { FUNCTIONS_DIRECTORY } from "../../scripts/stack/stack.ts";
import { NEXT_PROJECT, sampleProject } from "../helpers/installProjects.ts";
import { startOpenAiServer } from "../helpers/openAiServer.ts";
import { blocksByPage, ROOT } from "../helpers/pages.ts";
import { openStack } from "../helpers/stack.ts";

/** Commands that are typed here: they leave this tree as it is. */
const HERE = /^deno task (?:doctor|fix:code|heal:migration|heal:predict|tests:generate) |^curl /;
/** Commands that a test of their own types, or that begin what this test is part of. */
const ELSEWHERE: readonly [RegExp, string][] = [
  [/^deno task install |^npx supabase |^psql |--url "\$SUPABASE_URL"$/, "tests/db/installDocument.test.ts"],
  [/^deno task start\b/, "tests/e2e/start.test.ts"],
  [/^deno task chaos /, ".ci/run"],
  [/^deno task bench (?:peers|beforeAfter) /, "tests/db/benches.test.ts"],
  [/^deno task dashboard:build$/, "tests/helpers/dashboardWorld.ts"],
  [/^(?:npx -y deno@2|deno) task demo\b/, "tests/e2e/demo.test.ts"],
  [/^npx -y deno@2 task test$/, ".ci/run"],
];

const MIGRATION = "supabase/migrations/20990101000000_create_plans.sql";
/** Ends of programs that did their work: 1 is for what they found. */
const DONE = [0, 1];

async function commands(): Promise<{ at: string; command: string }[]> {
  const blocks = [...(await blocksByPage("sh")).values()].flat();
  return blocks.filter(({ reason }) => reason === undefined).flatMap(({ page, line, code }) =>
    code.replaceAll(/\\\n\s*/g, "").split("\n").filter((command) => command.trim() !== "")
      .map((command) => ({ at: `${page}:${line}`, command: command.replace(/\s+# .*$/, "") }))
  );
}

/** A folder for PATH in which `deno` is this Deno, and a home in which curl fails where a server refuses. */
async function writeShims(folder: string): Promise<void> {
  await Deno.writeTextFile(`${folder}/deno`, `#!/bin/sh\nexec "${Deno.execPath()}" "$@"\n`, { mode: 0o755 });
  await Deno.writeTextFile(`${folder}/.curlrc`, "fail-with-body\nsilent\nshow-error\n");
}

Deno.test("every command of the pages is one that a test types", async () => {
  for (const { command } of await commands()) {
    const elsewhere = ELSEWHERE.find(([pattern]) => pattern.test(command));
    if (elsewhere !== undefined) await Deno.stat(ROOT + elsewhere[1]);
    else assert.match(command, HERE, "say which test types it");
  }
});

Deno.test("the commands of the pages do what they say", async (test) => {
  await using project = await sampleProject({
    ...NEXT_PROJECT,
    "src/app.ts": "export const title = 'Notes'\nexport function shout(text: string) { return text + '!' }\n",
    "supabase/functions/.env": "PARTNER_KEY=\n",
    [MIGRATION]: "create table plans (id uuid primary key default uuid_generate_v4());\n",
  });
  const folder = await Deno.makeTempDir();
  await using _cleanUp = { [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
  await writeShims(folder);
  await using stack = await openStack({ functionRoots: [FUNCTIONS_DIRECTORY] });
  const { url, dbUrl, keys } = stack.stack;
  await runSql(dbUrl, `select change_healing_setting('mode_database', '"auto"', 'as an admin does')`);
  // Nothing is left for a model to mend, so it only has to be there.
  await using model = startOpenAiServer();
  const env = {
    ...functionEnvironment(keys, url, dbUrl),
    PATH: `${folder}:${Deno.env.get("PATH")}`,
    HOME: folder,
    NO_COLOR: "1",
    OPENAI_API_KEY: "a key of the tests",
    OPENAI_MODEL: "test-model",
    OPENAI_BASE_URL: model.url,
    URL: url,
    SECRET_KEY: keys.secret,
  };
  for (const { at, command } of await commands()) {
    if (ELSEWHERE.some(([pattern]) => pattern.test(command))) continue;
    const typed = command
      .replace(/'postgresql:[^']*'/, dbUrl).replace("'https://<ref>.supabase.co'", `${url} --wait 0`)
      .replaceAll("../my-app", project.root.replaceAll(" ", "\\ ")).replace(/ DIR\b/, ` '${project.root}'`)
      .replace(/ FILE\b/, ` '${project.root}/${MIGRATION}'`);
    await test.step(`${at}: ${command}`, async () => {
      const { code, stdout, stderr } = await new Deno.Command("bash", {
        args: ["-c", typed],
        cwd: ROOT,
        env,
      }).output();
      const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
      assert.ok(DONE.includes(code), `${typed} ended with ${code}: ${said}`);
    });
  }
});
