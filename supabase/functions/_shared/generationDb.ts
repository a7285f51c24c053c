/**
 * The typed client of the part of the database contract that is about generating projects: what was asked for, how far it
 * is, who works on it, and the project that it became. Apart from the rest, so that only who generates loads it.
 *
 * @module
 */

import type { Json, RpcPort } from "./core/ports.ts";
import type { ProjectFile } from "./core/projectPaths.ts";

/** How the files come about: by a model, or from templates without one. */
export type GenerationMode = "model" | "template";
/** Where a generation is. */
export type GenerationStage = "planning" | "writing" | "checking" | "saving";
/** Whether somebody works on it, and how it ended. */
export type GenerationStatus = "queued" | "running" | "completed" | "failed";

/** A wish for a project. */
export interface GenerationDraft {
  /** Its idempotency key; one is made when left out. */
  id?: string;
  /** Of the project that it will be; a new one when left out. */
  project_id?: string;
  /** On whose behalf; what one subject may have is capped. */
  subject: string;
  /** Sanitised. */
  user_request: string;
  framework: string;
  title?: string;
  mode?: GenerationMode;
  options?: Json;
  is_test?: boolean;
}

/** Why a generation failed, as it is shown. */
export interface ShownFailure {
  code: string;
  error_type: string;
  message: string;
  hint: string | null;
  stage: GenerationStage;
}

/** How far a generation is. */
export interface ShownGeneration {
  request_id: string;
  project_id: string;
  subject: string;
  user_request: string;
  framework: string;
  title: string;
  mode: GenerationMode;
  options: Json;
  is_test: boolean;
  status: GenerationStatus;
  stage: GenerationStage;
  /** 0 to 100. */
  progress: number;
  message: string;
  claim_count: number;
  resume_count: number;
  created_at: string;
  deadline_at: string;
  finished_at: string | null;
  seconds_left: number;
  /** Nobody works on it now, and somebody may. */
  is_waiting: boolean;
  failure: ShownFailure | null;
  /** The saved project without its plan; null until it is completed. */
  project: Json;
  /** Its latest measurement. */
  quality: Json;
  /** Null until it is completed. */
  files: { path: string; content?: string }[] | null;
}

/** A generation that one worker has for itself. */
export interface ClaimedGeneration extends ShownGeneration {
  claimed: true;
  claim_number: number;
  /** Where the last worker stopped; `{}` at first. */
  checkpoint: Json;
  /** The files that are written so far. */
  drafts: ProjectFile[];
}

/** How far the work is. */
export interface GenerationCheckpoint {
  /** What the next worker needs; the last one's stays when left out. */
  state?: object;
  stage?: GenerationStage;
  progress?: number;
  message?: string;
}

/** Why a generation ends, as it is stored. */
export interface GenerationFailure {
  code: string;
  error_type: string;
  /** Sanitised. */
  message: string;
  hint?: string | undefined;
  failure_category?: string;
  severity?: "low" | "medium" | "high" | "critical";
  stack_trace?: string | undefined;
  details?: Json;
}

/** Who wrote a file of a generated project first. */
export type FileOrigin = "generated" | "template" | "completed" | "healed" | "person";

/** A file as it is saved. */
export interface SavedFile extends ProjectFile {
  origin: FileOrigin;
}

/** What became of the migration that a project proposes. */
export type MigrationStatus =
  | "none"
  | "proposed"
  | "rehearsed"
  | "applying"
  | "applied"
  | "refused"
  | "failed";

/** A project as it is saved. */
export interface ProjectDraft {
  title: string;
  description: string;
  plan: Json;
  migration?: { path: string; sql: string; status: MigrationStatus; report: Json };
}

/** One measurement of a project. */
export interface QualityMetrics {
  phase?: "generated" | "healed" | "checked";
  quality_score: number;
  validation_passed: boolean;
  missing_files: string[];
  issues: Json;
  issue_count: number;
  error_count: number;
  fixes_applied: number;
  files_added: number;
  duration_ms?: number;
  details?: Json;
}

/** Begins a generation, once for each id. */
export function beginGeneration(
  db: RpcPort,
  draft: GenerationDraft,
): Promise<ShownGeneration & { begun: boolean }> {
  return db.call("begin_generation", { p_request: draft });
}

/** How far a generation is. */
export function readGeneration(db: RpcPort, requestId: string, withFiles = false): Promise<ShownGeneration> {
  return db.call("read_generation", { p_request_id: requestId, p_with_files: withFiles });
}

/** Lets a failed generation go on from its checkpoint. */
export function resumeGeneration(
  db: RpcPort,
  requestId: string,
): Promise<ShownGeneration & { resumed: boolean }> {
  return db.call("resume_generation", { p_request_id: requestId });
}

/** Takes a generation that nobody works on; otherwise says how it is. */
export function claimGeneration(
  db: RpcPort,
  requestId: string,
  worker: string,
  leaseSeconds: number,
): Promise<ClaimedGeneration | (ShownGeneration & { claimed: false })> {
  return db.call("claim_generation", {
    p_request_id: requestId,
    p_worker: worker,
    p_lease_seconds: leaseSeconds,
  });
}

/** Keeps a claim for longer. */
export function renewGeneration(
  db: RpcPort,
  requestId: string,
  claimNumber: number,
  leaseSeconds: number,
): Promise<string> {
  return db.call("renew_generation", {
    p_request_id: requestId,
    p_claim_number: claimNumber,
    p_lease_seconds: leaseSeconds,
  });
}

/** Keeps how far the work is, with the files that are new. */
export function checkpointGeneration(
  db: RpcPort,
  requestId: string,
  claimNumber: number,
  checkpoint: GenerationCheckpoint,
  files: readonly ProjectFile[],
  leaseSeconds: number,
): Promise<{ lease_expires_at: string; seconds_left: number }> {
  return db.call("checkpoint_generation", {
    p_request_id: requestId,
    p_claim_number: claimNumber,
    p_checkpoint: checkpoint,
    p_files: files,
    p_lease_seconds: leaseSeconds,
  });
}

/** Gives a claimed generation back: the next invocation goes on, at once or by the schedule after some seconds. */
export function releaseGeneration(
  db: RpcPort,
  requestId: string,
  claimNumber: number,
  reason: string,
  afterSeconds = 0,
): Promise<void> {
  return db.call("release_generation", {
    p_request_id: requestId,
    p_claim_number: claimNumber,
    p_reason: reason,
    p_after_seconds: afterSeconds,
  });
}

/** Ends a claimed generation; its checkpoint stays. */
export function failGeneration(
  db: RpcPort,
  requestId: string,
  claimNumber: number,
  failure: GenerationFailure,
): Promise<ShownGeneration> {
  return db.call("fail_generation", {
    p_request_id: requestId,
    p_claim_number: claimNumber,
    p_failure: failure,
  });
}

/** Saves a claimed generation whole, or not at all. */
export function saveGeneratedProject(
  db: RpcPort,
  requestId: string,
  claimNumber: number,
  project: ProjectDraft,
  files: readonly SavedFile[],
  metrics: QualityMetrics,
): Promise<ShownGeneration> {
  return db.call("save_generated_project", {
    p_request_id: requestId,
    p_claim_number: claimNumber,
    p_project: project,
    p_files: files,
    p_metrics: metrics,
  });
}

/** Moves the migration of a saved project; false when the move is not possible. */
export function moveGeneratedMigration(
  db: RpcPort,
  projectId: string,
  status: MigrationStatus,
  report: Json,
  sql?: string,
): Promise<boolean> {
  return db.call("move_generated_migration", {
    p_project_id: projectId,
    p_status: status,
    p_report: report,
    p_sql: sql ?? null,
  });
}
