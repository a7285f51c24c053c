/**
 * `deno task tests:generate DIR [--runner deno|vitest]`: writes tests of a project's files into its `generated_tests/`,
 * with what the code does now as what is expected. The code runs without rights while it is recorded.
 *
 * @module
 */

import { join, relative } from "node:path";
import {
  generateTestsForFiles,
  type SourceFile,
  type TestRunner,
} from "../supabase/functions/_shared/autoTestGenerator.ts";
import { createRecorder } from "./generateTests/record.ts";
import { print, printError } from "./lib/print.ts";
import { type FolderChoice, readProjectFolder } from "./lib/projectFolder.ts";

const CHOICE: FolderChoice = {
  reads: /\.(?:tsx?|jsx?|mjs|mts|json|css)$/,
  leavesOut:
    /^(?:node_modules|dist|build|\.next|\.git|coverage|generated_tests|(?:deno|package-lock)\.json)$/,
  longest: 500_000,
};
const USAGE = "Usage: deno task tests:generate DIR [--runner deno|vitest]";

async function main([folder, ...rest]: string[]): Promise<number> {
  const runner = rest[0] === "--runner" ? rest[1] : undefined;
  if (folder === undefined || (rest.length > 0 && runner !== "deno" && runner !== "vitest")) {
    printError(USAGE);
    return 2;
  }
  let files: SourceFile[];
  try {
    files = await readProjectFolder(folder, CHOICE);
  } catch (error) {
    printError(`${folder} cannot be read: ${error instanceof Error ? error.message : error}\n${USAGE}`);
    return 2;
  }
  const record = createRecorder((done, all, source) => printError(`${done} of ${all}: ${source}`));
  const { files: made, tests, skipped } = await generateTestsForFiles(files, "", "", undefined, {
    record,
    runner: (runner ?? "deno") as TestRunner,
  });
  for (const { path, code } of made) {
    const target = join(folder, path);
    await Deno.mkdir(join(target, ".."), { recursive: true });
    await Deno.writeTextFile(target, code);
  }
  for (const { path, reason } of skipped) printError(`${path}: no tests, because ${reason}`);
  print(
    `${tests} tests in ${Math.max(made.length - 1, 0)} files of ${
      relative(Deno.cwd(), join(folder, "generated_tests")) || "."
    }`,
  );
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
