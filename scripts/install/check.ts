/**
 * `--check`: reads the code of a project for what would fail without being healed, and rewrites on request.
 *
 * A rewrite is a set of edits on places of the syntax tree: every other byte of the file stays. Its result is parsed
 * again, and a file that then has a problem is left alone. The file as it was is kept.
 *
 * @module
 */

import { applyEdits, type TextEdit } from "../../supabase/functions/_shared/core/codeEdits.ts";
import { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { pathProblem, type ProjectFile } from "../../supabase/functions/_shared/core/projectPaths.ts";
import { openProject, type Project } from "../../supabase/functions/_shared/codeRules.ts";
import { importEdits, styleOf } from "../../supabase/functions/_shared/codeRules/imports.ts";
import { readSources } from "../../supabase/functions/_shared/predictiveHealing/sourceCalls.ts";
import { print } from "../lib/print.ts";
import { type Change, makeChanges } from "./changes.ts";
import { aiCallGaps } from "./check/aiCalls.ts";
import { type CodeFile, doorFrom, type Gap } from "./check/gap.ts";
import { handlerGaps } from "./check/handlers.ts";
import { helperEdits } from "./check/helpersInScope.ts";
import { serverActionGaps } from "./check/serverActions.ts";
import { writeGaps } from "./check/writes.ts";
import { emptyManifest, type Manifest, ORIGINALS } from "./manifest.ts";
import { hashOf, type Target } from "./target.ts";
import { ownCode } from "./usedBy.ts";

/** What a person's machine takes. */
const LIMITS = { files: 50_000, fileBytes: 1_000_000, totalBytes: 500_000_000, pathLength: 400 };
const TEST = /(?:^|\/)(?:tests?|__tests__)\/|[._-](?:test|spec)\.[jt]sx?$/;

/** A file with its gaps. */
interface Checked {
  file: CodeFile;
  gaps: Gap[];
}

/** Lists what was found and rewrites it; answers with 1 while something is left. */
export async function runCheck(
  target: Target,
  installed: Manifest | null,
  { rewrite, json }: { rewrite: boolean; json: boolean },
): Promise<number> {
  if (rewrite && installed === null) {
    throw new HealingError("CONFIG_MISSING", "Nothing can be rewritten before the helpers are installed.", {
      hint: "Run `deno task install --into DIR` first.",
    });
  }
  const files = (await ownCode(target, installed ?? emptyManifest()))
    .filter(({ path }) => pathProblem(path, LIMITS.pathLength) === null && !TEST.test(path));
  const checked = await checkFiles(files);
  const rewritten = rewrite ? await rewriteAll(target, installed!, checked) : new Set<Gap>();
  const left = checked.map(({ file, gaps }) => ({ file, gaps: gaps.filter((gap) => !rewritten.has(gap)) }));
  report(left, { json, rewritten: rewritten.size, count: files.length });
  return left.some(({ gaps }) => gaps.length > 0) ? 1 : 0;
}

/** Reads files as one project. */
export async function checkFiles(files: readonly ProjectFile[]): Promise<Checked[]> {
  const project: Project = await openProject(files, { limits: LIMITS });
  const calls = new Map(
    (await readSources(files.map(({ path, content }) => ({ path, source: content })))).map((
      one,
    ) => [one.path, one]),
  );
  return files.flatMap(({ path }) => {
    const file = project.file(path);
    if (file === undefined || file.skipped !== null || file.tree.program === null) return [];
    const gaps = [
      ...handlerGaps(file, project),
      ...aiCallGaps(file),
      ...writeGaps(file, calls.get(path)!),
      ...serverActionGaps(file),
    ].sort((one, other) => one.at - other.at);
    return gaps.length === 0 ? [] : [{ file, gaps }];
  });
}

async function rewriteAll(
  target: Target,
  installed: Manifest,
  checked: readonly Checked[],
): Promise<Set<Gap>> {
  const changes: Change[] = [];
  const rewritten = { ...installed.rewritten };
  const done = new Set<Gap>();
  for (const { file, gaps } of checked) {
    const result = await rewriteFile(file, gaps, installed.shared);
    if (result === null) continue;
    const [before, after] = [await hashOf(file.content), await hashOf(result.text)];
    changes.push({ path: file.path, before, after, text: result.text });
    const kept = await target.look(`${ORIGINALS}/${file.path}`);
    // What we have rewritten before, and nobody has changed since, has its original already.
    if (kept.kind !== "file" || installed.rewritten[file.path] !== before) {
      const old = kept.kind === "file" ? kept.hash : null;
      changes.push({ path: `${ORIGINALS}/${file.path}`, before: old, after: before, text: file.content });
    }
    rewritten[file.path] = after;
    for (const gap of result.gaps) done.add(gap);
  }
  if (changes.length > 0) await makeChanges(target, changes, { ...installed, rewritten });
  return done;
}

/** The text with all rewrites that go together; null when there are none, or the result is no code. */
export async function rewriteFile(
  file: CodeFile,
  gaps: readonly Gap[],
  shared: string,
): Promise<{ text: string; gaps: Gap[] } | null> {
  const chosen = apart(oneRoleEach(gaps.filter(({ rewrite }) => rewrite !== null)));
  const edits: TextEdit[] = chosen.flatMap(({ rewrite }) => rewrite!.edits);
  const needs = chosen.flatMap(({ rewrite }) => rewrite!.need ?? []);
  const doors: [string, string][] = [];
  if (chosen.some(({ rewrite }) => rewrite!.wraps)) doors.push(["withSelfHealing", "errorInterceptor"]);
  if (needs.length > 0) doors.push(["initializeEnterpriseInfrastructure", "universalIntegrationHelper"]);
  for (const [name, door] of doors) {
    if (file.modules.links.some(({ names }) => names.some(({ local }) => local === name))) continue;
    const added = importEdits(file, {
      specifier: doorFrom(file.path, shared, door),
      imported: name,
      local: name,
    });
    if (added === null) return null;
    edits.push(...added);
  }
  edits.push(...helperEdits(needs, file, styleOf(file).end));
  if (edits.length === 0 || !file.isWhole) return null;
  const text = await applyEdits(file.content, edits);
  if (text === null || file.parseAs(text).problems.length > 0) return null;
  return { text, gaps: chosen };
}

/** A handler gets the helpers with one kind of rights; what needs others is left to its author. */
function oneRoleEach(gaps: readonly Gap[]): Gap[] {
  const roles = new Map<unknown, string>();
  return gaps.filter(({ rewrite }) => {
    const need = rewrite!.need;
    if (need === undefined || need.role === "any") return true;
    const role = roles.get(need.handler) ?? need.role;
    roles.set(need.handler, role);
    return role === need.role;
  });
}

/** What lies in a place that is rewritten already waits for the next time. */
function apart(gaps: readonly Gap[]): Gap[] {
  const taken: TextEdit[] = [];
  return gaps.filter(({ rewrite }) => {
    const { edits } = rewrite!;
    const meets = edits.some(({ start, end }) => taken.some((one) => start < one.end && one.start < end));
    if (!meets) taken.push(...edits.filter(({ start, end }) => start < end));
    return !meets;
  });
}

function report(
  checked: readonly Checked[],
  { json, rewritten, count }: { json: boolean; rewritten: number; count: number },
): void {
  const found = checked.flatMap(({ file, gaps }) =>
    gaps.map(({ rule, at, message, advice, rewrite }) => ({
      rule,
      path: file.path,
      ...file.lineAndColumn(at),
      message,
      advice,
      rewritable: rewrite !== null,
    }))
  );
  if (json) return print(JSON.stringify({ files: count, rewritten, found }, null, 2));
  for (const { rule, path, line, message, advice, rewritable } of found) {
    print(`${path}:${line}: ${rule}: ${message}`);
    print(`    you may: ${advice}${rewritable ? " (--rewrite does)" : ""}`);
  }
  if (rewritten > 0) print(`${rewritten} places rewritten; the files as they were are in ${ORIGINALS}.`);
  print(
    `${found.length} places in ${checked.filter(({ gaps }) => gaps.length > 0).length} of ${count} files.`,
  );
}
