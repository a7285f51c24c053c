/** Deployments and their rollouts, as the dashboard's functions answer with them. @module */

import type { Row } from "./types.ts";

/** A deployment as a line. */
export type DeploymentLine =
  & Pick<
    Row<"deployment_logs">,
    | "id"
    | "project_id"
    | "provider"
    | "environment"
    | "action"
    | "trigger_kind"
    | "trigger_reason"
    | "status"
    | "status_reason"
    | "requested_by"
    | "approved_by"
    | "url"
    | "subject_id"
    | "created_at"
    | "deployed_at"
    | "finished_at"
    | "settled_at"
  >
  & { rollout: RolloutLine | null };

/** How far a release is. */
export type RolloutLine = Pick<
  Row<"rollouts">,
  "id" | "mode" | "status" | "share" | "reason" | "steps" | "step"
>;

/** One minute of a release: requests, errors and slow ones of it, and of the others. */
export type RolloutMinute = [
  at: string,
  requests: number,
  errors: number,
  slow: number,
  controlRequests: number,
  controlErrors: number,
  controlSlow: number,
];

/** A rollout as a chart needs it. */
export interface RolloutCurve {
  rollout: Row<"rollouts">;
  minutes: RolloutMinute[];
  before: { requests: number | null; errors: number | null } | null;
  verdicts: Omit<Row<"rollout_verdicts">, "rollout_id">[];
}

/** A deployment with its whole life. */
export interface DeploymentDetail {
  deployment:
    & DeploymentLine
    & Pick<
      Row<"deployment_logs">,
      "changes" | "provider_state" | "error" | "approval_reason" | "cancel_requested_by" | "cancel_reason"
    >
    & { has_rollback_point: boolean };
  triggers: Pick<
    Row<"deployment_triggers">,
    "id" | "kind" | "reason" | "auto_fix_id" | "fix_experiment_id" | "requested_by" | "requested_at"
  >[];
  rollbacks: Row<"deployment_rollbacks">[];
  curve: RolloutCurve | null;
  errors: { id: string; error_message: string; status: string; score: number; reason: string }[];
}
