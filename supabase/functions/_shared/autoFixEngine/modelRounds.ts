/** Gives what no rule could fix to a model, and takes an answer only when it stands every check. @module */

import { messageOf } from "../core/errors.ts";
import { type CodeIssue, findIssues, type Project } from "../codeRules.ts";
import { reasonAgainst } from "./answerChecks.ts";
import type { CodeAnswer, CodeModel } from "./codeModel.ts";
import { editedText } from "./editText.ts";
import { keyOf, tryTexts } from "./trial.ts";

/** What the rounds came to. */
export interface RoundsOutcome {
  mended: CodeIssue[];
  rounds: number;
  /** Why nothing was taken; null when something was. */
  reason: string | null;
  /** True when no other file needs to be asked about either. */
  endsRun: boolean;
}

/** Asks until the errors of the file are gone, at most as often as there are rounds. */
export async function askModel(
  project: Project,
  path: string,
  issues: readonly CodeIssue[],
  model: CodeModel,
  { rounds: most, signal }: { rounds: number; signal?: AbortSignal | undefined },
): Promise<RoundsOutcome> {
  const packages = [...project.packageListFor(path)?.packages.keys() ?? []].slice(0, 100);
  let refusal: string | undefined;
  for (let round = 1; round <= most; round++) {
    const content = project.file(path)!.content;
    const request = { path, content, issues, packages, ...(refusal === undefined ? {} : { refusal }) };
    const answer = await ask(model, request, signal);
    if (answer.kind === "none") {
      refusal = answer.reason;
      if (answer.ends === "round" && signal?.aborted !== true) continue;
      return { mended: [], rounds: round, reason: refusal, endsRun: answer.ends === "run" };
    }
    const verdict = await takeAnswer(project, path, answer, issues);
    if (typeof verdict !== "string") return { mended: verdict, rounds: round, reason: null, endsRun: false };
    refusal = verdict;
  }
  return { mended: [], rounds: most, reason: refusal ?? "there was no answer", endsRun: false };
}

async function ask(
  model: CodeModel,
  request: Parameters<CodeModel["repair"]>[0],
  signal: AbortSignal | undefined,
): Promise<CodeAnswer> {
  try {
    return await model.repair(request, signal);
  } catch (thrown) {
    return { kind: "none", reason: messageOf(thrown), ends: "round" };
  }
}

/** What the answer mended, or why it was not taken. */
async function takeAnswer(
  project: Project,
  path: string,
  { edits }: Extract<CodeAnswer, { kind: "edits" }>,
  issues: readonly CodeIssue[],
): Promise<CodeIssue[] | string> {
  const content = project.file(path)!.content;
  const edited = await editedText(content, edits);
  if ("reason" in edited) return edited.reason;
  const reason = reasonAgainst(project, path, content, edited.text);
  if (reason !== undefined) return reason;
  // One that mends some of the errors and makes no other is a step: the next round is about the rest.
  const verdict = tryTexts(project, new Map([[path, edited.text]]), []);
  if (!verdict.kept) return verdict.reason;
  const mended = goneFrom(project, path, issues);
  if (mended.length > 0) return mended;
  project.replace(path, content);
  return `${issues[0]?.rule ?? "what was asked for"} is still there`;
}

function goneFrom(project: Project, path: string, issues: readonly CodeIssue[]): CodeIssue[] {
  const left = findIssues(project, path).map(({ issue }) => keyOf(issue));
  return issues.filter((issue) => {
    const at = left.indexOf(keyOf(issue));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
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
