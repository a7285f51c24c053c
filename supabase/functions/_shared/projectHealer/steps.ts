/** The steps by which a project is healed; each one fits into a slice, and the next one may be another invocation's. @module */

import { checkSlice, type CodeIssue } from "../autoFixEngine.ts";
import type { Clock } from "../core/clock.ts";
import type { ProjectFile } from "../core/projectPaths.ts";
import type { DirectConnection } from "../postgres.ts";
import type { QualityMetrics, StoredProject } from "../projectStore.ts";
import { generateMissingInfrastructure, judgeIssues, LEAST_SCORE } from "../qualityValidator.ts";
import type { ProposalOutcome } from "../unaskedFixes.ts";
import { addMissing, suggestPatch } from "./fixes.ts";
import { errorsIn, type HealState, type Judged, kept } from "./state.ts";

/** What a step may use. */
export interface StepMeans {
  clock: Clock;
  worker: string;
  budgetMs: number;
  /** Null when there is none: then nothing is changed. */
  direct: () => Promise<DirectConnection | null>;
  /** Hears of what was done. */
  tell: (outcome: ProposalOutcome) => void;
}

/** Where it goes on, or the measurement with which it ends. */
export type StepEnd = { next: HealState } | { end: QualityMetrics; judged: Judged };

const NO_DIRECT = "changing the files of a project needs the direct connection: set SUPABASE_DB_URL";

/** Does the next step. */
export async function takeStep(
  project: StoredProject,
  state: HealState,
  means: StepMeans,
): Promise<StepEnd> {
  switch (state.phase) {
    case "before":
      return await readBefore(project, state, means);
    case "after":
      return await readAfter(project, state, means);
    case "fix":
      return await fix(project, state, means);
    case "patch":
      return await patch(project, state, means);
  }
}

async function readBefore(project: StoredProject, state: HealState, means: StepMeans): Promise<StepEnd> {
  const read = await readOn(project, project.files, state, means);
  if ("next" in read) return read;
  const { judged } = read;
  if (judged.score >= LEAST_SCORE) return { end: metricsOf(judged, state), judged };
  const made = await missingOf(project);
  const next = { ...state, from: 0, issues: [], before: judged };
  return { next: made.length === 0 ? { ...next, phase: "patch" } : { ...next, phase: "after" } };
}

async function readAfter(project: StoredProject, state: HealState, means: StepMeans): Promise<StepEnd> {
  const read = await readOn(project, [...project.files, ...await missingOf(project)], state, means);
  if ("next" in read) return read;
  return { next: { ...state, phase: "fix", from: 0, issues: [], after: read.judged } };
}

/** Reads until the time is over; the same files in the same order go on where they ended. */
async function readOn(
  project: StoredProject,
  files: readonly ProjectFile[],
  state: HealState,
  { budgetMs, clock }: StepMeans,
): Promise<{ next: HealState } | { judged: Judged }> {
  const slice = await checkSlice(files, { from: state.from, budgetMs, clock });
  const issues = kept([...state.issues, ...slice.issues]);
  if (slice.next !== null) return { next: { ...state, from: slice.next, issues } };
  const report = await judgeIssues(files, project.framework, project.title, issues);
  const { qualityScore: score, passed, missingFiles: missing } = report;
  return { judged: { score, passed, missing, issues } };
}

async function fix(project: StoredProject, state: HealState, means: StepMeans): Promise<StepEnd> {
  const next: HealState = { ...state, phase: "patch" };
  const connection = await means.direct();
  if (connection === null) {
    means.tell({ kind: "left", reason: NO_DIRECT });
    return { next: { ...next, after: null } };
  }
  const made = await missingOf(project);
  const judged = { before: state.before!, after: state.after! };
  const outcome = await addMissing(connection, project, made, judged, means.worker);
  means.tell(outcome);
  const added = outcome.kind === "applied" ? made.length : 0;
  const later = outcome.kind === "later" ? outcome.reason : null;
  return { next: { ...next, added, later, ...(added === 0 ? { after: null } : {}) } };
}

async function patch(project: StoredProject, state: HealState, means: StepMeans): Promise<StepEnd> {
  const judged = state.after ?? state.before!;
  const wanted = judged.issues.filter(({ autoFixable, severity }) => autoFixable && severity === "error");
  const connection = wanted.length === 0 ? null : await means.direct();
  if (connection !== null) {
    const outcome = await suggestPatch(connection, project, wanted, judged, means);
    if (outcome !== null) means.tell(outcome);
  }
  return { end: metricsOf(judged, state), judged };
}

/** Only what fits a fix: a file that is too large for one is nobody's infrastructure. */
async function missingOf({ files, framework, title }: StoredProject): Promise<ProjectFile[]> {
  const made = await generateMissingInfrastructure(files, framework, title);
  return made.filter(({ content }) => content.length <= 20_000).slice(0, 20);
}

function metricsOf(judged: Judged, { before, added, later }: HealState): QualityMetrics {
  return {
    phase: added > 0 ? "healed" : "checked",
    quality_score: judged.score,
    validation_passed: judged.passed,
    missing_files: judged.missing,
    issues: judged.issues.slice(0, 50).map(told),
    issue_count: judged.issues.length,
    error_count: errorsIn(judged.issues),
    fixes_applied: added > 0 ? 1 : 0,
    files_added: added,
    details: {
      ...(before === null || added === 0 ? {} : { score_before: before.score, missing: before.missing }),
      ...(later === null ? {} : { later }),
    },
  };
}

function told({ path, rule, severity, line, message }: CodeIssue) {
  return { path, rule, severity, line, message: message.slice(0, 300) };
}
