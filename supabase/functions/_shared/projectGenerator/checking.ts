/** Makes what was written whole, mends what rules can mend, and judges it; a slice of work each invocation. @module */

import { applyAutoFixes } from "../autoFixEngine.ts";
import type { SavedFile } from "../generationDb.ts";
import type { Json } from "../core/ports.ts";
import type { QualityMetrics } from "../generationDb.ts";
import { generateMissingInfrastructure, judgeIssues } from "../qualityValidator.ts";
import type { GenerationSession } from "./session.ts";
import type { StepEnd } from "./steps.ts";

/** Issues that are kept between two slices. */
const MOST_ISSUES = 300;

/** Adds the files that the framework needs and that nobody wrote. */
export async function completeStep(session: GenerationSession): Promise<StepEnd> {
  const { claim, state } = session;
  const made = await generateMissingInfrastructure(session.projectFiles, claim.framework, state.plan!.title);
  state.check = { next: 0, completed: made.map(({ path }) => path), applied: 0, takenBack: 0, issues: [] };
  const message = made.length === 0 ? "nothing is missing" : `completed by ${made.length} files`;
  await session.keep({ stage: "checking", progress: 85, message }, made);
  return "goOn";
}

/** Mends one slice of the files; what is left of them is for the next invocation, which has a budget of its own. */
export async function fixStep(session: GenerationSession, signal: AbortSignal): Promise<StepEnd> {
  const check = session.state.check!;
  const files = session.projectFiles;
  const outcome = await applyAutoFixes(files, undefined, {
    from: check.next ?? 0,
    budgetMs: session.limits.sliceMs,
    limits: session.limits.project,
    model: session.means.codeModel,
    signal,
    clock: session.clock,
  });
  signal.throwIfAborted();
  const changed = new Set(outcome.changed);
  check.next = outcome.next;
  check.applied += outcome.applied.length;
  check.takenBack += outcome.takenBack.length;
  // What a slice has read once more replaces what an earlier one said of the same file.
  const read = new Set(outcome.remaining.map(({ path }) => path));
  check.issues = [
    ...check.issues.filter(({ path }) => !read.has(path) && !changed.has(path)),
    ...outcome.remaining,
  ]
    .slice(0, MOST_ISSUES);
  const done = outcome.next ?? files.length;
  await session.keep({
    stage: "checking",
    progress: 85 + Math.floor(10 * done / files.length),
    message: `checked ${done} of ${files.length} files, mended ${check.applied} issues`,
  }, outcome.files.filter(({ path }) => changed.has(path)));
  if (outcome.next === null) return "goOn";
  await session.release("goes on with the check");
  return "released";
}

/** The verdict on all files, with what was done for it. */
export async function measure(session: GenerationSession): Promise<QualityMetrics> {
  const { claim, state, projectFiles } = session;
  const check = state.check!;
  const report = await judgeIssues(projectFiles, claim.framework, state.plan!.title, check.issues);
  return {
    phase: "generated",
    quality_score: report.qualityScore,
    validation_passed: report.passed,
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
    details: { taken_back: check.takenBack, claims: claim.claim_count, plan_parts: state.plan!.parts },
  };
}

/** The files with who wrote them. */
export function savedFiles({ claim, state, projectFiles }: GenerationSession): SavedFile[] {
  const completed = new Set(state.check!.completed);
  const origin = claim.mode === "template" ? "template" : "generated";
  return projectFiles.map((file) => ({ ...file, origin: completed.has(file.path) ? "completed" : origin }));
}
