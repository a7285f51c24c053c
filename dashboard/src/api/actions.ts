/**
 * Everything that the dashboard asks of the backend and tells it, each as one call of a database function that checks
 * itself who asks. Reads are functions made for pages; writes are the doors that SQL offers to everybody who may.
 *
 * @module
 */

import type { SupabaseClient } from "@supabase/supabase-js";
import { CallError, callRpc } from "./client.ts";
import type { DeploymentDetail, DeploymentLine } from "./deploymentTypes.ts";
import type { Experiment, ExperimentDetail, PatternDetail, PatternLine } from "./learnedTypes.ts";
import type { Controls, HealingStats, HealthStatus, Kpis, Overview, Schedules } from "./pageTypes.ts";
import type {
  Approval,
  ApprovalLine,
  Cursor,
  ErrorGroup,
  ErrorLine,
  FixDetail,
  FixLine,
  HealingEvent,
  HealthLook,
  LogLine,
  OperationLine,
  Page,
  RunLine,
  TestDetail,
  TestLine,
} from "./types.ts";

/** The lists and what their lines are. */
export interface Lists {
  list_error_groups: ErrorLine;
  list_fixes: FixLine;
  list_approval_requests: ApprovalLine;
  list_experiments: Experiment;
  list_patterns: PatternLine;
  list_tests: TestLine;
  list_healing_runs: RunLine;
  list_queued_operations: OperationLine;
  list_fallback_logs: LogLine;
  list_deployments: DeploymentLine;
}

/** One page of a list. */
export function readPage<Name extends keyof Lists>(
  client: SupabaseClient,
  name: Name,
  filter: Record<string, unknown>,
): Promise<Page<Lists[Name]>> {
  return callRpc(client, name, { p_filter: filter });
}

/** What is read whole: its function, its arguments, and what comes back. */
export interface Reads {
  get_dashboard_overview: [Record<string, never>, Overview];
  get_healing_kpis: [Record<string, never>, Kpis];
  get_healing_controls: [Record<string, never>, Controls];
  get_schedules: [Record<string, never>, Schedules];
  get_health_status: [Record<string, never>, HealthStatus];
  get_error_group: [{ p_error_id: string }, ErrorGroup];
  get_fix: [{ p_fix_id: string }, FixDetail];
  get_experiment: [{ p_experiment_id: string }, ExperimentDetail];
  get_learned_pattern: [{ p_pattern_id: string }, PatternDetail];
  get_test: [{ p_test_id: string }, TestDetail];
  get_deployment: [{ p_deployment_id: string }, DeploymentDetail];
  get_shareable_patterns: [Record<string, never>, Record<string, unknown>[]];
}

/** Reads something whole. */
export function readWhole<Name extends keyof Reads>(
  client: SupabaseClient,
  name: Name,
  args: Reads[Name][0],
): Promise<Reads[Name][1]> {
  return callRpc(client, name, args);
}

/** One page of what happened, newest first. */
export async function getHealingEventsAction(
  client: SupabaseClient,
  filter: {
    detected_error_id?: string;
    event_type?: string;
    limit?: number;
    after?: Cursor;
  },
): Promise<Page<HealingEvent>> {
  const { after, ...rest } = filter;
  const { events, has_more } = await callRpc<
    { events: HealingEvent[]; has_more: boolean }
  >(client, "get_healing_events", {
    p_filter: {
      ...rest,
      ...(after === undefined ? {} : { before: after.at, before_id: after.id }),
    },
  });
  return { rows: events, next: nextOf(events, has_more) };
}

/** One page of looks of the health checks, newest first. */
export async function getHealthChecksAction(
  client: SupabaseClient,
  filter: {
    check_name?: string;
    since?: string;
    limit?: number;
    after?: Cursor;
  },
): Promise<Page<HealthLook>> {
  const { after, ...rest } = filter;
  const { checks, has_more } = await callRpc<
    { checks: HealthLook[]; has_more: boolean }
  >(client, "get_health_checks", {
    p_filter: {
      ...rest,
      ...(after === undefined ? {} : { before: after.at, before_id: after.id }),
    },
  });
  return { rows: checks, next: nextOf(checks, has_more) };
}

/** The figures since a time, of the last day when none is given. */
export function getHealingStatsAction(
  client: SupabaseClient,
  since?: string,
): Promise<HealingStats> {
  return callRpc(
    client,
    "get_healing_stats",
    since === undefined ? {} : { p_since: since },
  );
}

function nextOf(
  rows: readonly { created_at: string; id: string }[],
  hasMore: boolean,
): Cursor | null {
  const last = rows.at(-1);
  return hasMore && last !== undefined ? { at: last.created_at, id: last.id } : null;
}

/** One question to a person, with what exactly would change; undefined when there is none of this id. */
export async function getApprovalAction(
  client: SupabaseClient,
  id: string,
): Promise<Approval | null> {
  const found = await callRpc<Approval[]>(client, "list_approvals", {
    p_limit: 1,
    p_approval_id: id,
  });
  return found[0] ?? null;
}

/** What an admin may do, each with a reason that is kept. */
export const ACTS = {
  approve: (approvalId: string, seen: string | null) => ["decide_approval", {
    p_approval_id: approvalId,
    p_decision: "approve",
    p_seen: seen,
  }],
  reject: (
    approvalId: string,
  ) => ["decide_approval", { p_approval_id: approvalId, p_decision: "reject" }],
  chooseAlternative: (
    approvalId: string,
    place: number,
  ) => ["choose_alternative", {
    p_approval_id: approvalId,
    p_alternative: place,
  }],
  revertFix: (fixId: string) => ["request_revert", { p_fix_id: fixId }],
  decideError: (
    errorId: string,
    decision: "reopen" | "resolve" | "ignore",
  ) => ["decide_error", {
    p_error_id: errorId,
    p_decision: decision,
  }],
  concludeExperiment: (
    experimentId: string,
    winner: "a" | "b" | "none",
  ) => ["conclude_fix_experiment", {
    p_experiment_id: experimentId,
    p_winner: winner,
  }],
  cancelExperiment: (
    experimentId: string,
  ) => ["cancel_fix_experiment", { p_experiment_id: experimentId }],
  promotePattern: (
    patternId: string,
  ) => ["promote_pattern", { p_pattern_id: patternId }],
  demotePattern: (
    patternId: string,
  ) => ["demote_pattern", { p_pattern_id: patternId }],
  decideOperation: (
    operationId: string,
    decision: "requeue" | "discard",
  ) => ["decide_operation", {
    p_operation_id: operationId,
    p_decision: decision,
  }],
  setBreakerMode: (
    name: string,
    mode: string,
  ) => ["set_circuit_breaker_mode", { p_name: name, p_mode: mode }],
  changeSetting: (
    key: string,
    value: unknown,
  ) => ["change_healing_setting", { p_key: key, p_value: value }],
  decideDeployment: (deploymentId: string, decision: "approve" | "cancel" | "ready" | "failed") => [
    "decide_deployment",
    { p_deployment_id: deploymentId, p_decision: decision },
  ],
  rollBackDeployment: (deploymentId: string) => ["rollback_deployment", { p_deployment_id: deploymentId }],
  steerRollout: (rolloutId: string, move: "advance" | "pause" | "resume" | "promote" | "roll_back") => [
    `${move}_rollout`,
    { p_rollout_id: rolloutId },
  ],
  acknowledgeBurst: (
    minutes: number,
  ) => ["acknowledge_security_burst", { p_minutes: minutes }],
} as const satisfies Record<
  string,
  (...args: never[]) => readonly [string, Record<string, unknown>]
>;

/** A call that changes something; its reason is added when it is made. */
export type Act = readonly [name: string, args: Record<string, unknown>];

/** Makes a change, with its reason; what is refused in an answer is an error like any other. */
export async function act(client: SupabaseClient, [name, args]: Act, reason: string): Promise<unknown> {
  const answer = await callRpc<unknown>(client, name, { ...args, p_reason: reason });
  const refusal = (answer as { refusal?: unknown } | null)?.refusal;
  if (typeof refusal === "string" && refusal !== "") {
    throw new CallError("refused", refusal, "REFUSED", undefined);
  }
  return answer;
}

/** Says that a person has seen notifications. */
export function markNotificationsRead(
  client: SupabaseClient,
  ids: readonly string[],
): Promise<unknown> {
  return callRpc(client, "mark_notifications_read", { p_ids: ids });
}
