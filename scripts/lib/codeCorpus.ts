/**
 * The corpus of broken code: correct projects, each with cases that break a file of it and say what must come of it.
 *
 * A file of the corpus holds `== file PATH` with the text of a correct file, and `== case ID RULE [escalate]` with, for each
 * `@ PATH`, blocks of `- ` lines that are replaced by `+ ` lines (a lone `+` takes them away). Without `> ` lines the fixed
 * file must be the correct one, byte for byte. With them the difference is limited: what the fix adds is one of those or
 * a line of the correct file, what it takes away is a broken line or one marked `> -`, and all of them must be there.
 *
 * @module
 */

import type { ProjectFile } from "../../supabase/functions/_shared/core/projectPaths.ts";
import {
  applyAutoFixes,
  checkFiles,
  type CodeIssue,
} from "../../supabase/functions/_shared/autoFixEngine.ts";
import { parseSource, type ts } from "./typescript.ts";

/** One broken file, or several that are broken together. */
export interface CodeCase {
  id: string;
  rule: string;
  fixable: boolean;
  changes: CaseChange[];
  /** The correct project. */
  base: ProjectFile[];
}

interface CaseChange {
  path: string;
  hunks: { before: string[]; after: string[] }[];
  expected: string[];
}

/** What came of a case. */
export interface CaseVerdict {
  id: string;
  rule: string;
  fixable: boolean;
  /** The expected issue was found. */
  found: boolean;
  /** It was fixed as expected, or left alone as expected. */
  right: boolean;
  /** The project is worse than before: it parses less, or has an issue that it did not have. */
  worse: boolean;
  reason: string;
}

/** A project of the corpus with its cases. */
export interface CodeCorpus {
  name: string;
  base: ProjectFile[];
  cases: CodeCase[];
}

/** Reads one file of the corpus. */
export function parseCorpus(name: string, text: string): CodeCorpus {
  const base: ProjectFile[] = [];
  const cases: CodeCase[] = [];
  for (const section of text.split(/^== /m).slice(1)) {
    const [head = "", ...lines] = section.split("\n");
    const [kind, ...words] = head.split(" ");
    if (kind === "file") base.push({ path: words[0]!, content: lines.join("\n") });
    else cases.push({ ...caseOf(words, lines), base });
  }
  return { name, base, cases };
}

function caseOf([id = "", rule = "", mark]: string[], lines: string[]): Omit<CodeCase, "base"> {
  const changes: CaseChange[] = [];
  for (const line of lines) {
    const [sign, text] = [line[0], line.slice(2)];
    if (sign === "@") changes.push({ path: text, hunks: [], expected: [] });
    const change = changes.at(-1);
    if (change === undefined) continue;
    if (sign === "-") {
      const last = change.hunks.at(-1);
      if (last === undefined || last.after.length > 0) change.hunks.push({ before: [text], after: [] });
      else last.before.push(text);
    } else if (sign === "+") change.hunks.at(-1)!.after.push(text);
    else if (sign === ">") change.expected.push(text);
  }
  return { id, rule, fixable: mark !== "escalate", changes };
}

/** The project of a case as it is when it is broken. */
export function brokenProject({ id, base, changes }: CodeCase): ProjectFile[] {
  const files = new Map(base.map(({ path, content }) => [path, content]));
  for (const { path, hunks } of changes) {
    for (const { before, after } of hunks) {
      const content = files.get(path);
      const from = before.join("\n");
      const count = content === undefined ? 0 : `\n${content}`.split(`\n${from}\n`).length - 1;
      if (count !== 1) throw new Error(`${id}: ${path} has the replaced lines ${count} times`);
      const isRemoval = after.length === 1 && after[0] === "";
      const to = isRemoval ? "\n" : `\n${after.join("\n")}\n`;
      files.set(path, `\n${content}`.replace(`\n${from}\n`, () => to).slice(1));
    }
  }
  return [...files].map(([path, content]) => ({ path, content }));
}

/** Fixes the case's project and judges what came of it. */
export async function judgeCase(one: CodeCase): Promise<CaseVerdict> {
  const broken = brokenProject(one);
  const issues = await checkFiles(broken);
  const outcome = await applyAutoFixes(broken, issues);
  const found = issues.some(({ rule }) => rule === one.rule);
  const fixed = new Map(outcome.files.map(({ path, content }) => [path, content]));
  const left = await checkFiles(outcome.files);
  const worse = worseness(issues, left, broken, outcome.files);
  const reason = one.fixable ? unfixedReason(one, broken, fixed, left) : touchedReason(broken, fixed);
  const { id, rule, fixable } = one;
  const why = found
    ? worse ?? reason
    : `${rule} was not found, but ${issues.map((issue) => issue.rule).join(", ") || "nothing"}`;
  return {
    id,
    rule,
    fixable,
    found,
    right: found && reason === null,
    worse: worse !== null,
    reason: why ?? "",
  };
}

function worseness(
  before: CodeIssue[],
  after: CodeIssue[],
  broken: ProjectFile[],
  fixed: ProjectFile[],
): string | null {
  const parsed = new Map(broken.map(({ path, content }) => [path, syntaxErrors(path, content)]));
  for (const { path, content } of fixed) {
    if (syntaxErrors(path, content) > parsed.get(path)!) return `${path} parses less than before`;
  }
  const isBlind = [...parsed.values()].some((count) => count > 0);
  const fresh = after.find((issue) =>
    !before.some((one) => one.path === issue.path && one.rule === issue.rule)
  );
  return fresh === undefined || isBlind ? null : `${fresh.path} now has ${fresh.rule}`;
}

/** How much of a file the TypeScript compiler does not take; it judges what another parser has made. */
export function syntaxErrors(path: string, content: string): number {
  if (!/\.[cm]?[jt]sx?$/.test(path)) return 0;
  const name = path.replace(/\.[cm]?js$/, ".jsx").replace(/\.jsx$/, ".tsx");
  const source = parseSource(name, content) as ts.SourceFile & { parseDiagnostics: unknown[] };
  return source.parseDiagnostics.length;
}

function unfixedReason(
  one: CodeCase,
  broken: ProjectFile[],
  fixed: Map<string, string>,
  left: CodeIssue[],
): string | null {
  for (const { path, content } of one.base) {
    const change = one.changes.find((item) => item.path === path);
    const result = fixed.get(path)!;
    if (syntaxErrors(path, result) > 0) return `${path} does not parse`;
    if (change !== undefined && change.expected.length > 0) {
      const reason = limitedReason(
        change,
        broken.find((file) => file.path === path)!.content,
        content,
        result,
      );
      if (reason !== null) return reason;
    } else if (result !== content) return `${path} differs: ${firstDifference(content, result)}`;
  }
  const still = left.find(({ rule, path }) =>
    rule === one.rule && one.changes.some((change) => change.path === path)
  );
  return still === undefined ? null : `${one.rule} is still there: ${still.message}`;
}

function touchedReason(broken: ProjectFile[], fixed: Map<string, string>): string | null {
  const touched = broken.find(({ path, content }) => fixed.get(path) !== content);
  return touched === undefined
    ? null
    : `${touched.path} was changed: ${firstDifference(touched.content, fixed.get(touched.path)!)}`;
}

function limitedReason(
  { expected, hunks }: CaseChange,
  broken: string,
  correct: string,
  result: string,
): string | null {
  const [brokenLines, correctLines, lines] = [broken, correct, result].map((text) => text.split("\n")) as [
    string[],
    string[],
    string[],
  ];
  const gone = expected.filter((line) => line.startsWith("-")).map((line) => line.slice(1));
  const wanted = expected.filter((line) => !line.startsWith("-"));
  const missing = wanted.find((line) => !lines.includes(line));
  if (missing !== undefined) return `misses the line ${missing}`;
  const extra = lines.find((line) =>
    !brokenLines.includes(line) && !wanted.includes(line) && !correctLines.includes(line)
  );
  if (extra !== undefined) return `has the line ${extra}`;
  const mutated = hunks.flatMap(({ after }) => after);
  const lost = brokenLines.find((line) =>
    !lines.includes(line) && !mutated.includes(line) && !gone.includes(line)
  );
  if (lost !== undefined) return `lost the line ${lost}`;
  const kept = gone.find((line) => lines.includes(line));
  return kept === undefined ? null : `still has the line ${kept}`;
}

function firstDifference(one: string, other: string): string {
  const [lines, others] = [one.split("\n"), other.split("\n")];
  const index = lines.findIndex((line, at) => line !== others[at]);
  return `line ${index + 1}: ${JSON.stringify(lines[index] ?? "")} / ${JSON.stringify(others[index] ?? "")}`;
}

const CORPUS = new URL("../../tests/corpus/code/", import.meta.url);

/** Reads the corpus; `names` limits it to some of its files. */
export async function readCorpus(names?: readonly string[]): Promise<CodeCorpus[]> {
  const found: CodeCorpus[] = [];
  for await (const { name } of Deno.readDir(CORPUS)) {
    const stem = name.replace(/\.txt$/, "");
    if (stem === name || (names !== undefined && !names.includes(stem))) continue;
    found.push(parseCorpus(stem, await Deno.readTextFile(new URL(name, CORPUS))));
  }
  return found.toSorted((one, other) => one.name < other.name ? -1 : 1);
}
