/** Gives what no rule could fix to a model, and takes an answer only when it stands every check. @module */

import { messageOf } from "../core/errors.ts";
import { PROJECT_LIMITS } from "../core/projectPaths.ts";
import { type CodeIssue, findIssues, type Project } from "../codeRules.ts";
import type { CodeModel } from "./codeModel.ts";
import { tryTexts } from "./trial.ts";

/** What the rounds came to. */
export interface RoundsOutcome {
  mended: CodeIssue[];
  rounds: number;
  /** Why nothing was taken; null when something was. */
  reason: string | null;
}

/** Asks until the errors of the file are gone, at most as often as there are rounds. */
export async function askModel(
  project: Project,
  path: string,
  issues: readonly CodeIssue[],
  model: CodeModel,
  { rounds: most, signal }: { rounds: number; signal?: AbortSignal | undefined },
): Promise<RoundsOutcome> {
  let refusal: string | undefined;
  for (let round = 1; round <= most; round++) {
    const content = project.file(path)!.content;
    const request = { path, content, issues, ...(refusal === undefined ? {} : { refusal }) };
    const answer = await model.repair(request, signal).catch((thrown) => ({ failure: messageOf(thrown) }));
    if (typeof answer !== "string") {
      refusal = answer === null ? "there was no answer" : answer.failure;
      if (signal?.aborted === true) break;
      continue;
    }
    refusal = reasonAgainst(project, path, content, answer) ?? takeAnswer(project, path, answer, issues);
    if (refusal === undefined) return { mended: [...issues], rounds: round, reason: null };
  }
  return { mended: [], rounds: most, reason: refusal ?? "there was no answer" };
}

function takeAnswer(
  project: Project,
  path: string,
  answer: string,
  issues: readonly CodeIssue[],
): string | undefined {
  const verdict = tryTexts(project, new Map([[path, answer]]), issues);
  return verdict.kept ? undefined : verdict.reason;
}

/** What a model may not do, whatever the rules say of the result. */
function reasonAgainst(project: Project, path: string, before: string, answer: string): string | undefined {
  if (answer.length > PROJECT_LIMITS.fileBytes) return "the answer is too long";
  if (keptLines(before, answer) < 0.6) return "the answer leaves out or rewrites most of the file";
  const known = new Set(packagesIn(project, path));
  const trial = project.file(path)!.content;
  project.replace(path, answer);
  const packages = packagesIn(project, path).filter((name) =>
    !known.has(name) && !project.depends(path, name)
  );
  project.replace(path, trial);
  return packages.length === 0
    ? undefined
    : `the answer brings a package that the project does not have: ${packages.join(", ")}`;
}

function packagesIn(project: Project, path: string): string[] {
  return project.file(path)!.modules.links.flatMap(({ specifier }) => {
    const target = project.resolve(path, specifier);
    const isOutside = target.kind === "outside" && /^(?:https?:|jsr:|data:)/.test(specifier);
    return target.kind === "package" ? [target.name] : isOutside ? [specifier] : [];
  });
}

function keptLines(before: string, after: string): number {
  const lines = before.split("\n").map((line) => line.trim()).filter(Boolean);
  const kept = new Set(after.split("\n").map((line) => line.trim()));
  return lines.length === 0 ? 1 : lines.filter((line) => kept.has(line)).length / lines.length;
}

/** The errors of a file that were asked for and are still there. */
export function errorsOf(
  project: Project,
  path: string,
  isAsked: (issue: CodeIssue) => boolean,
): CodeIssue[] {
  return findIssues(project, path).map(({ issue }) => issue).filter((issue) =>
    issue.severity === "error" && isAsked(issue)
  );
}
