import assert from "node:assert/strict";
import {
  generateTestsForFiles,
  type SourceFile,
} from "../../supabase/functions/_shared/autoTestGenerator.ts";
import { createRecorder, writeProject } from "../../scripts/generateTests/record.ts";
import { testPathOf } from "../../supabase/functions/_shared/autoTestGenerator/render.ts";
import { print } from "../../scripts/lib/print.ts";

const CORPUS = new URL("../corpus/", import.meta.url).pathname;

interface Defect {
  file: string;
  what: string;
  find: string;
  put: string;
}

/** Runs the generated tests of a folder without rights; the code and what was said. */
async function runTests(folder: string, tests = "generated_tests/"): Promise<{ code: number; said: string }> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--no-prompt",
      "--no-lock",
      "--no-check",
      `--allow-read=${folder}`,
      "--allow-env=NODE_ENV",
      "--cached-only",
      tests,
    ],
    cwd: folder,
    stdout: "piped",
    stderr: "null",
    env: { NO_COLOR: "1" },
  }).output();
  return { code, said: new TextDecoder().decode(stdout) };
}

/** A project in one file: each of its files begins with a line that names it. */
function readCorpus(text: string): SourceFile[] {
  const parts = text.split(/^== file (.+)\n/m).slice(1);
  return parts.flatMap((path, index) => index % 2 === 0 ? [{ path, content: parts[index + 1]! }] : []);
}

async function inFolder<T>(files: readonly SourceFile[], work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "generated-tests-" });
  try {
    await writeProject(folder, files);
    return await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("generated tests pass on the version they were made of and catch most defects of a project", async () => {
  const files = readCorpus(await Deno.readTextFile(`${CORPUS}generatedProject.txt`));
  const made = await generateTestsForFiles(files, "react", "", undefined, {
    runner: "deno",
    record: createRecorder(),
  });
  assert.deepEqual(made.skipped.map(({ path }) => path), ["src/lib/types.ts"]);
  assert.ok(made.tests >= 80, `${made.tests} tests`);
  const tests = made.files.map(({ path, code }) => ({ path, content: code }));
  const correct = await inFolder([...files, ...tests], (folder) => runTests(folder));
  assert.equal(correct.code, 0, correct.said);

  const defects: Defect[] = JSON.parse(await Deno.readTextFile(`${CORPUS}generatedProject.defects.json`));
  const missed: string[] = [];
  await inFolder([...files, ...tests], async (folder) => {
    for (const { file, what, find, put } of defects) {
      const good = files.find(({ path }) => path === file)!.content;
      assert.ok(good.includes(find), `${file} has no ${find}`);
      await Deno.writeTextFile(`${folder}/${file}`, good.replace(find, put));
      // Its own tests mostly see it, and are quicker than all.
      const isSeen = (await runTests(folder, testPathOf(file))).code !== 0 ||
        (await runTests(folder)).code !== 0;
      if (!isSeen) missed.push(`${file} ${what}`);
      await Deno.writeTextFile(`${folder}/${file}`, good);
    }
  });
  const share = 1 - missed.length / defects.length;
  print(
    `${defects.length - missed.length} of ${defects.length} defects caught (${
      (share * 100).toFixed(1)
    } %); missed: ${missed.join("; ") || "none"}`,
  );
  assert.ok(defects.length >= 30 && share >= 0.7);
});
