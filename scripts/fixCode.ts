/**
 * `deno task fix:code DIR`: reads the files of a project, says what is wrong with them, and mends what is certain.
 *
 * Nothing is written unless `--write` says so; then only the files that a fix has changed.
 *
 * @module
 */

import { HealingError, isHealingError, messageOf } from "../supabase/functions/_shared/core/errors.ts";
import type { ProjectFile, ProjectLimits } from "../supabase/functions/_shared/core/projectPaths.ts";
import {
  applyAutoFixes,
  checkFiles,
  type CodeIssue,
  type CodeModel,
  createCodeModel,
  type FixOutcome,
} from "../supabase/functions/_shared/autoFixEngine.ts";
import { print, printError } from "./lib/print.ts";
import { readProjectFolder } from "./lib/projectFolder.ts";

const USAGE = `Usage: deno task fix:code DIR [--write] [--check] [--json] [--ai]
  DIR      the folder of the project
  --write  writes the files that were mended; without it they are only shown
  --check  only says what is wrong
  --json   one JSON document instead of lines
  --ai     asks the model of OPENAI_API_KEY about errors that no rule mends: parts of the code leave this machine
  Ends with 0 when nothing that keeps the project from working is left, 1 when something is, 2 when it could not be read.`;

const READ = /\.(?:[cm]?[jt]sx?|vue|svelte|json|css|html?|toml)$/;
const LEFT_OUT = /^(?:node_modules|\.git|dist|build|coverage|\.next|\.svelte-kit|\.data|package-lock\.json)$/;
/** What a person's machine takes is more than what a function does. */
const LIMITS: ProjectLimits = {
  files: 20_000,
  fileBytes: 2_000_000,
  totalBytes: 500_000_000,
  pathLength: 400,
};

/** Reads what the rules can read below a folder; links are not followed. */
export function readProject(folder: string): Promise<ProjectFile[]> {
  return readProjectFolder(folder, { reads: READ, leavesOut: LEFT_OUT });
}

async function main(args: readonly string[]): Promise<number> {
  const folders = args.filter((word) => !word.startsWith("--"));
  const options = new Set(args.filter((word) => word.startsWith("--")));
  const known = ["--write", "--check", "--json", "--ai"];
  if (folders.length !== 1 || [...options].some((word) => !known.includes(word))) {
    print(USAGE);
    return options.has("--help") ? 0 : 2;
  }
  const folder = folders[0]!.replace(/\/+$/, "");
  const files = await readProject(folder).catch((cause) => {
    throw new HealingError("BAD_REQUEST", `${folder} cannot be read`, {
      hint: "Name a folder that exists",
      cause,
    });
  });
  if (options.has("--check")) {
    return reportIssues(await checkFiles(files, { limits: LIMITS }), options.has("--json"));
  }
  const model = options.has("--ai") ? await openModel() : undefined;
  const outcome = await applyAutoFixes(files, undefined, { limits: LIMITS, model });
  if (options.has("--write")) await write(folder, outcome);
  return report(outcome, options);
}

/** The model of the environment; there is no database here to share a budget with. */
async function openModel(): Promise<CodeModel> {
  const { createAiClient } = await import("../supabase/functions/_shared/aiClient.ts");
  const model = createAiClient();
  const there = model.availability();
  if (there.available) return createCodeModel({ model });
  throw new HealingError("CONFIG_MISSING", `There is no model to ask: ${there.reason}`, {
    hint: "Set OPENAI_API_KEY, or leave --ai out",
  });
}

async function write(folder: string, { files, changed }: FixOutcome): Promise<void> {
  const paths = new Set(changed);
  for (const { path, content } of files.filter((file) => paths.has(file.path))) {
    await Deno.writeTextFile(`${folder}/${path}`, content);
  }
}

function report(
  { applied, takenBack, remaining, escalated, changed }: FixOutcome,
  options: Set<string>,
): number {
  if (options.has("--json")) {
    print(JSON.stringify({ changed, applied, takenBack, remaining, escalated }, null, 2));
    return escalated.length === 0 ? 0 : 1;
  }
  for (const { path, line, rule, description } of applied) {
    print(`fixed ${path}:${line}: ${description} (${rule})`);
  }
  for (const { path, rule, reason } of takenBack) print(`taken back ${path}: ${rule}: ${reason}`);
  reportIssues(remaining, false);
  const verb = options.has("--write") ? "written" : "would change";
  print(`${applied.length} fixes, ${changed.length} files ${verb}, ${escalated.length} errors left`);
  return escalated.length === 0 ? 0 : 1;
}

function reportIssues(issues: readonly CodeIssue[], asJson: boolean): number {
  if (asJson) print(JSON.stringify(issues, null, 2));
  else {for (const { path, line, severity, message, rule } of issues) {
      print(`${severity} ${path}:${line}: ${message} (${rule})`);
    }}
  return issues.some(({ severity }) => severity === "error") ? 1 : 0;
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    printError(
      messageOf(error) + (isHealingError(error) && error.hint !== undefined ? `\n${error.hint}` : ""),
    );
    Deno.exit(2);
  }
}
