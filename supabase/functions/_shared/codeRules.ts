/**
 * What is wrong with the files of a project, and what would mend it: rules on the syntax tree, one a file, each with a
 * key, a severity and, where it is certain what was meant, a fix.
 *
 * Rules read a tree and never search the text of the code for patterns. A file that does not parse is mended first, by
 * edits after which the parser takes it; only then the other rules read it.
 *
 * @module
 */

import { type Clock, systemClock } from "./core/clock.ts";
import { type CodeParser, loadCodeParser } from "./core/codeSyntax.ts";
import { assertProjectFiles, type ProjectFile, type ProjectLimits } from "./core/projectPaths.ts";
import type { FileModel } from "./codeRules/fileModel.ts";
import type { CodeFix, CodeIssue, CodeRule, FoundIssue } from "./codeRules/model.ts";
import { Project } from "./codeRules/project.ts";
import { prepareRepair } from "./codeRules/repair.ts";

export { knownRange } from "./codeRules/knownVersions.ts";
export type {
  CodeFix,
  CodeIssue,
  CodeRule,
  FileEdit,
  Finding,
  FoundIssue,
  IssueSeverity,
} from "./codeRules/model.ts";
export type { Framework, Project } from "./codeRules/project.ts";

/** How files are checked. */
export interface CheckOptions {
  /** The index of the first file to read; 0. */
  from?: number;
  /** Ends after the file during which this much time has passed; no end when left out. */
  budgetMs?: number;
  /** Whether a file that is not there does not exist; told by the presence of package.json and its like when left out. */
  isComplete?: boolean;
  limits?: ProjectLimits;
  clock?: Clock;
}

/** A slice of a check. */
export interface CheckSlice {
  issues: CodeIssue[];
  /** Where the next slice goes on; null when all files were read. */
  next: number | null;
}

/** Everything that is wrong with a set of files. */
export async function checkFiles(
  files: readonly ProjectFile[],
  options: CheckOptions = {},
): Promise<CodeIssue[]> {
  return (await checkSlice(files, { ...options, from: 0, budgetMs: Number.POSITIVE_INFINITY })).issues;
}

/** Checks files until the budget is used up, at least one of them. */
export async function checkSlice(
  files: readonly ProjectFile[],
  options: CheckOptions = {},
): Promise<CheckSlice> {
  const { from = 0, budgetMs = Number.POSITIVE_INFINITY, clock = systemClock } = options;
  const until = clock.monotonic() + budgetMs;
  const project = await openProject(files, options);
  const issues: CodeIssue[] = [];
  for (let index = from; index < files.length; index++) {
    const { path } = files[index]!;
    issues.push(...findIssues(project, path).map(({ issue }) => issue));
    project.file(path)?.release();
    if (clock.monotonic() >= until && index + 1 < files.length) return { issues, next: index + 1 };
  }
  return { issues, next: null };
}

/** Everything that is wrong with one text, read as a file of its own. */
export async function analyzeCode(code: string, path = "src/App.tsx"): Promise<CodeIssue[]> {
  return await checkFiles([{ path, content: code }], { isComplete: false });
}

let parser: Promise<CodeParser> | undefined;

/** Loads the rules, which nothing pays for but who reads code. */
export async function loadCodeRules(): Promise<readonly CodeRule[]> {
  return (await import("./codeRules/ruleList.ts")).CODE_RULES;
}

/** Reads files as a project; throws a coded error when their paths or sizes may not be. */
export async function openProject(
  files: readonly ProjectFile[],
  { limits, isComplete }: Pick<CheckOptions, "limits" | "isComplete"> = {},
): Promise<Project> {
  assertProjectFiles(files, limits);
  const { CODE_RULES, REPAIR_RULES } = await import("./codeRules/ruleList.ts");
  const rules = { all: CODE_RULES, repairs: REPAIR_RULES };
  return new Project(files, await (parser ??= loadCodeParser()), { isComplete, rules });
}

/** What the rules find in one file, with the fixes. */
export function findIssues(project: Project, path: string): FoundIssue[] {
  const file = project.file(path);
  if (file === undefined || file.skipped !== null || file.kind === "other") return [];
  const repair = file.isCode ? prepareRepair(file, project.rules.repairs) : null;
  const found: FoundIssue[] = [];
  for (const rule of project.rules.all) {
    const reads = rule.appliesTo.includes(file.kind) &&
      (rule.readsBroken === true || !file.isCode || file.isWhole);
    if (!reads || (repair !== null && rule.name === "syntax-error")) continue;
    for (const { message, at, fix } of readWith(rule, file, project)) {
      found.push({ issue: issueOf(rule, file, message, at, fix), fix });
    }
    // What stands in a fence or between marks of a merge is no code yet.
    if (found.length > 0 && /^(?:code-fence|merge-conflict)$/.test(rule.name)) break;
  }
  return found;
}

/** Code may be nested deeper than the stack: what cannot be read is left alone. */
function readWith(rule: CodeRule, file: FileModel, project: Project) {
  try {
    return rule.check(file, project);
  } catch (thrown) {
    if (thrown instanceof RangeError) return [];
    throw thrown;
  }
}

function issueOf(
  rule: CodeRule,
  file: FileModel,
  message: string,
  at: number,
  fix: CodeFix | undefined,
): CodeIssue {
  return {
    rule: rule.name,
    severity: rule.severity,
    message,
    path: file.path,
    ...file.lineAndColumn(at),
    autoFixable: fix !== undefined,
    confidence: fix?.confidence ?? 0,
  };
}
