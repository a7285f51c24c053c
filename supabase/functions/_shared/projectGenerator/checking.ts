/** Makes what was written whole, mends what rules can mend, and judges it; a slice of work each invocation. @module */

import { applyAutoFixes, type FixOutcome } from "../autoFixEngine.ts";
import type { SavedFile } from "../generationDb.ts";
import type { Json } from "../core/ports.ts";
import type { QualityMetrics } from "../generationDb.ts";
import { generateMissingInfrastructure, judgeIssues } from "../qualityValidator.ts";
import type { GenerationSession } from "./session.ts";
import type { GenerationState } from "./state.ts";
import type { StepEnd } from "./steps.ts";

/** Issues that are kept between two slices. */
const MOST_ISSUES = 300;

/** Adds the files that the framework needs and that nobody wrote. */
export async function completeStep(session: GenerationSession): Promise<StepEnd> {
  const { claim, state } = session;
  const made = await generateMissingInfrastructure(session.projectFiles, claim.framework, state.plan!.title);
  state.check = {
    next: 0,
    completed: made.map(({ path }) => path),
    applied: 0,
    byModel: 0,
    takenBack: 0,
    slices: 0,
    unchecked: 0,
    issues: [],
  };
  const message = made.length === 0 ? "nothing is missing" : `completed by ${made.length} files`;
  await session.keep({ stage: "checking", progress: 85, message }, made);
  return "goOn";
}

/** A file may cost three questions of 30 s: with less time than that and a reserve, rules alone have to do. */
const MODEL_MS = 100_000;

/** Slices that one file may take: a file with more to mend needs its author. */
const MOST_SLICES = 3;
/** What is kept to judge and to save: what was not checked by then is said to be unchecked. */
const SAVE_MS = 20_000;

/** Mends one slice of the files; what is left of them is for the next invocation, which has a budget of its own. */
export async function fixStep(session: GenerationSession, signal: AbortSignal): Promise<StepEnd> {
  const { limits, clock, means } = session;
  const check = session.state.check!;
  const files = session.projectFiles;
  const from = check.next ?? 0;
  const startedAt = clock.monotonic();
  const outcome = await applyAutoFixes(files, undefined, {
    from,
    budgetMs: limits.sliceMs,
    limits: limits.project,
    model: session.workerMs > MODEL_MS ? means.codeModel : undefined,
    signal,
    clock,
  });
  signal.throwIfAborted();
  const changed = new Set(outcome.changed);
  check.next = nextFile(check, from, outcome.next, files.length);
  if (check.next !== null && session.leftMs < SAVE_MS) {
    check.unchecked = files.length - check.next;
    check.next = null;
  }
  noteOutcome(check, outcome);
  const done = check.next ?? files.length - check.unchecked;
  await session.keep({
    stage: "checking",
    progress: 85 + Math.floor(10 * done / files.length),
    message: `checked ${done} of ${files.length} files, mended ${check.applied} issues`,
  }, outcome.files.filter(({ path }) => changed.has(path)));
  // Time that a model took is no work of this worker.
  const wasWaiting = limits.sliceMs > 0 && clock.monotonic() - startedAt > 5 * limits.sliceMs;
  if (check.next === null || (wasWaiting && !session.isLate)) return "goOn";
  await session.release("goes on with the check");
  return "released";
}

/** What a slice has read once more replaces what an earlier one said of the same file. */
function noteOutcome(
  check: NonNullable<GenerationState["check"]>,
  { applied, takenBack, remaining, changed }: FixOutcome,
): void {
  check.applied += applied.length;
  check.byModel += applied.filter(({ by }) => by === "model").length;
  check.takenBack += takenBack.length;
  const read = new Set([...changed, ...remaining.map(({ path }) => path)]);
  const earlier = check.issues.filter(({ path }) => !read.has(path));
  check.issues = [...earlier, ...remaining].slice(0, MOST_ISSUES);
}

/** Where the next slice begins: a file that takes too many of them is left as it is. */
function nextFile(
  check: NonNullable<GenerationState["check"]>,
  from: number,
  next: number | null,
  count: number,
): number | null {
  check.slices = next === from ? check.slices + 1 : 0;
  if (next === null || check.slices < MOST_SLICES) return next;
  check.slices = 0;
  return next + 1 < count ? next + 1 : null;
}

/** The verdict on all files, with what was done for it. */
export async function measure(session: GenerationSession): Promise<QualityMetrics> {
  const { claim, state, projectFiles } = session;
  const check = state.check!;
  const report = await judgeIssues(projectFiles, claim.framework, state.plan!.title, check.issues);
  return {
    phase: "generated",
    quality_score: report.qualityScore,
    // What nobody looked at has not passed.
    validation_passed: report.passed && check.unchecked === 0,
    missing_files: report.missingFiles,
    issues: report.issues.slice(0, 50).map(({ path, rule, severity, line, message }): Json => ({
      ...{ path, rule, severity, line },
      message: message.slice(0, 500),
    })),
    issue_count: report.issues.length,
    error_count: report.issues.filter(({ severity }) => severity === "error").length,
    fixes_applied: check.applied,
    files_added: check.completed.length,
    duration_ms: Math.max(0, session.clock.now() - Date.parse(claim.created_at)),
    details: {
      taken_back: check.takenBack,
      by_model: check.byModel,
      unchecked_files: check.unchecked,
      claims: claim.claim_count,
      plan_parts: state.plan!.parts,
    },
  };
}

/** The files with who wrote them. */
export function savedFiles({ claim, state, projectFiles }: GenerationSession): SavedFile[] {
  const completed = new Set(state.check!.completed);
  const origin = claim.mode === "template" ? "template" : "generated";
  return projectFiles.map((file) => ({ ...file, origin: completed.has(file.path) ? "completed" : origin }));
}
