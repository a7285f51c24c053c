/** What a call is about: files that were sent, or a generated project where it is stored; and what is kept of it. @module */

import type { FixOutcome } from "../_shared/autoFixEngine.ts";
import { HealingError } from "../_shared/core/errors.ts";
import type { ProjectFile } from "../_shared/core/projectPaths.ts";
import type { ProjectStore, QualityMetrics, StoredProject } from "../_shared/projectStore.ts";
import type { CorrectionCall, Validation } from "./handler.ts";

/** The files that are corrected. */
export interface Subject {
  files: readonly ProjectFile[];
  framework: string | undefined;
  title: string;
  /** What the stored project was when it was read; null for files that were sent. */
  revision: string | null;
  /** Paths that earlier calls have changed. */
  changedBefore: readonly string[];
}

/** Reads what is to be corrected; throws a coded error when there is nothing, or it is not what it was. */
export async function subjectOf(asked: CorrectionCall, store: ProjectStore | undefined): Promise<Subject> {
  const { project_id, files = [], title = "App", framework } = asked;
  if (project_id !== undefined) return await storedSubject(project_id, asked, store);
  if (files.length > 0) return { files, framework, title, revision: null, changedBefore: [] };
  throw new HealingError("BAD_REQUEST", "There is nothing to correct", {
    hint: "Send files, or the project_id of a generated project",
  });
}

async function storedSubject(
  projectId: string,
  { files = [], framework, title, revision }: CorrectionCall,
  store: ProjectStore | undefined,
): Promise<Subject> {
  if (store === undefined) {
    throw new HealingError("CONFIG_MISSING", "No project store is wired here", { hint: "Send the files" });
  }
  const project = await store.read(projectId);
  if (project === null) {
    throw new HealingError("NOT_FOUND", `There is no generated project ${projectId}`);
  }
  if (files.length > 0 && revision === undefined) {
    throw new HealingError(
      "BAD_REQUEST",
      "Files of a stored project come with the revision that they belong to",
      {
        hint: "Leave files out, or send the revision of the answer that they are from",
      },
    );
  }
  if (revision !== undefined && revision !== project.revision) {
    throw new HealingError("CONFLICT", "The project has been changed since it was read", {
      hint: "Begin again without files and revision",
    });
  }
  const changed = overlayOf(project, files);
  return {
    files: project.files.map(({ path, content }) => ({ path, content: changed.get(path) ?? content })),
    framework: framework ?? project.framework,
    title: title ?? project.title,
    revision: project.revision,
    changedBefore: [...changed.keys()],
  };
}

/** The new texts of earlier calls; a file that the project does not have is none of it. */
function overlayOf(project: StoredProject, files: readonly ProjectFile[]): Map<string, string> {
  const changed = new Map(files.map(({ path, content }) => [path, content]));
  const known = new Set(project.files.map(({ path }) => path));
  if (changed.size === files.length && files.every(({ path }) => known.has(path))) return changed;
  throw new HealingError("BAD_REQUEST", "A file is not in the project, or is named twice", {
    hint: "Correction changes files; it adds none",
  });
}

/** What was done, as far as applying it goes. */
export interface Correction {
  asked: CorrectionCall;
  subject: Subject;
  files: readonly ProjectFile[];
  outcome: FixOutcome;
  validation: Validation;
  actor: string;
}

/** What became of the wish to keep the result. */
export interface Applied {
  applied: boolean;
  reason: string;
  /** Of the stored project, as it is now. */
  revision?: string;
}

/** Nothing is kept unless it was asked for, the project is a stored one, and the work is done. */
export async function applyTo(
  { asked, subject, files, outcome, validation, actor }: Correction,
  store: ProjectStore | undefined,
): Promise<Applied> {
  const stays = subject.revision === null ? {} : { revision: subject.revision };
  if (!asked.apply) return { applied: false, reason: "it was not asked for", ...stays };
  if (asked.project_id === undefined || store === undefined || subject.revision === null) {
    return { applied: false, reason: "no project_id was given", ...stays };
  }
  if (outcome.next !== null) return { applied: false, reason: "not all files were read yet", ...stays };
  if (files.length === 0) return { applied: false, reason: "nothing was changed", ...stays };
  const metrics = metricsOf(asked, validation, outcome);
  const { revision } = await store.save(asked.project_id, {
    revision: subject.revision,
    files,
    actor,
    ...(metrics === undefined ? {} : { metrics }),
  });
  return { applied: true, reason: "it was asked for", revision };
}

/** Only what one call has read whole is a measurement of the project. */
function metricsOf(
  { continue_from, issues }: CorrectionCall,
  { passed, qualityScore, missingFiles, issues: left }: Validation,
  { applied }: FixOutcome,
): QualityMetrics | undefined {
  if (qualityScore === null || continue_from !== 0 || issues !== undefined) return undefined;
  return {
    phase: "healed",
    quality_score: qualityScore,
    validation_passed: passed,
    missing_files: missingFiles,
    issues: left.slice(0, 50).map(({ path, rule, severity, line, message }) => ({
      path,
      rule,
      severity,
      line,
      message: message.slice(0, 300),
    })),
    issue_count: left.length,
    error_count: left.filter(({ severity }) => severity === "error").length,
    fixes_applied: applied.length,
    files_added: 0,
    details: { by: "autonomous-corrector" },
  };
}
