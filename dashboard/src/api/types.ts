/** The rows as the dashboard's functions answer with them; their columns are those of the backend's own types. @module */

import type { PatternLine } from "./learnedTypes.ts";
import type { Database } from "../../../supabase/functions/_shared/core/database.types.ts";

type Tables = Database["public"]["Tables"];
/** A row of a table. */
export type Row<Name extends keyof Tables> = Tables[Name]["Row"];

/** Where a page begins: after this row. */
export interface Cursor {
  at: string;
  id: string;
}

/** One page of a list. */
export interface Page<T> {
  rows: T[];
  next: Cursor | null;
}

/** An error group as a line. */
export type ErrorLine = Pick<
  Row<"detected_errors">,
  | "id"
  | "error_type"
  | "error_code"
  | "error_message"
  | "category"
  | "severity"
  | "source"
  | "function_name"
  | "project_id"
  | "status"
  | "occurrence_count"
  | "attempt_count"
  | "first_seen_at"
  | "last_seen_at"
  | "next_attempt_at"
  | "resolution"
>;

/** A fix as a line. */
export type FixLine =
  & Pick<
    Row<"auto_fixes">,
    | "id"
    | "detected_error_id"
    | "action_kind"
    | "action_group"
    | "target"
    | "tier"
    | "confidence"
    | "risk"
    | "status"
    | "reason"
    | "what_will_happen"
    | "approved_by"
    | "created_at"
    | "applied_at"
    | "finished_at"
    | "validate_until"
  >
  & { verdict_reason: string | null };

/** A question to a person as a line. */
export type ApprovalLine =
  & Omit<Row<"admin_approval_queue">, "preview" | "alternatives">
  & { fix: FixLine; error_message: string };

/** One object that a fix changes. */
export interface ObjectChange {
  class: string;
  name: string;
  change: "made" | "changed" | "removed";
  before: string[];
  after: string[];
}

/** What exactly a fix changes. */
export interface FixChanges {
  objects: ObjectChange[];
  rows: Record<string, unknown>[];
  more?: { objects: number; key: string };
}

/** A question to a person in full. */
export type Approval =
  & Omit<Row<"admin_approval_queue">, "preview" | "alternatives">
  & {
    preview: FixChanges | null;
    alternatives: (Record<string, unknown> & { action: Record<string, unknown> })[];
    fix: Pick<
      Row<"auto_fixes">,
      | "action"
      | "action_kind"
      | "target"
      | "risk"
      | "tier"
      | "confidence"
      | "reason"
      | "status"
      | "evidence"
    >;
    error: Pick<
      Row<"detected_errors">,
      | "error_type"
      | "error_message"
      | "function_name"
      | "occurrence_count"
      | "last_seen_at"
      | "status"
    >;
  };

/** Something that happened. */
export type HealingEvent = Pick<
  Row<"healing_events">,
  | "id"
  | "created_at"
  | "event_type"
  | "category"
  | "severity"
  | "result"
  | "message"
  | "function_name"
  | "strategy"
  | "tier"
  | "occurrences"
  | "duration_ms"
  | "request_id"
  | "trace_id"
  | "details"
  | "auto_fix_id"
>;

/** An error group with what was tried. */
export interface ErrorGroup {
  error: Row<"detected_errors">;
  fixes: (FixLine & { evidence: unknown })[];
  approvals: Pick<
    Row<"admin_approval_queue">,
    | "id"
    | "status"
    | "auto_fix_id"
    | "requested_at"
    | "decided_by"
    | "decision_reason"
  >[];
  analysis:
    | Pick<
      Row<"error_analyses">,
      "status" | "analysis" | "reason" | "model" | "asked_at"
    >
    | null;
  patterns: Pick<
    PatternLine,
    | "id"
    | "pattern_name"
    | "action_kind"
    | "confidence_score"
    | "auto_fixable"
    | "status"
  >[];
  operations: Record<string, number>;
  merged: { id: string; error_message: string; occurrence_count: number }[];
  days: { at: string; n: number }[];
}

/** A fix with its whole life. */
export interface FixDetail {
  fix: Omit<Row<"auto_fixes">, "preview"> & { preview: FixChanges | null };
  revert_refusal: string | null;
  error:
    | Pick<
      Row<"detected_errors">,
      | "id"
      | "error_type"
      | "error_message"
      | "status"
      | "occurrence_count"
      | "function_name"
    >
    | null;
  approvals: Omit<Row<"admin_approval_queue">, "preview" | "alternatives">[];
  reverts: Row<"fix_revert_requests">[];
  rollbacks: Row<"rollback_history">[];
  in_force: boolean | null;
  pattern:
    | Pick<
      PatternLine,
      "id" | "pattern_name" | "confidence_score" | "auto_fixable"
    >
    | null;
  tests: Pick<
    Row<"test_execution_results">,
    "test_id" | "status" | "counts" | "executed_at"
  >[];
  events: Pick<
    HealingEvent,
    "id" | "created_at" | "event_type" | "result" | "message"
  >[];
}

/** A regression test as a line. */
export type TestLine = Pick<
  Row<"auto_generated_tests">,
  | "id"
  | "test_name"
  | "test_type"
  | "status"
  | "status_reason"
  | "error_type"
  | "framework"
  | "project_id"
  | "target_function"
  | "test_file"
  | "confidence_score"
  | "run_count"
  | "pass_count"
  | "fail_count"
  | "error_count"
  | "flaky_count"
  | "last_status"
  | "last_reason"
  | "last_run_at"
  | "next_run_at"
  | "created_at"
>;

/** A regression test with its last runs. */
export interface TestDetail {
  test: Row<"auto_generated_tests">;
  results: Row<"test_execution_results">[];
}

/** A run of a healing function. */
export type RunLine = Pick<
  Row<"healing_runs">,
  | "id"
  | "function_name"
  | "trigger"
  | "status"
  | "dispatched_at"
  | "started_at"
  | "finished_at"
  | "deadline_at"
  | "counters"
  | "reason"
  | "trace_id"
>;

/** An operation that waits, without what it carries. */
export type OperationLine =
  & Pick<
    Row<"queued_operations">,
    | "id"
    | "operation_kind"
    | "target"
    | "status"
    | "caller_role"
    | "detected_error_id"
    | "attempt_count"
    | "next_attempt_at"
    | "last_error"
    | "sent_back"
    | "created_at"
    | "finished_at"
  >
  & { payload_bytes: number; payload_keys: string[] | null };

/** A log entry that came late. */
export type LogLine = Pick<
  Row<"fallback_log_entries">,
  "id" | "level" | "message" | "logged_at" | "uploaded_at"
>;

/** One look of a health check. */
export type HealthLook = Row<"system_health_checks">;

/** A notification that nobody has read. */
export type Notice = Pick<
  Row<"notifications">,
  "id" | "severity" | "title" | "body" | "occurrence_count" | "last_seen_at"
>;
