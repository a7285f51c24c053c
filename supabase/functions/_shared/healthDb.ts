/**
 * The typed client of the part of the database contract that is about health: what was looked at, what is shown of it, and
 * the figures that checks judge. Apart from the rest, so that only who watches loads it.
 *
 * @module
 */

import type { Json, RpcPort } from "./core/ports.ts";

/** What a check can say. */
export type HealthStatus = "healthy" | "degraded" | "unhealthy" | "unknown";

/** One look of one check, to be stored. */
export interface HealthCheckDraft {
  /** Lower-case letters, digits and underscores. */
  check_name: string;
  status: HealthStatus;
  /** One sentence; no secret. */
  reason: string;
  measured_value?: number;
  threshold?: number;
  duration_ms?: number;
  details?: Json;
  run_id?: string;
}

/** One look as it is stored. */
export interface StoredHealthCheck {
  id: string;
  check_name: string;
  status: HealthStatus;
  measured_value: number | null;
  threshold: number | null;
  reason: string;
  duration_ms: number;
  details: Json;
  run_id: string | null;
  created_at: string;
}

/** A state that people do not know yet; `told` is what they know. */
export interface HealthNews {
  check_name: string;
  status: Exclude<HealthStatus, "unknown">;
  told: Exclude<HealthStatus, "unknown">;
  reason: string;
  measured_value: number | null;
  threshold: number | null;
  details: Json;
}

/** What is shown of one check, with its last look. */
export interface ShownHealthCheck {
  check_name: string;
  status: HealthStatus;
  since: string;
  looked_at: string;
  /** Nobody has looked for ten minutes. */
  is_stale: boolean;
  last_look: HealthStatus;
  reason: string;
  measured_value: number | null;
  threshold: number | null;
  duration_ms: number;
  details: Json;
}

/** The whole system in one word, and each check. */
export interface SystemHealth {
  status: HealthStatus;
  checked_at: string | null;
  checks: ShownHealthCheck[];
}

/** Which looks are asked for; times are ISO 8601. */
export interface HealthCheckFilter {
  check_name?: string;
  status?: HealthStatus;
  since?: string;
  /** For the next page: the last one's `created_at`. */
  before?: string;
  /** At most 500; 100. */
  limit?: number;
}

/** How requests fared. */
export interface RequestHealth {
  /** Percent; null without requests. */
  error_rate: number | null;
  total_requests: number;
  error_count: number;
  timeout_count: number;
  timeout_rate: number | null;
  p95_ms: number | null;
}

/** What the database says of itself. */
export interface DatabaseHealth {
  connections_used: number;
  connections_max: number;
  long_transactions: number;
  oldest_transaction_s: number;
  lock_waits: number;
  longest_lock_wait_s: number;
  database_bytes: number;
  /** 0: not known. */
  limit_mb: number;
  read_only: boolean;
  /** Whether the times of other roles' sessions are visible. */
  sees_all: boolean;
}

/** What the healing system says of itself. */
export interface HealingHealth {
  jobs: { installed: false } | {
    installed: true;
    jobs: number;
    failing: string[];
    silent: string[];
    switched_off: string[];
    missing: string[];
  };
  /** Of the last hour. */
  runs: { lost: number; failed: number; finished: number };
  /** What a switch, a hold or a restraint keeps back has no age. */
  queue_age_s: { operations: number; errors: number; notifications: number };
  operations_for_a_person: number;
  approvals: { waiting: number; oldest_s: number };
  late_log_entries: number;
  open_breakers: string[];
  ai_budget: {
    limit_tokens: number;
    limit_usd: number;
    committed_tokens: number;
    committed_usd: string;
    refused: number;
  } | null;
}

/** Stores looks, all or none; returns the states that people do not know yet. */
export function recordHealthChecks(
  db: RpcPort,
  checks: readonly HealthCheckDraft[],
): Promise<{ ids: string[]; to_tell: HealthNews[] }> {
  return db.call("record_health_checks", { p_checks: checks });
}

/** Remembers what people were told. */
export function markHealthTold(
  db: RpcPort,
  told: readonly { check_name: string; status: HealthStatus }[],
): Promise<number> {
  return db.call("mark_health_told", { p_told: told });
}

/** What is shown of each check, and one word for all. */
export function getHealthStatus(db: RpcPort): Promise<SystemHealth> {
  return db.call("get_health_status", {});
}

/** Looks, the newest first. */
export function findHealthChecks(
  db: RpcPort,
  filter: HealthCheckFilter,
): Promise<{ checks: StoredHealthCheck[]; has_more: boolean }> {
  return db.call("get_health_checks", { p_filter: filter });
}

/** Errors, timeouts and durations of a time such as `15 minutes`. */
export function getRequestHealth(db: RpcPort, timeWindow: string): Promise<RequestHealth> {
  return db.call("get_request_health", { time_window: timeWindow });
}

/** The figures of the database. */
export function getDatabaseHealth(db: RpcPort): Promise<DatabaseHealth> {
  return db.call("get_database_health", {});
}

/** The figures of the healing itself. */
export function getHealingHealth(db: RpcPort): Promise<HealingHealth> {
  return db.call("get_healing_health", {});
}

/** Calls the engine or the monitor for what is not well, each check at most once in ten minutes. */
export function callHealing(db: RpcPort): Promise<{ checks: string[]; runs: Record<string, string> }> {
  return db.call("trigger_proactive_healing", {});
}
