/** The fixes of a project: what is missing is added, what is wrong with files that are there is suggested. @module */

import { applyAutoFixes, type CodeIssue } from "../autoFixEngine.ts";
import { messageOf } from "../core/errors.ts";
import { isPassingTrouble } from "../core/passing.ts";
import type { Json, RpcPort } from "../core/ports.ts";
import type { ProjectFile } from "../core/projectPaths.ts";
import { sha256 } from "../core/sha256.ts";
import { type FixAction, kindOf } from "../fixActions.ts";
import { proposeOptimisation } from "../engineDb.ts";
import { beginFix, type ProposedFix, recordFixApplied, releaseError } from "../healingDb.ts";
import type { DirectConnection, DirectTransaction } from "../postgres.ts";
import { openQualityFix, type StoredProject } from "../projectStore.ts";
import { type FixChanges, rehearseFix } from "../rollbackPoints.ts";
import { errorsIn, type Judged } from "./state.ts";

/** What became of a fix. */
export interface FixOutcome {
  /** `later`: a budget or somebody else's work holds it back. */
  kind: "applied" | "waiting" | "left" | "later";
  reason: string;
}

interface WantedFix {
  type: string;
  action: FixAction;
  reason: string;
  wanted: "auto" | "suggest";
  whatWillHappen: string;
  evidence: Json;
  proof: ({ succeeded: boolean } & Record<string, Json>) | null;
}

/** Nothing of the transaction stays. */
class Held extends Error {}

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
): Promise<FixOutcome> {
  if (after.score <= before.score) {
    return { kind: "left", reason: `what is missing would not help: ${before.score} to ${after.score}` };
  }
  const measured = { ...figures(after), before: figures(before) };
  return await inOneTransaction(connection, project, {
    type: "missing_files",
    action: { kind: "add_file", project_id: project.id, files: made.map((file) => ({ ...file })) },
    reason: `the project misses ${
      before.missing.join(", ")
    }: its score is ${before.score}, and would be ${after.score}`,
    wanted: "auto",
    whatWillHappen: `add ${
      made.map(({ path }) => path).join(", ")
    } to the generated project "${project.title}"`,
    evidence: figures(before),
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
): Promise<FixOutcome | null> {
  // Those first: when the time is over, the others need not have been read.
  const broken = new Set(wanted.map(({ path }) => path));
  const files = project.files.toSorted((one, other) =>
    Number(broken.has(other.path)) - Number(broken.has(one.path))
  );
  const { files: fixed, changed, applied } = await applyAutoFixes(files, wanted, { budgetMs });
  const patches = await patchesOf(project.files, fixed, changed);
  if (patches.length === 0) return null;
  const done = applied.map(({ path, line, description }) => `${path}:${line}: ${description}`);
  return await inOneTransaction(connection, project, {
    type: "broken_files",
    action: { kind: "patch_files", project_id: project.id, files: patches },
    reason: `${wanted.length} errors of the project can be mended: ${done.slice(0, 5).join("; ")}`,
    wanted: "suggest",
    whatWillHappen: `change ${patches.length} files of the generated project "${project.title}":\n${
      shown(project.files, patches)
    }`,
    evidence: figures(now),
    proof: null,
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

/** Opened, proposed, permitted and made in one transaction, or nothing of it is there. */
async function inOneTransaction(
  connection: DirectConnection,
  project: StoredProject,
  fix: WantedFix,
  worker: string,
): Promise<FixOutcome> {
  try {
    return await connection.transaction((tx) => propose(tx, project, fix, worker));
  } catch (error) {
    if (error instanceof Held || isPassingTrouble(error)) return { kind: "later", reason: messageOf(error) };
    throw error;
  }
}

async function propose(
  tx: DirectTransaction,
  project: StoredProject,
  fix: WantedFix,
  worker: string,
): Promise<FixOutcome> {
  const opened = await openQualityFix(tx.rpc, project.id, {
    fingerprint: `quality:${fix.type}:${project.id}`,
    type: fix.type,
    message: fix.reason,
  }, worker);
  if (!opened.opened) return { kind: "left", reason: opened.reason };
  await assertUnchanged(tx.rpc, project);
  const claim = { id: opened.id, claim_number: opened.claim_number };
  const proposed = await record(tx, fix, claim);
  if (proposed.decision === "suggest") return { kind: "waiting", reason: proposed.reason };
  if (proposed.decision === "off") {
    await releaseError(tx.rpc, claim, { status: "ignored", reason: proposed.reason });
    return { kind: "left", reason: proposed.reason };
  }
  const start = await beginFix(tx.rpc, proposed.fix_id!, claim);
  if (!start.moved && start.approval_id !== undefined) return { kind: "waiting", reason: start.reason };
  if (!start.moved) throw new Held(start.reason);
  return await apply(tx, fix, { fixId: proposed.fix_id!, claim });
}

async function record(
  tx: DirectTransaction,
  { action, reason, evidence, wanted, whatWillHappen }: WantedFix,
  claim: { id: string; claim_number: number },
): Promise<ProposedFix> {
  const kind = kindOf(action);
  const preview = await previewOf(tx, action);
  return await proposeOptimisation(tx.rpc, {
    detected_error_id: claim.id,
    claim_number: claim.claim_number,
    action,
    target: kind.target(action),
    tier: "deterministic",
    confidence: CONFIDENCE,
    risk: kind.risk(action, "runtime"),
    reason,
    evidence: { quality: evidence },
    wanted,
    wanted_because: reason,
    what_will_happen: whatWillHappen,
    preview,
  });
}

/** What was measured is what is changed: whoever saves a file now waits, or was first. */
async function assertUnchanged(db: RpcPort, { id, revision }: StoredProject): Promise<void> {
  const now = await db.call<{ revision: string } | null>("read_project_files", { p_project_id: id });
  if (now?.revision !== revision) throw new Held("the project has been changed since it was measured");
}

async function previewOf(tx: DirectTransaction, action: FixAction): Promise<FixChanges> {
  await tx.query("savepoint before_preview");
  try {
    const rehearsal = await rehearseFix(tx, action);
    if (rehearsal.kind !== "works") throw new Held(rehearsal.measured);
    return rehearsal.changes;
  } finally {
    await tx.query("rollback to savepoint before_preview");
  }
}

async function apply(
  tx: DirectTransaction,
  { action, proof, whatWillHappen }: WantedFix,
  { fixId, claim }: { fixId: string; claim: { id: string; claim_number: number } },
): Promise<FixOutcome> {
  const kind = kindOf(action);
  const context = { sql: tx };
  const precondition = await kind.precondition(context, action);
  if (precondition.kind !== "go") throw new Held(precondition.reason);
  const rollbackPoint = await kind.snapshot(context, action);
  await kind.apply(context, action);
  const { ok, measured } = await kind.probe(context, action);
  if (!ok) throw new Held(measured);
  await recordFixApplied(tx.rpc, fixId, claim, {
    rollback_point: rollbackPoint,
    probe: { ok, measured },
    description: whatWillHappen,
    duration_ms: 0,
    ...(proof === null ? {} : { proof }),
  });
  return { kind: "applied", reason: whatWillHappen };
}
