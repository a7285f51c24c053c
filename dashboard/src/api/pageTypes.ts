/** What the pages of the dashboard get that are no list: overview, figures, settings, schedules. @module */

import type { DeploymentLine } from "./deploymentTypes.ts";
import type { FixLine, Notice } from "./types.ts";

/** A status word of health. */
export type HealthWord = "healthy" | "degraded" | "unhealthy" | "unknown";

/** What is shown of one health check. */
export interface CheckState {
  check_name: string;
  status: HealthWord;
  since: string;
  looked_at: string;
  is_stale: boolean;
  last_look: HealthWord | null;
  reason: string | null;
  measured_value: number | null;
  threshold: number | null;
  duration_ms: number | null;
}

/** What is shown of all health checks. */
export interface HealthStatus {
  status: HealthWord;
  checked_at: string | null;
  checks: CheckState[];
}

/** The figures of a time. */
export interface HealingStats {
  since: string;
  errors: Record<
    | "groups"
    | "occurrences"
    | "healed"
    | "open"
    | "validating"
    | "awaiting_approval"
    | "escalated",
    number
  >;
  fixes:
    & Record<
      "proposed" | "kept" | "reverted" | "failed" | "inconclusive",
      number
    >
    & { median_duration_ms: number | null };
  healed_in_request: number;
  patterns: { known: number; may_act_alone: number };
  runs: { finished: number; failed: number; lost: number };
}

/** A switch: what is wanted, what is in force, and why they differ. */
export interface Switch {
  wanted: unknown;
  actual: unknown;
  reason: string;
  updated_by: string;
  updated_at: string | null;
}

/** A burst of refusals, and whether it stops healing. */
export interface SecurityState {
  hold: boolean;
  targets: number;
  subjects: number;
  signatures: number;
  minutes: number;
  reason: string;
}

/** The first of a longer list. */
export interface Several<T> {
  total: number;
  first: T[];
}

/** What waits for a person. */
export interface Waiting {
  approvals: Several<
    & Pick<
      FixLine,
      "id" | "what_will_happen" | "risk" | "target" | "action_kind"
    >
    & { expires_at: string }
  >;
  escalated: Several<
    {
      id: string;
      error_message: string;
      severity: string;
      occurrence_count: number;
      last_seen_at: string;
      resolution: string | null;
    }
  >;
  deployments: Several<
    Pick<DeploymentLine, "id" | "trigger_reason" | "action" | "project_id" | "status" | "created_at"> & {
      reason: string;
    }
  >;
  operations: number;
  notifications: Several<Notice>;
  security: SecurityState;
}

/** What the dashboard opens with. */
export interface Overview {
  health: HealthStatus;
  stats: HealingStats;
  waiting: Waiting;
  switches: Record<string, Switch>;
  hours: { at: string; errors: number; healed: number }[];
  running_experiments: number;
  last_run: {
    status: string;
    dispatched_at: string;
    finished_at: string | null;
    reason: string | null;
  } | null;
  at: string;
}

/** A row of a figure: a week and its values. */
export type KpiRow = { week: string } & Record<string, number | null | string>;

/** The figures by which the system is judged. */
export interface Kpis {
  auto_fix_success: KpiRow[];
  recovery_time: KpiRow[];
  escalation_rate: KpiRow[];
  human_work: KpiRow[];
  patterns_learned: KpiRow[];
  tests_from_failures: KpiRow[];
  ai_calls_avoided: KpiRow[];
  self_audit: {
    rate: string;
    n: number;
    wrong: number;
    share: number | null;
    under_way: number;
  }[];
}

/** A setting or a restraint with its name. */
export interface Control extends Switch {
  control: string;
  description: string;
}

/** Every switch and limit. */
export interface Controls {
  controls: Control[];
  settings: (Omit<Control, "control"> & { key: string })[];
  ai_budget: {
    limit_tokens: number | string;
    limit_usd: number | string;
    committed_tokens: number;
    committed_usd: string;
    refused: number;
  } | null;
  security: SecurityState;
  channels: {
    name: string;
    status: string;
    reason: string;
    last_sent_at: string | null;
    last_error: string | null;
  }[];
}

/** The schedules and whether they fire. */
export interface Schedules {
  jobs:
    | {
      name: string;
      schedule: string;
      active: boolean;
      last_status: string | null;
      last_start: string | null;
      last_message: string | null;
      is_late: boolean | null;
    }[]
    | null;
  functions: {
    function_name: string;
    last: {
      status: string;
      dispatched_at: string;
      finished_at: string | null;
      reason: string | null;
    } | null;
  }[];
  cycles: {
    cycle: number;
    project_id: string;
    status: string;
    counters: Record<string, unknown>;
    reason: string | null;
    started_at: string;
    finished_at: string | null;
  }[];
  breakers: {
    name: string;
    state: string;
    mode: string;
    reason: string;
    changed_at: string;
    opened_at: string | null;
  }[];
}
