/** What was learned, as the dashboard's functions answer with it: patterns and experiments. @module */

import type { FixLine, Row } from "./types.ts";

/** A learned pattern as a line. */
export type PatternLine = Pick<
  Row<"universal_error_patterns">,
  | "id"
  | "pattern_name"
  | "error_signature"
  | "action_kind"
  | "category"
  | "origin"
  | "project_id"
  | "status"
  | "success_count"
  | "failure_count"
  | "consecutive_failures"
  | "confidence_score"
  | "probability_ineffective"
  | "auto_fixable"
  | "trust_decision"
  | "last_used_at"
  | "updated_at"
>;

/** A learned pattern with how its trust went. */
export interface PatternDetail {
  pattern: Row<"universal_error_patterns">;
  changes: Row<"pattern_changes">[];
  evidence: { at: string; succeeded: boolean; score: number }[];
  fixes: FixLine[];
}

/** One fix of an experiment: its outcomes so far. */
export interface Variant {
  rate: number | null;
  n: number;
}

/** An experiment as people see it. */
export interface Experiment {
  id: string;
  error_signature: string;
  project_id: string;
  pattern_id: string;
  pattern_name: string | null;
  fix_variant_a: Record<string, unknown>;
  fix_variant_b: Record<string, unknown>;
  share_of_b: number;
  experiment_status: "running" | "completed" | "cancelled";
  winning_variant: "a" | "b" | null;
  sample_size: number;
  max_n: number;
  a: Variant;
  b: Variant;
  log_a: number;
  log_b: number;
  decision: string | null;
  reason: string | null;
  ended_by: string | null;
  first_choice: "a" | "b";
  started_at: string;
  judged_at: string | null;
  concluded_at: string | null;
}

/** An experiment with its e-values over time. */
export interface ExperimentDetail {
  experiment: Experiment;
  series: { at: string; n: number; log_a: number; log_b: number }[];
}
