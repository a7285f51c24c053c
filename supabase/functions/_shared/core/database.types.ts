/**
 * The types of the database, written by `deno task gates types --write` from what the migrations build.
 *
 * @module
 */

/** Any JSON value. */
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

/** The values of public.admin_approval_queue.status. */
export type AdminApprovalQueueStatus = "pending" | "approved" | "rejected" | "expired";

/** A row of public.admin_approval_queue: Fixes that wait for a person: what exactly will happen, the alternatives, and until when. */
export type AdminApprovalQueueRow = {
  id: string;
  auto_fix_id: string;
  detected_error_id: string;
  status: AdminApprovalQueueStatus;
  reason: string;
  what_will_happen: string;
  alternatives: Json;
  requested_at: string;
  expires_at: string;
  decided_at: string | null;
  decided_by: string | null;
  decision_reason: string | null;
};

/** What an insert into public.admin_approval_queue takes. */
export type AdminApprovalQueueInsert = {
  id?: string;
  auto_fix_id: string;
  detected_error_id: string;
  status?: AdminApprovalQueueStatus;
  reason: string;
  what_will_happen: string;
  alternatives?: Json;
  requested_at?: string;
  expires_at: string;
  decided_at?: string | null;
  decided_by?: string | null;
  decision_reason?: string | null;
};

/** The values of public.applied_improvements.status. */
export type AppliedImprovementsStatus = "in_force" | "rolled_back";

/** A row of public.applied_improvements: What is in force at this moment, each with the point to which it can be rolled back. */
export type AppliedImprovementsRow = {
  id: string;
  auto_fix_id: string;
  action_kind: string;
  target: string;
  description: string;
  rollback_point: Json;
  status: AppliedImprovementsStatus;
  applied_at: string;
  rolled_back_at: string | null;
};

/** What an insert into public.applied_improvements takes. */
export type AppliedImprovementsInsert = {
  id?: string;
  auto_fix_id: string;
  action_kind: string;
  target: string;
  description: string;
  rollback_point: Json;
  status?: AppliedImprovementsStatus;
  applied_at?: string;
  rolled_back_at?: string | null;
};

/** The values of public.auto_fixes.action_group. */
export type AutoFixesActionGroup = "payload" | "call" | "database" | "runtime" | "code" | "deployment";

/** The values of public.auto_fixes.tier. */
export type AutoFixesTier = "deterministic" | "learned" | "ai" | "context" | "person";

/** The values of public.auto_fixes.risk. */
export type AutoFixesRisk = "low" | "medium" | "high";

/** The values of public.auto_fixes.status. */
export type AutoFixesStatus = "proposed" | "awaiting_approval" | "applying" | "validating" | "kept" | "reverted" | "inconclusive" | "rejected" | "expired" | "failed";

/** A row of public.auto_fixes: One row per attempt at a fix, with its whole lifecycle, its rollback point, its probe and its verdict. */
export type AutoFixesRow = {
  id: string;
  detected_error_id: string;
  pattern_id: string | null;
  action_kind: string;
  action_group: AutoFixesActionGroup;
  action: Json;
  target: string;
  tier: AutoFixesTier;
  confidence: number;
  risk: AutoFixesRisk;
  status: AutoFixesStatus;
  reason: string;
  what_will_happen: string;
  evidence: Json;
  pattern: Json | null;
  approved_by: string | null;
  claim_number: number | null;
  lease_expires_at: string | null;
  rollback_point: Json | null;
  probe: Json | null;
  proof: Json | null;
  verdict: Json | null;
  created_at: string;
  applying_at: string | null;
  applied_at: string | null;
  validate_until: string | null;
  finished_at: string | null;
  duration_ms: number | null;
};

/** What an insert into public.auto_fixes takes. */
export type AutoFixesInsert = {
  id?: string;
  detected_error_id: string;
  pattern_id?: string | null;
  action_kind: string;
  action_group: AutoFixesActionGroup;
  action: Json;
  target: string;
  tier: AutoFixesTier;
  confidence: number;
  risk: AutoFixesRisk;
  status?: AutoFixesStatus;
  reason: string;
  what_will_happen: string;
  evidence?: Json;
  pattern?: Json | null;
  approved_by?: string | null;
  claim_number?: number | null;
  lease_expires_at?: string | null;
  rollback_point?: Json | null;
  probe?: Json | null;
  proof?: Json | null;
  verdict?: Json | null;
  created_at?: string;
  applying_at?: string | null;
  applied_at?: string | null;
  validate_until?: string | null;
  finished_at?: string | null;
  duration_ms?: number | null;
};

/** A row of public.auto_rollback_logs: Rollbacks that the system began by itself: the measurement that asked for it, and whether it worked. */
export type AutoRollbackLogsRow = {
  id: string;
  auto_fix_id: string | null;
  trigger_reason: string;
  measured: Json;
  succeeded: boolean;
  created_at: string;
};

/** What an insert into public.auto_rollback_logs takes. */
export type AutoRollbackLogsInsert = {
  id?: string;
  auto_fix_id?: string | null;
  trigger_reason: string;
  measured?: Json;
  succeeded: boolean;
  created_at?: string;
};

/** The values of public.build_events.event_type. */
export type BuildEventsEventType = "auto_heal_success" | "auto_heal_failed" | "schema_auto_fix";

/** A row of public.build_events: What the healer did to a project's database and build, with the SQL it ran. */
export type BuildEventsRow = {
  id: string;
  event_type: BuildEventsEventType;
  project_id: string;
  title: string;
  details: Json;
  detected_error_id: string | null;
  auto_fix_id: string | null;
  created_at: string;
};

/** What an insert into public.build_events takes. */
export type BuildEventsInsert = {
  id?: string;
  event_type: BuildEventsEventType;
  project_id?: string;
  title: string;
  details?: Json;
  detected_error_id?: string | null;
  auto_fix_id?: string | null;
  created_at?: string;
};

/** The values of public.circuit_breakers.state. */
export type CircuitBreakersState = "closed" | "open" | "half_open";

/** The values of public.circuit_breakers.mode. */
export type CircuitBreakersMode = "auto" | "forced_open" | "disabled";

/** A row of public.circuit_breakers: One row per target that the isolates protect together: open for all, one probe at a time, and why. */
export type CircuitBreakersRow = {
  id: string;
  name: string;
  group_name: string;
  state: CircuitBreakersState;
  mode: CircuitBreakersMode;
  version: number;
  reason: string;
  cooldown_ms: number;
  opened_at: string | null;
  opened_count: number;
  probe_after: string | null;
  probe_number: number;
  probe_isolate: string | null;
  probe_lease_expires_at: string | null;
  evidence: Json;
  created_at: string;
  changed_at: string;
};

/** What an insert into public.circuit_breakers takes. */
export type CircuitBreakersInsert = {
  id?: string;
  name: string;
  group_name?: string;
  state?: CircuitBreakersState;
  mode?: CircuitBreakersMode;
  version?: number;
  reason?: string;
  cooldown_ms?: number;
  opened_at?: string | null;
  opened_count?: number;
  probe_after?: string | null;
  probe_number?: number;
  probe_isolate?: string | null;
  probe_lease_expires_at?: string | null;
  evidence?: Json;
  created_at?: string;
  changed_at?: string;
};

/** The values of public.detected_errors.category. */
export type DetectedErrorsCategory = "database" | "migration" | "payload" | "auth" | "storage" | "network" | "ai" | "runtime" | "deployment" | "unknown";

/** The values of public.detected_errors.severity. */
export type DetectedErrorsSeverity = "low" | "medium" | "high" | "critical";

/** The values of public.detected_errors.status. */
export type DetectedErrorsStatus = "open" | "healing" | "awaiting_approval" | "validating" | "healed" | "escalated" | "ignored";

/** A row of public.detected_errors: One row per open fingerprint: an error group with its count, its state and who works on it. */
export type DetectedErrorsRow = {
  id: string;
  fingerprint: string;
  /** The message with identifiers replaced by numbered slots: by it a learned pattern recognises the failure on another target. */
  error_signature: string;
  /** The message with values normalised and identifiers kept: by it a pattern with fixed parameters recognises just this failure. */
  error_template: string;
  slots: Json;
  project_id: string;
  error_type: string;
  error_code: string | null;
  error_message: string;
  stack_trace: string | null;
  category: DetectedErrorsCategory;
  severity: DetectedErrorsSeverity;
  source: string;
  function_name: string | null;
  context: Json;
  status: DetectedErrorsStatus;
  occurrence_count: number;
  occurrences_since_fix: number;
  first_seen_at: string;
  last_seen_at: string;
  attempt_count: number;
  next_attempt_at: string;
  claimed_by: string | null;
  claim_number: number | null;
  lease_expires_at: string | null;
  resolved_at: string | null;
  resolution: string | null;
};

/** What an insert into public.detected_errors takes. */
export type DetectedErrorsInsert = {
  id?: string;
  fingerprint: string;
  /** The message with identifiers replaced by numbered slots: by it a learned pattern recognises the failure on another target. */
  error_signature: string;
  /** The message with values normalised and identifiers kept: by it a pattern with fixed parameters recognises just this failure. */
  error_template: string;
  slots?: Json;
  project_id?: string;
  error_type: string;
  error_code?: string | null;
  error_message: string;
  stack_trace?: string | null;
  category?: DetectedErrorsCategory;
  severity?: DetectedErrorsSeverity;
  source?: string;
  function_name?: string | null;
  context?: Json;
  status?: DetectedErrorsStatus;
  occurrence_count?: number;
  occurrences_since_fix?: number;
  first_seen_at?: string;
  last_seen_at?: string;
  attempt_count?: number;
  next_attempt_at?: string;
  claimed_by?: string | null;
  claim_number?: number | null;
  lease_expires_at?: string | null;
  resolved_at?: string | null;
  resolution?: string | null;
};

/** The values of public.fallback_log_entries.level. */
export type FallbackLogEntriesLevel = "debug" | "info" | "warn" | "error";

/** A row of public.fallback_log_entries: Log entries that could not be stored when they happened and arrived later, each exactly once by its own id. */
export type FallbackLogEntriesRow = {
  id: string;
  level: FallbackLogEntriesLevel;
  message: string;
  context: Json;
  logged_at: string;
  uploaded_at: string;
};

/** What an insert into public.fallback_log_entries takes. */
export type FallbackLogEntriesInsert = {
  id: string;
  level: FallbackLogEntriesLevel;
  message: string;
  context?: Json;
  logged_at: string;
  uploaded_at?: string;
};

/** The values of public.generation_failures.severity. */
export type GenerationFailuresSeverity = "low" | "medium" | "high" | "critical";

/** A row of public.generation_failures: Failures of generated plans, replies and files, one row an occurrence; three of a kind make a test. */
export type GenerationFailuresRow = {
  id: string;
  error_type: string;
  error_message: string;
  failure_category: string;
  severity: GenerationFailuresSeverity;
  occurrence_count: number;
  test_generated: boolean;
  stack_trace: string | null;
  framework: string | null;
  user_request: string | null;
  project_id: string;
  details: Json;
  created_at: string;
};

/** What an insert into public.generation_failures takes. */
export type GenerationFailuresInsert = {
  id?: string;
  error_type: string;
  error_message: string;
  failure_category?: string;
  severity?: GenerationFailuresSeverity;
  occurrence_count?: number;
  test_generated?: boolean;
  stack_trace?: string | null;
  framework?: string | null;
  user_request?: string | null;
  project_id?: string;
  details?: Json;
  created_at?: string;
};

/** The values of public.healing_events.category. */
export type HealingEventsCategory = "database" | "migration" | "payload" | "auth" | "storage" | "network" | "ai" | "runtime" | "deployment" | "unknown";

/** The values of public.healing_events.severity. */
export type HealingEventsSeverity = "low" | "medium" | "high" | "critical";

/** The values of public.healing_events.result. */
export type HealingEventsResult = "pending" | "success" | "failure" | "skipped" | "inconclusive";

/** A row of public.healing_events: Append-only: every occurrence, attempt and verdict. Partitioned by day; partitions live in healing_private. */
export type HealingEventsRow = {
  id: string;
  created_at: string;
  event_type: string;
  category: HealingEventsCategory;
  severity: HealingEventsSeverity;
  result: HealingEventsResult;
  message: string;
  function_name: string | null;
  project_id: string;
  fingerprint: string | null;
  detected_error_id: string | null;
  auto_fix_id: string | null;
  strategy: string | null;
  tier: string | null;
  occurrences: number;
  duration_ms: number | null;
  request_id: string | null;
  details: Json;
};

/** What an insert into public.healing_events takes. */
export type HealingEventsInsert = {
  id?: string;
  created_at?: string;
  event_type: string;
  category?: HealingEventsCategory;
  severity?: HealingEventsSeverity;
  result?: HealingEventsResult;
  message?: string;
  function_name?: string | null;
  project_id?: string;
  fingerprint?: string | null;
  detected_error_id?: string | null;
  auto_fix_id?: string | null;
  strategy?: string | null;
  tier?: string | null;
  occurrences?: number;
  duration_ms?: number | null;
  request_id?: string | null;
  details?: Json;
};

/** A row of public.healing_patterns: The patterns as an admin reads them: what is known, how sure, and whether it may act alone. */
export type HealingPatternsRow = {
  id: string | null;
  pattern_name: string | null;
  error_signature: string | null;
  action_kind: string | null;
  fix_strategy: Json | null;
  category: string | null;
  origin: string | null;
  project_id: string | null;
  status: string | null;
  confidence_score: number | null;
  probability_ineffective: number | null;
  auto_fixable: boolean | null;
  success_count: number | null;
  failure_count: number | null;
  success_rate: number | null;
  consecutive_failures: number | null;
  last_used_at: string | null;
  created_at: string | null;
};

/** The values of public.healing_runs.status. */
export type HealingRunsStatus = "dispatched" | "started" | "finished" | "failed" | "lost";

/** A row of public.healing_runs: One row per run of a healing function: the truth about the schedule, since pg_cron only knows that a request was queued. */
export type HealingRunsRow = {
  id: string;
  function_name: string;
  trigger: string;
  status: HealingRunsStatus;
  net_request_id: number | null;
  instance_id: string | null;
  dispatched_at: string;
  started_at: string | null;
  finished_at: string | null;
  deadline_at: string;
  counters: Json;
  reason: string | null;
};

/** What an insert into public.healing_runs takes. */
export type HealingRunsInsert = {
  id?: string;
  function_name: string;
  trigger?: string;
  status?: HealingRunsStatus;
  net_request_id?: number | null;
  instance_id?: string | null;
  dispatched_at?: string;
  started_at?: string | null;
  finished_at?: string | null;
  deadline_at?: string;
  counters?: Json;
  reason?: string | null;
};

/** A row of public.healing_settings: Every switch and limit: what is wanted, what is in force, and why they differ. Change it with change_healing_setting. */
export type HealingSettingsRow = {
  key: string;
  wanted: Json;
  actual: Json;
  reason: string;
  description: string;
  updated_by: string;
  updated_at: string;
};

/** What an insert into public.healing_settings takes. */
export type HealingSettingsInsert = {
  key: string;
  wanted: Json;
  actual: Json;
  reason?: string;
  description: string;
  updated_by?: string;
  updated_at?: string;
};

/** The values of public.notifications.severity. */
export type NotificationsSeverity = "low" | "medium" | "high" | "critical";

/** A row of public.notifications: What people should know, one unread row per subject; repeats raise its count. */
export type NotificationsRow = {
  id: string;
  channel: string;
  severity: NotificationsSeverity;
  title: string;
  body: string;
  dedupe_key: string;
  occurrence_count: number;
  details: Json;
  created_at: string;
  last_seen_at: string;
  read_at: string | null;
};

/** What an insert into public.notifications takes. */
export type NotificationsInsert = {
  id?: string;
  channel?: string;
  severity?: NotificationsSeverity;
  title: string;
  body: string;
  dedupe_key: string;
  occurrence_count?: number;
  details?: Json;
  created_at?: string;
  last_seen_at?: string;
  read_at?: string | null;
};

/** The values of public.queued_operations.operation_kind. */
export type QueuedOperationsOperationKind = "invoke_function" | "write_rows";

/** The values of public.queued_operations.caller_role. */
export type QueuedOperationsCallerRole = "anon" | "authenticated" | "service_role";

/** The values of public.queued_operations.status. */
export type QueuedOperationsStatus = "queued" | "running" | "done" | "failed" | "needs_person";

/** A row of public.queued_operations: Operations that failed by a fault of schema or infrastructure and replay, under their caller's role, when it is mended. */
export type QueuedOperationsRow = {
  id: string;
  position: number;
  operation_kind: QueuedOperationsOperationKind;
  target: string;
  payload: Json;
  idempotency_key: string;
  caller_role: QueuedOperationsCallerRole;
  caller_claims: Json;
  subject: string;
  status: QueuedOperationsStatus;
  detected_error_id: string | null;
  attempt_count: number;
  next_attempt_at: string;
  claimed_by: string | null;
  claim_number: number | null;
  lease_expires_at: string | null;
  /** A person sent it back: it is made again whatever the state of its error. */
  sent_back: boolean;
  last_error: string | null;
  result: Json | null;
  created_at: string;
  finished_at: string | null;
};

/** What an insert into public.queued_operations takes. */
export type QueuedOperationsInsert = {
  id?: string;
  position?: number;
  operation_kind: QueuedOperationsOperationKind;
  target: string;
  payload: Json;
  idempotency_key: string;
  caller_role: QueuedOperationsCallerRole;
  caller_claims?: Json;
  subject?: string;
  status?: QueuedOperationsStatus;
  detected_error_id?: string | null;
  attempt_count?: number;
  next_attempt_at?: string;
  claimed_by?: string | null;
  claim_number?: number | null;
  lease_expires_at?: string | null;
  /** A person sent it back: it is made again whatever the state of its error. */
  sent_back?: boolean;
  last_error?: string | null;
  result?: Json | null;
  created_at?: string;
  finished_at?: string | null;
};

/** A row of public.rollback_history: Every rollback of a fix, by the system or by a person, with the reason. */
export type RollbackHistoryRow = {
  id: string;
  auto_fix_id: string;
  reason: string;
  actor: string;
  details: Json;
  rolled_back_at: string;
};

/** What an insert into public.rollback_history takes. */
export type RollbackHistoryInsert = {
  id?: string;
  auto_fix_id: string;
  reason: string;
  actor: string;
  details?: Json;
  rolled_back_at?: string;
};

/** A row of public.schema_versions: The history of the schema, one row per changed object, written by track_schema_change. */
export type SchemaVersionsRow = {
  id: string;
  object_schema: string | null;
  object_identity: string;
  object_type: string;
  command_tag: string;
  actor: string;
  changed_at: string;
};

/** What an insert into public.schema_versions takes. */
export type SchemaVersionsInsert = {
  id?: string;
  object_schema?: string | null;
  object_identity: string;
  object_type: string;
  command_tag: string;
  actor: string;
  changed_at?: string;
};

/** The values of public.universal_error_patterns.origin. */
export type UniversalErrorPatternsOrigin = "deterministic" | "learned" | "ai" | "person" | "imported";

/** The values of public.universal_error_patterns.status. */
export type UniversalErrorPatternsStatus = "active" | "retired";

/** A row of public.universal_error_patterns: What was learned: an error signature, the typed fix for it, and the evidence that the fix works. */
export type UniversalErrorPatternsRow = {
  id: string;
  pattern_name: string;
  error_signature: string;
  fix_strategy: Json;
  action_kind: string;
  category: string;
  origin: UniversalErrorPatternsOrigin;
  project_id: string;
  status: UniversalErrorPatternsStatus;
  success_count: number;
  failure_count: number;
  success_rate: number;
  weighted_successes: number;
  weighted_failures: number;
  consecutive_failures: number;
  /** Posterior mean (S+1)/(S+F+2) over discounted evidence with a half-life of 30 outcomes; a new pattern has 0.5. */
  confidence_score: number;
  /** P(success rate < 0.5) under the same posterior; a pattern acts alone at score >= 0.75 and this <= 0.01. */
  probability_ineffective: number;
  auto_fixable: boolean;
  last_used_at: string | null;
  created_at: string;
  updated_at: string;
};

/** What an insert into public.universal_error_patterns takes. */
export type UniversalErrorPatternsInsert = {
  id?: string;
  pattern_name: string;
  error_signature: string;
  fix_strategy: Json;
  category?: string;
  origin?: UniversalErrorPatternsOrigin;
  project_id?: string;
  status?: UniversalErrorPatternsStatus;
  success_count?: number;
  failure_count?: number;
  success_rate?: number;
  weighted_successes?: number;
  weighted_failures?: number;
  consecutive_failures?: number;
  /** Posterior mean (S+1)/(S+F+2) over discounted evidence with a half-life of 30 outcomes; a new pattern has 0.5. */
  confidence_score?: number;
  /** P(success rate < 0.5) under the same posterior; a pattern acts alone at score >= 0.75 and this <= 0.01. */
  probability_ineffective?: number;
  auto_fixable?: boolean;
  last_used_at?: string | null;
  created_at?: string;
  updated_at?: string;
};

/** A row of public.write_ledger: The stored result of each write with an idempotency key, scoped to role, subject and operation: done once, answered again. */
export type WriteLedgerRow = {
  idempotency_key: string;
  operation: string;
  caller_role: string;
  subject: string;
  payload_hash: string;
  result: Json;
  created_at: string;
};

/** What an insert into public.write_ledger takes. */
export type WriteLedgerInsert = {
  idempotency_key: string;
  operation: string;
  caller_role: string;
  subject?: string;
  payload_hash: string;
  result: Json;
  created_at?: string;
};

/** The database, as supabase-js wants it. */
export type Database = {
  public: {
    Tables: {
      admin_approval_queue: { Row: AdminApprovalQueueRow; Insert: AdminApprovalQueueInsert; Update: Partial<AdminApprovalQueueInsert>; Relationships: [] };
      applied_improvements: { Row: AppliedImprovementsRow; Insert: AppliedImprovementsInsert; Update: Partial<AppliedImprovementsInsert>; Relationships: [] };
      auto_fixes: { Row: AutoFixesRow; Insert: AutoFixesInsert; Update: Partial<AutoFixesInsert>; Relationships: [] };
      auto_rollback_logs: { Row: AutoRollbackLogsRow; Insert: AutoRollbackLogsInsert; Update: Partial<AutoRollbackLogsInsert>; Relationships: [] };
      build_events: { Row: BuildEventsRow; Insert: BuildEventsInsert; Update: Partial<BuildEventsInsert>; Relationships: [] };
      circuit_breakers: { Row: CircuitBreakersRow; Insert: CircuitBreakersInsert; Update: Partial<CircuitBreakersInsert>; Relationships: [] };
      detected_errors: { Row: DetectedErrorsRow; Insert: DetectedErrorsInsert; Update: Partial<DetectedErrorsInsert>; Relationships: [] };
      fallback_log_entries: { Row: FallbackLogEntriesRow; Insert: FallbackLogEntriesInsert; Update: Partial<FallbackLogEntriesInsert>; Relationships: [] };
      generation_failures: { Row: GenerationFailuresRow; Insert: GenerationFailuresInsert; Update: Partial<GenerationFailuresInsert>; Relationships: [] };
      healing_events: { Row: HealingEventsRow; Insert: HealingEventsInsert; Update: Partial<HealingEventsInsert>; Relationships: [] };
      healing_runs: { Row: HealingRunsRow; Insert: HealingRunsInsert; Update: Partial<HealingRunsInsert>; Relationships: [] };
      healing_settings: { Row: HealingSettingsRow; Insert: HealingSettingsInsert; Update: Partial<HealingSettingsInsert>; Relationships: [] };
      notifications: { Row: NotificationsRow; Insert: NotificationsInsert; Update: Partial<NotificationsInsert>; Relationships: [] };
      queued_operations: { Row: QueuedOperationsRow; Insert: QueuedOperationsInsert; Update: Partial<QueuedOperationsInsert>; Relationships: [] };
      rollback_history: { Row: RollbackHistoryRow; Insert: RollbackHistoryInsert; Update: Partial<RollbackHistoryInsert>; Relationships: [] };
      schema_versions: { Row: SchemaVersionsRow; Insert: SchemaVersionsInsert; Update: Partial<SchemaVersionsInsert>; Relationships: [] };
      universal_error_patterns: { Row: UniversalErrorPatternsRow; Insert: UniversalErrorPatternsInsert; Update: Partial<UniversalErrorPatternsInsert>; Relationships: [] };
      write_ledger: { Row: WriteLedgerRow; Insert: WriteLedgerInsert; Update: Partial<WriteLedgerInsert>; Relationships: [] };
    };
    Views: {
      healing_patterns: { Row: HealingPatternsRow; Relationships: [] };
    };
    Functions: {
      /** The only door to applying: checks claim, switches, mode, evidence and budgets in one transaction. Returns {moved, reason}, with approval_id when a person is asked instead. */
      begin_fix: { Args: { p_fix_id: string | null; p_claim_number: number | null; }; Returns: Json };
      /** Takes up to 500 errors: groups them by fingerprint, records the occurrences, queues their operations, and calls the engine for new ones. Returns {errors, queued, rejected}. */
      capture_errors: { Args: { p_errors: Json | null; }; Returns: Json };
      /** Admins change a switch or a limit, with a reason; waits for moves in flight, and none follow. Returns the setting. */
      change_healing_setting: { Args: { p_key: string | null; p_value: Json | null; p_reason: string | null; }; Returns: Json };
      /** Takes the one probe of the whole fleet once the cooldown is over, for at most p_lease_ms. Returns {granted, probe_number, view}. */
      claim_circuit_probe: { Args: { p_name: string | null; p_isolate: string | null; p_lease_ms: number | null; }; Returns: Json };
      /** Leases due errors to one worker, each with a fencing number, its live fix, and the patterns that know it; crashed claims come back here. */
      claim_errors: { Args: { p_worker: string | null; p_limit?: number | null; p_lease_seconds?: number | null; p_error_id?: string | null; }; Returns: Json };
      /** Leases fixes whose window is over or whose error came back, or the one fix that its applier judges now, each with its error and what was measured. */
      claim_fixes_to_judge: { Args: { p_limit?: number | null; p_lease_seconds?: number | null; p_fix_id?: string | null; }; Returns: Json };
      /** Leases one queued operation to a worker, the least tried and oldest first and none of p_skip: of one error, or without one of those whose fault is mended. */
      claim_operations: { Args: { p_worker: string | null; p_error_id?: string | null; p_skip?: Json | null; p_lease_seconds?: number | null; }; Returns: Json };
      /** Makes the verdict on a fix under validation take effect once: kept, reverted (after the revert itself) or inconclusive. Returns the fix. */
      conclude_fix: { Args: { p_fix_id: string | null; p_claim_number: number | null; p_status: string | null; p_verdict: Json | null; }; Returns: Json };
      /** Appends up to 1,000 events. Returns their ids. */
      create_healing_events: { Args: { p_events: Json | null; }; Returns: Json };
      /** An admin approves or rejects a waiting fix, with a reason; an approved fix takes the same road as any other. Returns the approval. */
      decide_approval: { Args: { p_approval_id: string | null; p_decision: string | null; p_reason: string | null; }; Returns: Json };
      /** An admin reopens, resolves or ignores an error that nobody works on, with a reason. Returns the error. */
      decide_error: { Args: { p_error_id: string | null; p_decision: string | null; p_reason: string | null; }; Returns: Json };
      /** An admin sends a waiting operation back to the queue or discards it, with a reason. Returns the operation. */
      decide_operation: { Args: { p_operation_id: string | null; p_decision: string | null; p_reason: string | null; }; Returns: Json };
      /** What cron calls: writes the run row, then queues the call of the function with the run's id. Returns the id. */
      dispatch_function: { Args: { p_function_name: string | null; p_trigger?: string | null; p_body?: Json | null; }; Returns: string };
      /** Closes approvals past their time, their fixes as expired and their errors as escalated. Returns how many. */
      expire_approvals: { Args: Record<PropertyKey, never>; Returns: number };
      /** Ends a fix whose precondition, apply or probe failed, counts it against its pattern, and gives the error back with a pause. */
      fail_fix: { Args: { p_fix_id: string | null; p_claim_number: number | null; p_reason: string | null; p_measured?: Json | null; }; Returns: undefined };
      /** Ends the probe of this number: succeeded closes the breaker for all, failed starts the next cooldown, abandoned frees the probe. Returns the view. */
      finish_circuit_probe: { Args: { p_name: string | null; p_probe_number: number | null; p_outcome: string | null; }; Returns: Json };
      /** Ends a run once, as failed when a reason is given; a run that was thought lost may still report. Returns whether it ended here. */
      finish_healing_run: { Args: { p_run_id: string | null; p_counters: Json | null; p_reason?: string | null; }; Returns: boolean };
      /** Ends or requeues a leased operation, or leaves it to a person, as after ten attempts. False when the lease has gone to another worker. */
      finish_operation: { Args: { p_operation_id: string | null; p_claim_number: number | null; p_status: string | null; p_result?: Json | null; p_error?: string | null; }; Returns: boolean };
      /** Every shared breaker with the isolates that use it, their votes and failures, open ones first. Admins and the functions see them; others get []. */
      get_circuit_breakers: { Args: Record<PropertyKey, never>; Returns: Json };
      /** One page of events, newest first: filters since, before, event_type, category, severity, result, project_id, function_name, detected_error_id; offset, limit (at most 500). Returns {events, has_more}. */
      get_healing_events: { Args: { p_filter?: Json | null; }; Returns: Json };
      /** The active patterns for an error signature, the most trusted first. */
      get_healing_pattern: { Args: { p_error_signature: string | null; p_project_id?: string | null; }; Returns: Json };
      /** All settings by key: wanted, actual, reason. Admins and the functions see them; others get {}. */
      get_healing_settings: { Args: Record<PropertyKey, never>; Returns: Json };
      /** What happened since a time: errors, fixes, heals in requests, patterns, runs, as one object. */
      get_healing_stats: { Args: { p_since?: string | null; }; Returns: Json };
      /** Remembers which tables a function writes; once a minute is enough. Returns how many rows changed. */
      note_table_use: { Args: { p_function: string | null; p_tables: Json | null; }; Returns: number };
      /** Names of the tables whose columns are worth reading ahead: those that the function wrote last, and those in use whose history says that a change is due. */
      predict_table_schemas: { Args: { p_function: string | null; }; Returns: Json };
      /** Records a proposal for a claimed error and decides what it may do: auto (go on with begin_fix), suggest (a person is asked) or off. Returns {decision, fix_id, approval_id, reason}. */
      propose_fix: { Args: { p_fix: Json | null; }; Returns: Json };
      /** The nightly job: makes the partitions of the coming days, drops old ones, and deletes ended rows past retention_days. Returns counts. */
      purge_healing_history: { Args: Record<PropertyKey, never>; Returns: Json };
      /** The columns of up to 50 tables that the caller may write, each with their fingerprint: {table: {fingerprint, columns}}; others are left out. */
      read_table_schemas: { Args: { p_tables: Json | null; }; Returns: Json };
      /** Closes runs past their deadline as lost, hands exhausted errors to people, and dispatches the engine for errors that no run has met. Returns how many runs were lost. */
      reap_lost_runs: { Args: Record<PropertyKey, never>; Returns: number };
      /** Appends one build event: auto_heal_success, auto_heal_failed or schema_auto_fix. Returns its id. */
      record_build_event: { Args: { p_event: Json | null; }; Returns: string };
      /** After apply and probe: moves the fix to validating with its rollback point, sets the window, lists what is in force. Returns the fix. */
      record_fix_applied: { Args: { p_fix_id: string | null; p_claim_number: number | null; p_result: Json | null; }; Returns: Json };
      /** Adds the direct proof to a fix under validation: the failed operation was made again, with {succeeded, ...}. */
      record_fix_proof: { Args: { p_fix_id: string | null; p_proof: Json | null; }; Returns: undefined };
      /** Appends failures of generation from a list. Returns how many. */
      record_generation_failures: { Args: { p_failures: Json | null; }; Returns: number };
      /** Counts one outcome of a pattern, once per unit of work whoever reports it; the same unit with the other outcome raises PT409. Returns the pattern. */
      record_pattern_evidence: { Args: { p_pattern_id: string | null; p_unit: string | null; p_succeeded: boolean | null; }; Returns: Json };
      /** Records heals that happened inside requests: an event each, and the evidence for their patterns. Returns how many. */
      record_request_heals: { Args: { p_heals: Json | null; }; Returns: number };
      /** Gives a claimed error back without a fix, with the reason: open (to be tried again), escalated, ignored, or healed by itself. */
      release_error: { Args: { p_error_id: string | null; p_claim_number: number | null; p_status: string | null; p_reason: string | null; p_retry_seconds?: number | null; p_counts?: boolean | null; }; Returns: undefined };
      /** Extends a lease that is still held; raises PT409 LEASE_LOST otherwise. Returns its new end. */
      renew_claim: { Args: { p_error_id: string | null; p_claim_number: number | null; p_lease_seconds?: number | null; }; Returns: string };
      /** An isolate reports {name, isolate, group, version, is_open, failures, error_code, cooldown_ms, quorum, quorum_share} and reads the fleet's state in one call. */
      report_circuit_breaker: { Args: { p_report: Json | null; }; Returns: Json };
      /** Closes a breaker for all, whatever the evidence so far; votes and probes from before are void. Returns the view. */
      reset_circuit_breaker: { Args: { p_name: string | null; p_reason: string | null; }; Returns: Json };
      /** Admins force a breaker open, disable it, or give it back to the evidence (auto), with a reason. Returns the breaker. */
      set_circuit_breaker_mode: { Args: { p_name: string | null; p_mode: string | null; p_reason: string | null; }; Returns: Json };
      /** Marks a dispatched run as started, once; without an id it opens a run of its own. Returns {id, started}. */
      start_healing_run: { Args: { p_run_id: string | null; p_function_name: string | null; p_instance_id: string | null; p_trigger?: string | null; }; Returns: Json };
      /** Stores a pattern or finds the stored one by signature, strategy and project; evidence is never set here. Returns the row. */
      upsert_healing_pattern: { Args: { p_pattern: Json | null; }; Returns: Json };
      /** Writes rows as the caller, with row level security: {status: saved, rows}, or {status: mixed, rows, results, schema} with what became of each row that was not saved. Options: same_keys (all rows have the keys of the first), operation, key, filter, on_conflict, ignore_duplicates, returning, healed with fingerprint, parked, final, queue, seen, unseen. */
      write_rows: { Args: { p_table: string | null; p_rows: Json | null; p_options?: Json | null; }; Returns: Json };
    };
    Enums: Record<never, never>;
    CompositeTypes: Record<never, never>;
  };
};
