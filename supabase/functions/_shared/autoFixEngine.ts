/**
 * Fixes code: applies the fixes of the rules one by one, looks again after each, takes back what makes another issue
 * appear, gives what is left to a model when one is wired, and says what it could not fix.
 *
 * Only what a fix names is changed: every other byte of a file stays as it was.
 *
 * @module
 */

import { type Clock, systemClock } from "./core/clock.ts";
import type { ProjectFile, ProjectLimits } from "./core/projectPaths.ts";
import { type CodeIssue, findIssues, type FoundIssue, openProject, type Project } from "./codeRules.ts";
import type { CodeModelMeans } from "./autoFixEngine/askingModel.ts";
import type { CodeModel } from "./autoFixEngine/codeModel.ts";
import { askModel, errorsOf } from "./autoFixEngine/modelRounds.ts";
import { keyOf, textsOf, tryTexts } from "./autoFixEngine/trial.ts";

export { analyzeCode, checkFiles, checkSlice, loadCodeRules } from "./codeRules.ts";
export type { CheckOptions, CheckSlice, CodeIssue, CodeRule, IssueSeverity } from "./codeRules.ts";
export type { CodeAnswer, CodeEdit, CodeModel, CodeRepairRequest } from "./autoFixEngine/codeModel.ts";
export type { CodeModelMeans } from "./autoFixEngine/askingModel.ts";

/** A fix must be surer than this to be applied without a person. */
export const LEAST_CONFIDENCE = 0.8;
/** How often rules and model take turns on one file at the most. */
export const MOST_ROUNDS = 3;
/** Fixes of one file at the most: each one is checked, and a file with more needs its author. */
const MOST_FIXES = 200;
/** Fixes of one file that may fail: beyond, its author has to look. */
const MOST_FAILURES = 20;

/** What names an issue: fixes are found again from the files, and none is taken from outside. */
export type IssueReference = Pick<CodeIssue, "path" | "rule">;

/** How fixes are applied. */
export interface FixOptions {
  /** What no rule can fix is given to it. */
  model?: CodeModel | undefined;
  /** The index of the first file to fix; 0. */
  from?: number;
  /** Ends after the file during which this much time has passed. */
  budgetMs?: number;
  isComplete?: boolean;
  limits?: ProjectLimits;
  clock?: Clock;
  signal?: AbortSignal;
}

/** A fix that stayed. */
export interface AppliedFix {
  rule: string;
  path: string;
  /** Where the issue was when it was fixed. */
  line: number;
  description: string;
  confidence: number;
  by: "rule" | "model";
}

/** A fix that was tried and taken back. */
export interface TakenBackFix {
  rule: string;
  path: string;
  reason: string;
}

/** What became of the files. */
export interface FixOutcome {
  /** All files, the changed ones with their new text. */
  files: ProjectFile[];
  /** The paths of those that changed. */
  changed: string[];
  applied: AppliedFix[];
  takenBack: TakenBackFix[];
  /** What is still wrong with the files that were read. */
  remaining: CodeIssue[];
  /** Errors among it: a person has to look. */
  escalated: CodeIssue[];
  /** Where the next slice goes on; null when all files were read. */
  next: number | null;
}

/** What became of one text. */
export interface CodeOutcome extends Omit<FixOutcome, "files" | "changed" | "next"> {
  code: string;
}

/** Fixes one text; `issues` limits it to what they name. */
export function applyAutoFixes(
  code: string,
  issues?: readonly IssueReference[],
  options?: FixOptions & { path?: string },
): Promise<CodeOutcome>;
/** Fixes the files of a project; `issues` limits it to what they name. */
export function applyAutoFixes(
  files: readonly ProjectFile[],
  issues?: readonly IssueReference[],
  options?: FixOptions,
): Promise<FixOutcome>;
export async function applyAutoFixes(
  input: string | readonly ProjectFile[],
  issues?: readonly IssueReference[],
  options: FixOptions & { path?: string } = {},
): Promise<CodeOutcome | FixOutcome> {
  if (typeof input !== "string") return await fixFiles(input, issues, options);
  const path = options.path ?? issues?.[0]?.path ?? "src/App.tsx";
  const { files, changed: _, next: __, ...rest } = await fixFiles([{ path, content: input }], issues, {
    isComplete: false,
    ...options,
  });
  return { ...rest, code: files[0]!.content };
}

/** A model as what the rules cannot fix is given to; its client is loaded by who wires it, the rest when it is asked. */
export function createCodeModel(means: CodeModelMeans): CodeModel {
  return {
    repair: async (request, signal) =>
      await (await import("./autoFixEngine/askingModel.ts")).askForEdits(means, request, signal),
  };
}

async function fixFiles(
  files: readonly ProjectFile[],
  issues: readonly IssueReference[] | undefined,
  options: FixOptions,
): Promise<FixOutcome> {
  const { from = 0, budgetMs = Number.POSITIVE_INFINITY, clock = systemClock } = options;
  const until = clock.monotonic() + budgetMs;
  const work = new FixRun(await openProject(files, options), issues, options);
  let next: number | null = null;
  for (let index = from; index < files.length; index++) {
    if (options.signal?.aborted === true || (index > from && clock.monotonic() >= until)) {
      next = index;
      break;
    }
    const { path } = files[index]!;
    const isDone = await work.fixFile(path, () => clock.monotonic() >= until);
    work.leave(path);
    if (isDone) continue;
    next = index;
    break;
  }
  return work.outcome(files, next);
}

class FixRun {
  readonly #project: Project;
  readonly #asked: ReadonlySet<string> | undefined;
  readonly #options: FixOptions;
  readonly #applied: AppliedFix[] = [];
  readonly #takenBack: TakenBackFix[] = [];
  readonly #left: CodeIssue[] = [];
  readonly #tried = new Set<string>();
  /** Files that did not parse: what they had besides could not be asked for. */
  readonly #uncovered = new Set<string>();
  /** There is no money or no model for now: asking about the next file would come to the same. */
  #isModelOut = false;

  constructor(project: Project, issues: readonly IssueReference[] | undefined, options: FixOptions) {
    this.#project = project;
    this.#options = options;
    this.#asked = issues === undefined
      ? undefined
      : new Set(issues.map(({ path, rule }) => `${path}\n${rule}`));
  }

  /** False when the time was over before the file was done; then some of its fixes are in place. */
  async fixFile(path: string, isLate: () => boolean): Promise<boolean> {
    const file = this.#project.file(path);
    if (file?.isCode === true && file.skipped === null && !file.isWhole && this.#isAskedFor(path)) {
      this.#uncovered.add(path);
    }
    let rounds = MOST_ROUNDS;
    while (true) {
      if (!await this.#applyRules(path, isLate)) return false;
      const { model, signal } = this.#options;
      const errors = model === undefined || rounds === 0 || this.#isModelOut
        ? []
        : errorsOf(this.#project, path, (issue) => this.#isAsked(issue));
      if (errors.length === 0 || model === undefined) return true;
      const asked = await askModel(this.#project, path, errors, model, { rounds, signal });
      rounds -= asked.rounds;
      this.#isModelOut ||= asked.endsRun;
      if (asked.reason !== null) {
        this.#takenBack.push(...errors.map(({ rule }) => ({ rule, path, reason: asked.reason! })));
        return true;
      }
      this.#applied.push(...asked.mended.map(({ rule, line, message }): AppliedFix => ({
        rule,
        path,
        line,
        description: message,
        confidence: LEAST_CONFIDENCE,
        by: "model",
      })));
    }
  }

  async #applyRules(path: string, isLate: () => boolean): Promise<boolean> {
    let kept = 0;
    let failed = 0;
    while (kept < MOST_FIXES && failed < MOST_FAILURES) {
      const next = findIssues(this.#project, path).find((one) => this.#mayApply(one));
      if (next === undefined) return true;
      if (await this.#apply(next)) kept++;
      else failed++;
      // Only what has moved on may stop here: the next slice starts from what this one has reached.
      if (kept > 0 && isLate()) return false;
    }
    return true;
  }

  #mayApply({ issue, fix }: FoundIssue): boolean {
    return fix !== undefined && fix.confidence > LEAST_CONFIDENCE && this.#isAsked(issue) &&
      !this.#tried.has(keyOf(issue));
  }

  #isAsked({ path, rule }: CodeIssue): boolean {
    return this.#asked === undefined || this.#uncovered.has(path) || this.#asked.has(`${path}\n${rule}`);
  }

  #isAskedFor(path: string): boolean {
    return this.#asked === undefined || [...this.#asked].some((key) => key.startsWith(`${path}\n`));
  }

  async #apply({ issue, fix }: FoundIssue): Promise<boolean> {
    const { rule, path, line } = issue;
    const { edits, description, confidence } = fix!;
    const texts = await textsOf(this.#project, edits);
    const verdict = texts === null
      ? { kept: false as const, reason: "its edits do not fit the files" }
      : tryTexts(this.#project, texts, [issue]);
    if (verdict.kept) this.#applied.push({ rule, path, line, description, confidence, by: "rule" });
    else {
      this.#tried.add(keyOf(issue));
      this.#takenBack.push({ rule, path, reason: verdict.reason });
    }
    return verdict.kept;
  }

  /** Notes what is left of a file, and lets go of its tree. */
  leave(path: string): void {
    this.#left.push(...findIssues(this.#project, path).map(({ issue }) => issue));
    this.#project.file(path)?.release();
  }

  /** A later fix may have mended what was left of an earlier file. */
  #remaining(): CodeIssue[] {
    const paths = new Set(this.#left.map(({ path }) => path));
    return [...paths].flatMap((path) => findIssues(this.#project, path).map(({ issue }) => issue));
  }

  outcome(before: readonly ProjectFile[], next: number | null): FixOutcome {
    const files = before.map(({ path }) => ({ path, content: this.#project.file(path)!.content }));
    const changed = files.filter(({ content }, index) => content !== before[index]!.content).map(({ path }) =>
      path
    );
    const remaining = this.#remaining();
    const escalated = remaining.filter((issue) => issue.severity === "error" && this.#isAsked(issue));
    return { files, changed, applied: this.#applied, takenBack: this.#takenBack, remaining, escalated, next };
  }
}
