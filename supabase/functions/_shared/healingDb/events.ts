/** Events, statistics, heals in requests and build events. @module */

import type { PatternDraft } from "../core/fixes.ts";
import type { Json, RpcPort } from "../core/ports.ts";
import type { ErrorCategory, ErrorSeverity } from "../core/sqlState.ts";

/** What an error or event is about. */
export type HealingCategory = ErrorCategory;

/** How bad it is. */
export type HealingSeverity = ErrorSeverity;

/** How an event ended. */
export type HealingResult =
  | "pending"
  | "success"
  | "failure"
  | "skipped"
  | "inconclusive";

/** An event as it is written; what is left out gets its default. */
export interface InsertHealingEvent {
  event_type: string;
  category?: HealingCategory;
  severity?: HealingSeverity;
  result?: HealingResult;
  message?: string;
  function_name?: string | null;
  project_id?: string;
  fingerprint?: string | null;
  detected_error_id?: string | null;
  auto_fix_id?: string | null;
  strategy?: string | null;
  tier?: string | null;
  duration_ms?: number | null;
  request_id?: string | null;
  details?: Json;
}

/** An event as it is stored; times are ISO 8601. */
export interface SelectHealingEvent extends Required<InsertHealingEvent> {
  id: string;
  created_at: string;
  occurrences: number;
}

/** Which events to read, newest first; times are ISO 8601. */
export interface HealingEventFilter {
  since?: string;
  before?: string;
  event_type?: string;
  category?: HealingCategory;
  severity?: HealingSeverity;
  result?: HealingResult;
  project_id?: string;
  function_name?: string;
  detected_error_id?: string;
  offset?: number;
  /** At most 500; 50 when left out. */
  limit?: number;
}

/** Appends one event. Returns its id. */
export async function createHealingEvent(
  db: RpcPort,
  event: InsertHealingEvent,
): Promise<string> {
  const [id] = await createHealingEvents(db, [event]);
  return id!;
}

/** Appends up to 1,000 events. Returns their ids. */
export function createHealingEvents(
  db: RpcPort,
  events: readonly InsertHealingEvent[],
): Promise<string[]> {
  return db.call("create_healing_events", { p_events: events });
}

/** Reads one page of events. */
export function getHealingEvents(
  db: RpcPort,
  filter: HealingEventFilter = {},
): Promise<{ events: SelectHealingEvent[]; has_more: boolean }> {
  return db.call("get_healing_events", { p_filter: filter });
}

/** Counts since a time: errors, fixes, heals in requests, patterns, runs. */
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
    & {
      median_duration_ms: number | null;
    };
  healed_in_request: number;
  patterns: Record<"known" | "may_act_alone", number>;
  runs: Record<"finished" | "failed" | "lost", number>;
}

/** Counts what happened; of the last 24 hours when no time is given (ISO 8601). */
export function getHealingStats(
  db: RpcPort,
  since?: string,
): Promise<HealingStats> {
  return db.call(
    "get_healing_stats",
    since === undefined ? {} : { p_since: since },
  );
}

/** A heal inside a request, with the pattern that it is evidence for. */
export interface RequestHeal extends Omit<InsertHealingEvent, "event_type"> {
  pattern?: PatternDraft;
  /** The unit of work under which the outcome counts once. */
  unit?: string;
}

/** Records heals that happened inside requests. Returns how many. */
export function recordRequestHeals(
  db: RpcPort,
  heals: readonly RequestHeal[],
): Promise<number> {
  return db.call("record_request_heals", { p_heals: heals });
}

/** Appends a build event. Returns its id. */
export function recordBuildEvent(
  db: RpcPort,
  event: {
    event_type: "auto_heal_success" | "auto_heal_failed" | "schema_auto_fix";
    title: string;
    details: Json;
    detected_error_id?: string;
    auto_fix_id?: string;
  },
): Promise<string> {
  return db.call("record_build_event", { p_event: event });
}

/** A failure of generation, as it is written. */
export interface InsertGenerationFailure {
  error_type: string;
  error_message: string;
  failure_category?: string;
  severity?: HealingSeverity;
  occurrence_count?: number;
  stack_trace?: string;
  framework?: string;
  user_request?: string;
  project_id?: string;
  details?: Json;
}

/** Appends failures of generation. Returns how many. */
export function recordGenerationFailures(
  db: RpcPort,
  failures: readonly InsertGenerationFailure[],
): Promise<number> {
  return db.call("record_generation_failures", { p_failures: failures });
}

/** Tells whoever watches a project; false where realtime is missing. */
export function broadcastProjectEvent(
  db: RpcPort,
  projectId: string,
  event: string,
  payload: Record<string, Json>,
): Promise<boolean> {
  return db.call("broadcast_project_event", { p_project_id: projectId, p_event: event, p_payload: payload });
}
