/** The fixes of a project: what is missing is added, what is wrong with files that are there is suggested. @module */

import { applyAutoFixes, type CodeIssue } from "../autoFixEngine.ts";
import type { Json, RpcPort } from "../core/ports.ts";
import type { ProjectFile } from "../core/projectPaths.ts";
import { sha256 } from "../core/sha256.ts";
import type { DirectConnection } from "../postgres.ts";
import { openQualityFix, type StoredProject } from "../projectStore.ts";
import { HeldBack, type ProposalOutcome, proposeAndApply, type UnaskedFix } from "../unaskedFixes.ts";
import { errorsIn, type Judged } from "./state.ts";

/** What is wanted of a project; the rest is the same for all of them. */
type WantedFix =
  & Pick<UnaskedFix, "action" | "reason" | "evidence" | "wanted" | "whatWillHappen" | "proof">
  & { type: string };

const CONFIDENCE = 0.95;
/** What a person still reads, and what a row still holds. */
const MOST_PATCHED = 20;
const MOST_PATCH_TEXT = 50_000;
const MOST_SHOWN = 3_000;

/** Adds what is missing, where it makes the project better and is permitted. */
export async function addMissing(
  connection: DirectConnection,
  project: StoredProject,
  made: readonly ProjectFile[],
  { before, after }: { before: Judged; after: Judged },
  worker: string,
): Promise<ProposalOutcome> {
  if (after.score <= before.score) {
    return { kind: "left", reason: `what is missing would not help: ${before.score} to ${after.score}` };
  }
  const measured = { ...figures(after), before: figures(before) };
  return await proposeFor(connection, project, {
    type: "missing_files",
    action: { kind: "add_file", project_id: project.id, files: made.map((file) => ({ ...file })) },
    reason: `the project misses ${
      before.missing.join(", ")
    }: its score is ${before.score}, and would be ${after.score}`,
    wanted: "auto",
    whatWillHappen: `add ${
      made.map(({ path }) => path).join(", ")
    } to the generated project "${project.title}"`,
    evidence: { quality: figures(before) },
    proof: { succeeded: true, ...measured },
  }, worker);
}

/** Suggests what the rules would change in files that are there; null when they would change nothing. */
export async function suggestPatch(
  connection: DirectConnection,
  project: StoredProject,
  wanted: readonly CodeIssue[],
  now: Judged,
  { budgetMs, worker }: { budgetMs: number; worker: string },
): Promise<ProposalOutcome | null> {
  // Those first: when the time is over, the others need not have been read.
  const broken = new Set(wanted.map(({ path }) => path));
  const files = project.files.toSorted((one, other) =>
    Number(broken.has(other.path)) - Number(broken.has(one.path))
  );
  const { files: fixed, changed, applied } = await applyAutoFixes(files, wanted, { budgetMs });
  const patches = await patchesOf(project.files, fixed, changed);
  if (patches.length === 0) return null;
  const done = applied.map(({ path, line, description }) => `${path}:${line}: ${description}`);
  return await proposeFor(connection, project, {
    type: "broken_files",
    action: { kind: "patch_files", project_id: project.id, files: patches },
    reason: `${wanted.length} errors of the project can be mended: ${done.slice(0, 5).join("; ")}`,
    wanted: "suggest",
    whatWillHappen: `change ${patches.length} files of the generated project "${project.title}":\n${
      shown(project.files, patches)
    }`,
    evidence: { quality: figures(now) },
  }, worker);
}

function figures({ score, missing, issues }: Judged): { [key: string]: Json } {
  return { score, errors: errorsIn(issues), missing };
}

/** From where two texts begin to differ to where they cease to. */
async function patchesOf(
  before: readonly ProjectFile[],
  after: readonly ProjectFile[],
  changed: readonly string[],
) {
  const patches = [];
  let size = 0;
  for (const path of changed.slice(0, MOST_PATCHED)) {
    const old = before.find((file) => file.path === path)!.content;
    const now = after.find((file) => file.path === path)!.content;
    const start = commonLength(old, now, (text, at) => text[at]);
    const rest = Math.min(old.length, now.length) - start;
    const tail = Math.min(rest, commonLength(old, now, (text, at) => text[text.length - 1 - at]));
    const text = now.slice(start, now.length - tail);
    size += text.length;
    if (size > MOST_PATCH_TEXT) break;
    patches.push({ path, sha256: await sha256(old), start, end: old.length - tail, text });
  }
  return patches;
}

function commonLength(
  one: string,
  other: string,
  charAt: (text: string, at: number) => string | undefined,
): number {
  const most = Math.min(one.length, other.length);
  let at = 0;
  while (at < most && charAt(one, at) === charAt(other, at)) at++;
  return at;
}

function shown(
  files: readonly ProjectFile[],
  patches: readonly { path: string; start: number; end: number; text: string }[],
): string {
  const parts = patches.map(({ path, start, end, text }) => {
    const content = files.find((file) => file.path === path)!.content;
    const from = content.lastIndexOf("\n", Math.max(0, start - 1)) + 1;
    const to = content.indexOf("\n", end) < 0 ? content.length : content.indexOf("\n", end);
    const lines = (mark: string, part: string) =>
      part.split("\n").map((line) => `${mark} ${line}`).join("\n");
    const now = content.slice(from, start) + text + content.slice(end, to);
    return `${path}\n${lines("-", content.slice(from, to))}\n${lines("+", now)}`;
  });
  const all = parts.join("\n");
  return all.length <= MOST_SHOWN ? all : `${all.slice(0, MOST_SHOWN)} …`;
}

/** Of a project as it was measured, and only with a rehearsal that worked. */
function proposeFor(
  connection: DirectConnection,
  project: StoredProject,
  { type, ...fix }: WantedFix,
  worker: string,
): Promise<ProposalOutcome> {
  const opening = { fingerprint: `quality:${type}:${project.id}`, type, message: fix.reason };
  return proposeAndApply(connection, {
    ...fix,
    open: (db) => openQualityFix(db, project.id, opening, worker),
    confidence: CONFIDENCE,
    wantedBecause: fix.reason,
    check: (db) => assertUnchanged(db, project),
    needsRehearsal: true,
  });
}

/** What was measured is what is changed: whoever saves a file now waits, or was first. */
async function assertUnchanged(db: RpcPort, { id, revision }: StoredProject): Promise<void> {
  const now = await db.call<{ revision: string } | null>("read_project_files", { p_project_id: id });
  if (now?.revision !== revision) throw new HeldBack("the project has been changed since it was measured");
}
