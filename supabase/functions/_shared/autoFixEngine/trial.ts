/** Tries a change on a project: it stays when what it mends is gone and nothing new is wrong, else it is taken back. @module */

import { applyEdits } from "../core/codeEdits.ts";
import { pathProblem } from "../core/projectPaths.ts";
import { type CodeIssue, type FileEdit, findIssues, type Project } from "../codeRules.ts";

/** What became of a trial. */
export type TrialVerdict = { kept: true; changed: string[] } | { kept: false; reason: string };

/** The new texts of some files, by their paths. */
export type NewTexts = ReadonlyMap<string, string>;

/** The texts that edits make; null when they overlap, or name a file that is not there. */
export async function textsOf(project: Project, edits: readonly FileEdit[]): Promise<NewTexts | null> {
  const texts = new Map<string, string>();
  for (const [path, own] of Map.groupBy(edits, (edit) => edit.path)) {
    const file = project.file(path);
    if (file === undefined || pathProblem(path) !== null) return null;
    const text = await applyEdits(file.content, own);
    if (text === null) return null;
    texts.set(path, text);
  }
  return texts;
}

/** Puts the texts in place, looks at everything that may have changed by them, and keeps or takes back. */
export function tryTexts(project: Project, texts: NewTexts, mended: readonly CodeIssue[]): TrialVerdict {
  const old = new Map([...texts.keys()].map((path) => [path, project.file(path)!.content]));
  const isMute = [...texts.keys()].some((path) => isBroken(project, path));
  const touched = new Set([...texts.keys(), ...mended.map(({ path }) => path)]);
  const watched = new Set(touched);
  for (const path of texts.keys()) for (const file of project.importersOf(path)) watched.add(file.path);
  const before = countIssues(project, watched);
  for (const [path, text] of texts) project.replace(path, text);
  const after = countIssues(project, watched);
  const reason = refusalOf({ project, texts, before, after, mended, isMute });
  if (reason === null) return { kept: true, changed: [...texts.keys()] };
  for (const [path, text] of old) project.replace(path, text);
  return { kept: false, reason };
}

interface Trial {
  project: Project;
  texts: NewTexts;
  before: Map<string, number>;
  after: Map<string, number>;
  mended: readonly CodeIssue[];
  /** A file did not parse: what it had besides could not be seen, and is uncovered rather than made. */
  isMute: boolean;
}

function refusalOf({ project, texts, before, after, mended, isMute }: Trial): string | null {
  for (const issue of mended) {
    const key = keyOf(issue);
    if ((after.get(key) ?? 0) >= (before.get(key) ?? 0)) return `${issue.rule} is still there`;
  }
  const broken = [...texts.keys()].find((path) => isBroken(project, path));
  if (broken !== undefined && !isMute) return `${broken} does not parse any more`;
  if (broken !== undefined && syntaxIssues(after, broken) >= syntaxIssues(before, broken)) {
    return `${broken} still does not parse`;
  }
  if (isMute) return null;
  const fresh = [...after].find(([key, count]) => count > (before.get(key) ?? 0));
  return fresh === undefined ? null : `it makes another issue appear: ${fresh[0].replaceAll("\n", ": ")}`;
}

function syntaxIssues(issues: ReadonlyMap<string, number>, path: string): number {
  let count = 0;
  for (const [key, times] of issues) if (key.startsWith(`${path}\n`)) count += times;
  return count;
}

function isBroken(project: Project, path: string): boolean {
  const file = project.file(path);
  if (file === undefined || file.skipped !== null) return false;
  if (file.kind === "json") return file.json.problems.length > 0;
  return file.isCode && !file.isWhole;
}

function countIssues(project: Project, paths: ReadonlySet<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const path of paths) {
    for (const { issue } of findIssues(project, path)) {
      counts.set(keyOf(issue), (counts.get(keyOf(issue)) ?? 0) + 1);
    }
  }
  return counts;
}

/** An issue apart from its place, which moves when lines above it come or go. */
export function keyOf({ path, rule, message }: CodeIssue): string {
  return `${path}\n${rule}\n${message}`;
}
