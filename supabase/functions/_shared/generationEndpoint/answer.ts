/** A generation as the function answers it. @module */

import { isHealingErrorCode, statusOf } from "../core/errors.ts";
import type { Json } from "../core/ports.ts";
import type { ShownGeneration } from "../generationDb.ts";

/** When to look again, in seconds. */
const LOOK_AGAIN_SECONDS = 2;

/** 200 with the project, 202 while it is not done, or the status and the code of its failure. */
export function answerOf(shown: ShownGeneration, requestId: string): Response {
  const { status } = shown;
  if (status === "completed") return Response.json(projectOf(shown));
  if (status === "failed") return failureOf(shown, requestId);
  const { stage, progress, message, seconds_left: secondsLeft, deadline_at: deadlineAt, is_waiting } = shown;
  return Response.json({
    ...idsOf(shown),
    ...{ status, stage, progress, message, deadline_at: deadlineAt, seconds_left: secondsLeft, is_waiting },
  }, { status: 202, headers: { "retry-after": `${LOOK_AGAIN_SECONDS}` } });
}

function idsOf({ request_id, project_id, framework, mode }: ShownGeneration) {
  return { request_id, project_id, framework, mode };
}

function projectOf(shown: ShownGeneration) {
  const project = objectOf(shown.project);
  const quality = objectOf(shown.quality);
  const { migration_status, migration_path, migration_report } = project;
  return {
    ...idsOf(shown),
    status: "completed",
    title: project.title ?? shown.title,
    description: project.description ?? "",
    quality: {
      passed: quality.validation_passed ?? null,
      qualityScore: quality.quality_score ?? null,
      missingFiles: quality.missing_files ?? [],
      issues: quality.issues ?? [],
      fixesApplied: quality.fixes_applied ?? 0,
      filesAdded: quality.files_added ?? 0,
    },
    ...(migration_status === undefined || migration_status === "none" ? {} : {
      migration: { path: migration_path ?? null, status: migration_status, report: migration_report ?? {} },
    }),
    created_at: shown.created_at,
    finished_at: shown.finished_at,
    claims: shown.claim_count,
    files: shown.files ?? [],
  };
}

function objectOf(value: Json): { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

function failureOf(shown: ShownGeneration, requestId: string): Response {
  const failure = shown.failure;
  const code = failure !== null && isHealingErrorCode(failure.code) ? failure.code : "INTERNAL";
  return Response.json({
    code,
    message: failure?.message ?? "The generation failed",
    hint: failure?.hint ?? null,
    requestId,
    error_type: failure?.error_type ?? null,
    ...idsOf(shown),
    ...{ status: "failed", stage: failure?.stage ?? shown.stage, progress: shown.progress },
  }, { status: statusOf(code) });
}
