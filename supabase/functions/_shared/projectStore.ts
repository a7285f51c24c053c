/**
 * Generated projects as code is read and saved: whole, with the revision that was read, so that nobody's change is lost.
 *
 * @example
 * ```ts
 * import { createProjectStore } from "./projectStore.ts";
 *
 * const store = createProjectStore({ call: () => Promise.resolve(null as never) });
 * if (await store.read(crypto.randomUUID()) !== null) throw new Error("there is no such project");
 * ```
 *
 * @module
 */

import type { Json, RpcPort } from "./core/ports.ts";
import type { ProjectFile } from "./core/projectPaths.ts";
import type { OpenedFix } from "./engineDb.ts";

/** A project as it is stored. */
export interface StoredProject {
  id: string;
  title: string;
  framework: string;
  /** Changes when a file comes, goes or is changed. */
  revision: string;
  quality_score: number | null;
  files: ProjectFile[];
}

/** A measurement of a project, under the names of its row. */
export interface QualityMetrics {
  phase: "healed" | "checked";
  quality_score: number;
  validation_passed: boolean;
  missing_files: readonly string[];
  issues: readonly { [key: string]: Json }[];
  issue_count: number;
  error_count: number;
  fixes_applied: number;
  files_added: number;
  duration_ms?: number;
  details: { [key: string]: Json };
}

/** Corrected files of a project, and what was read when they were corrected. */
export interface Correction {
  revision: string;
  files: readonly ProjectFile[];
  metrics?: QualityMetrics;
  /** Who asked for it. */
  actor: string;
}

/** Reads and saves projects. */
export interface ProjectStore {
  /** Null when there is none. */
  read(projectId: string): Promise<StoredProject | null>;
  /** Saves all or nothing, the first text of each file kept; rejects with `CONFLICT` when the project has another revision. */
  save(projectId: string, correction: Correction): Promise<{ changed: number; revision: string }>;
}

/** Projects in the database. */
export function createProjectStore(db: RpcPort): ProjectStore {
  return {
    read: (projectId) => db.call("read_project_files", { p_project_id: projectId }),
    save: (projectId, { revision, files, metrics, actor }) =>
      db.call("save_corrected_project", {
        p_project_id: projectId,
        p_revision: revision,
        p_files: files,
        ...(metrics === undefined ? {} : { p_metrics: metrics }),
        p_actor: actor,
      }),
  };
}

/** A project whose quality is to be looked at. */
export interface QualityWork {
  project_id: string;
  /** A fix of it waits to be told whether it helped. */
  unproved: boolean;
}

/** The next project to look at; null when there is none. */
export function findQualityWork(
  db: RpcPort,
  leastScore: number,
  projectId?: string,
): Promise<QualityWork | null> {
  return db.call("find_quality_work", {
    p_least_score: leastScore,
    ...(projectId === undefined ? {} : { p_project_id: projectId }),
  });
}

/** Keeps a measurement; false when the project is not as it was measured any more. */
export function recordProjectQuality(
  db: RpcPort,
  { id, revision }: Pick<StoredProject, "id" | "revision">,
  metrics: QualityMetrics,
): Promise<boolean> {
  return db.call("record_project_quality", { p_project_id: id, p_revision: revision, p_metrics: metrics });
}

/** Tells the fixes of a project that wait for it whether the project is better now. */
export function recordQualityProof(
  db: RpcPort,
  projectId: string,
  { score, errors }: { score: number; errors: number },
): Promise<number> {
  return db.call("record_quality_proof", {
    p_project_id: projectId,
    p_score: score,
    p_error_count: errors,
  });
}

/** Opens a fix of a project as if it were an error, under a claim. */
export function openQualityFix(
  db: RpcPort,
  projectId: string,
  fix: { fingerprint: string; type: string; message: string },
  worker: string,
): Promise<OpenedFix> {
  return db.call("open_quality_fix", { p_project_id: projectId, p_fix: fix, p_worker: worker });
}
