/**
 * The types of the database, written by `deno task gates types --write` from what the migrations build.
 *
 * @module
 */

/** Any JSON value. */
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

/** The values of public.admin_approval_queue.status. */
export type AdminApprovalQueueStatus = "pending" | "approved" | "rejected" | "expired" | "withdrawn";

/** A row of public.admin_approval_queue: Fixes that wait for a person: what exactly will happen, the alternatives, and until when. */
export type AdminApprovalQueueRow = {
  id: string;
  auto_fix_id: string;
  detected_error_id: string;
  status: AdminApprovalQueueStatus;
  reason: string;
  what_will_happen: string;
  alternatives: Json;
  /** What exactly would change, as the person sees it; preview_key names it, so that a yes to an older one is refused. */
  preview: Json | null;
  preview_key: string | null;
  requested_at: string;
  expires_at: string;
  decided_at: string | null;
  decided_by: string | null;
  decision_reason: string | null;
  /** The place in alternatives, from 1, of what a person chose instead of the proposed fix; chosen_fix_id is the fix made of it. */
  chosen_alternative: number | null;
  chosen_fix_id: string | null;
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
  /** What exactly would change, as the person sees it; preview_key names it, so that a yes to an older one is refused. */
  preview?: Json | null;
  requested_at?: string;
  expires_at: string;
  decided_at?: string | null;
  decided_by?: string | null;
  decision_reason?: string | null;
  /** The place in alternatives, from 1, of what a person chose instead of the proposed fix; chosen_fix_id is the fix made of it. */
  chosen_alternative?: number | null;
  chosen_fix_id?: string | null;
};

/** A row of public.ai_costs: What AI cost by day (UTC), model and purpose: select * from ai_costs where day = current_date. Lost calls never told their end and keep their whole reservation. */
export type AiCostsRow = {
  day: string | null;
  model: string | null;
  endpoint: string | null;
  purpose: string | null;
  function_name: string | null;
  calls: number | null;
  answered: number | null;
  failed: number | null;
  refused: number | null;
  cached: number | null;
  running: number | null;
  lost: number | null;
  prompt_tokens: number | null;
  completion_tokens: number | null;
  usd: number | null;
  estimated_usd: number | null;
  median_duration_ms: number | null;
};

/** The values of public.applied_improvements.status. */
export type AppliedImprovementsStatus = "in_force" | "rolled_back";

/** A row of public.applied_improvements: What is in force at this moment, each with the point to which it can be rolled back. */
export type AppliedImprovementsRow = {
  id: string;
  auto_fix_id: string | null;
  action_kind: string;
  target: string;
  description: string;
  rollback_point: Json;
  status: AppliedImprovementsStatus;
  applied_at: string;
  rolled_back_at: string | null;
  fix_experiment_id: string | null;
};

/** What an insert into public.applied_improvements takes. */
export type AppliedImprovementsInsert = {
  id?: string;
  auto_fix_id?: string | null;
  action_kind: string;
  target: string;
  description: string;
  rollback_point: Json;
  status?: AppliedImprovementsStatus;
  applied_at?: string;
  rolled_back_at?: string | null;
  fix_experiment_id?: string | null;
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
  /** What exactly it changes, as its rolled-back rehearsal showed: objects with the lines that go and come, and rows. Sanitised and bounded. */
  preview: Json | null;
  evidence: Json;
  pattern: Json | null;
  approved_by: string | null;
  claim_number: number | null;
  lease_expires_at: string | null;
  rollback_point: Json | null;
  probe: Json | null;
  proof: Json | null;
  verdict: Json | null;
  /** What followed on a kept fix: regression tests, redeployment, each with its outcome or "not installed". */
  aftermath: Json | null;
  created_at: string;
  applying_at: string | null;
  applied_at: string | null;
  validate_until: string | null;
  finished_at: string | null;
  duration_ms: number | null;
  /** What the fix changed, as it was before; null for kinds that cannot say. With state_after it shows when fixes undo each other. */
  state_before: Json | null;
  state_after: Json | null;
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
  /** What exactly it changes, as its rolled-back rehearsal showed: objects with the lines that go and come, and rows. Sanitised and bounded. */
  preview?: Json | null;
  evidence?: Json;
  pattern?: Json | null;
  approved_by?: string | null;
  claim_number?: number | null;
  lease_expires_at?: string | null;
  rollback_point?: Json | null;
  probe?: Json | null;
  proof?: Json | null;
  verdict?: Json | null;
  /** What followed on a kept fix: regression tests, redeployment, each with its outcome or "not installed". */
  aftermath?: Json | null;
  created_at?: string;
  applying_at?: string | null;
  applied_at?: string | null;
  validate_until?: string | null;
  finished_at?: string | null;
  duration_ms?: number | null;
  /** What the fix changed, as it was before; null for kinds that cannot say. With state_after it shows when fixes undo each other. */
  state_before?: Json | null;
  state_after?: Json | null;
};

/** The values of public.auto_generated_tests.test_type. */
export type AutoGeneratedTestsTestType = "regression" | "unit" | "component" | "handler";

/** The values of public.auto_generated_tests.status. */
export type AutoGeneratedTestsStatus = "active" | "quarantined" | "retired";

/** A row of public.auto_generated_tests: What broke once is tested for ever: requests that failed (regression), and tests of files (unit, component, handler) as code to download. confidence_score is a percentage. */
export type AutoGeneratedTestsRow = {
  id: string;
  test_name: string;
  test_type: AutoGeneratedTestsTestType;
  status: AutoGeneratedTestsStatus;
  status_reason: string | null;
  error_type: string | null;
  framework: string | null;
  project_id: string;
  test_prompt: string;
  target_function: string | null;
  /** The body that target_function gets; null sends {"request": test_prompt, "framework": framework}. */
  request: Json | null;
  /** What the answer must be: shouldNotFail, errorType, status, minimumFiles, schema, contains, excludes, maxDurationMs. Anything else is an error of the test. */
  expected_behavior: Json;
  fingerprint: string | null;
  table_name: string | null;
  files: string[];
  test_file: string | null;
  test_code: string | null;
  created_from_failure_id: string | null;
  confidence_score: number;
  run_count: number;
  pass_count: number;
  fail_count: number;
  error_count: number;
  /** Runs in which it failed and then passed unchanged. */
  flaky_count: number;
  passes_in_row: number;
  last_status: string | null;
  last_reason: string | null;
  last_run_at: string | null;
  last_failed_at: string | null;
  next_run_at: string;
  claimed_by: string | null;
  claim_number: number | null;
  lease_expires_at: string | null;
  created_at: string;
};

/** What an insert into public.auto_generated_tests takes. */
export type AutoGeneratedTestsInsert = {
  id?: string;
  test_name: string;
  test_type?: AutoGeneratedTestsTestType;
  status?: AutoGeneratedTestsStatus;
  status_reason?: string | null;
  error_type?: string | null;
  framework?: string | null;
  project_id?: string;
  test_prompt: string;
  target_function?: string | null;
  /** The body that target_function gets; null sends {"request": test_prompt, "framework": framework}. */
  request?: Json | null;
  /** What the answer must be: shouldNotFail, errorType, status, minimumFiles, schema, contains, excludes, maxDurationMs. Anything else is an error of the test. */
  expected_behavior?: Json;
  fingerprint?: string | null;
  table_name?: string | null;
  files?: string[];
  test_file?: string | null;
  test_code?: string | null;
  created_from_failure_id?: string | null;
  confidence_score?: number;
  run_count?: number;
  pass_count?: number;
  fail_count?: number;
  error_count?: number;
  /** Runs in which it failed and then passed unchanged. */
  flaky_count?: number;
  passes_in_row?: number;
  last_status?: string | null;
  last_reason?: string | null;
  last_run_at?: string | null;
  last_failed_at?: string | null;
  next_run_at?: string;
  claimed_by?: string | null;
  claim_number?: number | null;
  lease_expires_at?: string | null;
  created_at?: string;
};

/** A row of public.auto_rollback_logs: Rollbacks that the system began by itself: the measurement that asked for it, and whether it worked. */
export type AutoRollbackLogsRow = {
  id: string;
  auto_fix_id: string | null;
  trigger_reason: string;
  measured: Json;
  succeeded: boolean;
  created_at: string;
  deployment_id: string | null;
};

/** What an insert into public.auto_rollback_logs takes. */
export type AutoRollbackLogsInsert = {
  id?: string;
  auto_fix_id?: string | null;
  trigger_reason: string;
  measured?: Json;
  succeeded: boolean;
  created_at?: string;
  deployment_id?: string | null;
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

/** The values of public.database_findings.scope. */
export type DatabaseFindingsScope = "advice" | "needs";

/** The values of public.database_findings.severity. */
export type DatabaseFindingsSeverity = "low" | "medium" | "high";

/** A row of public.database_findings: What is open, slow or about to break in the database: each thing once, with what mends it, a query that shows it is gone, and when it was. */
export type DatabaseFindingsRow = {
  id: string;
  scope: DatabaseFindingsScope;
  fingerprint: string;
  code: string;
  severity: DatabaseFindingsSeverity;
  object: string;
  message: string;
  advice: string;
  sql_text: string | null;
  probe: string | null;
  place: string | null;
  fix: Json | null;
  first_seen_at: string;
  last_seen_at: string;
  closed_at: string | null;
  detected_error_id: string | null;
};

/** What an insert into public.database_findings takes. */
export type DatabaseFindingsInsert = {
  id?: string;
  scope: DatabaseFindingsScope;
  fingerprint: string;
  code: string;
  severity: DatabaseFindingsSeverity;
  object: string;
  message: string;
  advice: string;
  sql_text?: string | null;
  probe?: string | null;
  place?: string | null;
  fix?: Json | null;
  first_seen_at?: string;
  last_seen_at?: string;
  closed_at?: string | null;
  detected_error_id?: string | null;
};

/** A row of public.deployment_correlations: Deployments that an error may have come with, the likeliest at place 1: by time, by files and stack frames, and by the error rate before and after. */
export type DeploymentCorrelationsRow = {
  detected_error_id: string;
  deployment_id: string;
  place: number;
  score: number;
  reason: string;
  /** What the score is made of: {time, overlap, evidence}, and the counts before and after. */
  details: Json;
  found_at: string;
};

/** What an insert into public.deployment_correlations takes. */
export type DeploymentCorrelationsInsert = {
  detected_error_id: string;
  deployment_id: string;
  place: number;
  score: number;
  reason: string;
  /** What the score is made of: {time, overlap, evidence}, and the counts before and after. */
  details?: Json;
  found_at?: string;
};

/** The values of public.deployment_logs.environment. */
export type DeploymentLogsEnvironment = "production" | "preview";

/** The values of public.deployment_logs.action. */
export type DeploymentLogsAction = "deploy" | "promote" | "rollback";

/** The values of public.deployment_logs.trigger_kind. */
export type DeploymentLogsTriggerKind = "fix" | "experiment_winner" | "rollback" | "promote" | "person" | "other";

/** The values of public.deployment_logs.status. */
export type DeploymentLogsStatus = "pending" | "deploying" | "building" | "unknown" | "ready" | "failed" | "cancelled" | "blocked" | "live" | "kept" | "rolled_back";

/** A row of public.deployment_logs: One row per deployment, promotion and rollback with its whole life; only update_deployment_status moves it, and nothing is sent before its intent is recorded. */
export type DeploymentLogsRow = {
  id: string;
  project_id: string;
  target_id: string;
  provider: string;
  environment: DeploymentLogsEnvironment;
  action: DeploymentLogsAction;
  trigger_kind: DeploymentLogsTriggerKind;
  trigger_reason: string;
  /** What is deployed: files, functions or a place in git, and which fixes and experiments it carries. */
  changes: Json;
  status: DeploymentLogsStatus;
  status_reason: string;
  /** The deployment that is promoted, or that is rolled back. */
  subject_id: string | null;
  requested_by: string;
  approved_by: string | null;
  approval_reason: string | null;
  cancel_requested_by: string | null;
  cancel_reason: string | null;
  /** What was about to be sent, recorded before it was: under this the provider is asked what became of it. */
  intent: Json | null;
  /** The steps that are proved to be done, for providers that need several. */
  progress: Json;
  /** What stood there before, as far as the provider needs it to go back. */
  rollback_point: Json | null;
  provider_deployment_id: string | null;
  provider_state: string | null;
  url: string | null;
  error: Json | null;
  send_count: number;
  look_count: number;
  /** How often in a row the provider was asked and did not have what had been sent. */
  absent_count: number;
  absent_since: string | null;
  claimed_by: string | null;
  claim_number: number | null;
  lease_expires_at: string | null;
  next_check_at: string;
  created_at: string;
  intent_at: string | null;
  deployed_at: string | null;
  /** When the deployment reached its one final state: ready, failed, cancelled or blocked. */
  finished_at: string | null;
  /** When a ready deployment was judged: kept or rolled back. */
  settled_at: string | null;
};

/** What an insert into public.deployment_logs takes. */
export type DeploymentLogsInsert = {
  id?: string;
  project_id: string;
  target_id: string;
  provider: string;
  environment?: DeploymentLogsEnvironment;
  action?: DeploymentLogsAction;
  trigger_kind: DeploymentLogsTriggerKind;
  trigger_reason: string;
  /** What is deployed: files, functions or a place in git, and which fixes and experiments it carries. */
  changes?: Json;
  status?: DeploymentLogsStatus;
  status_reason?: string;
  /** The deployment that is promoted, or that is rolled back. */
  subject_id?: string | null;
  requested_by: string;
  approved_by?: string | null;
  approval_reason?: string | null;
  cancel_requested_by?: string | null;
  cancel_reason?: string | null;
  /** What was about to be sent, recorded before it was: under this the provider is asked what became of it. */
  intent?: Json | null;
  /** The steps that are proved to be done, for providers that need several. */
  progress?: Json;
  /** What stood there before, as far as the provider needs it to go back. */
  rollback_point?: Json | null;
  provider_deployment_id?: string | null;
  provider_state?: string | null;
  url?: string | null;
  error?: Json | null;
  send_count?: number;
  look_count?: number;
  /** How often in a row the provider was asked and did not have what had been sent. */
  absent_count?: number;
  absent_since?: string | null;
  claimed_by?: string | null;
  claim_number?: number | null;
  lease_expires_at?: string | null;
  next_check_at?: string;
  created_at?: string;
  intent_at?: string | null;
  deployed_at?: string | null;
  /** When the deployment reached its one final state: ready, failed, cancelled or blocked. */
  finished_at?: string | null;
  /** When a ready deployment was judged: kept or rolled back. */
  settled_at?: string | null;
};

/** The values of public.deployment_rollbacks.status. */
export type DeploymentRollbacksStatus = "pending" | "done" | "failed" | "refused";

/** A row of public.deployment_rollbacks: Every rollback of a deployment: why, by what measurement, by which deployment it was carried out, and what proved it. */
export type DeploymentRollbacksRow = {
  id: string;
  deployment_id: string;
  carried_out_by: string | null;
  automatic: boolean;
  status: DeploymentRollbacksStatus;
  reason: string;
  measured: Json;
  proof: Json | null;
  outcome: string | null;
  requested_by: string;
  requested_at: string;
  finished_at: string | null;
};

/** What an insert into public.deployment_rollbacks takes. */
export type DeploymentRollbacksInsert = {
  id?: string;
  deployment_id: string;
  carried_out_by?: string | null;
  automatic: boolean;
  status?: DeploymentRollbacksStatus;
  reason: string;
  measured?: Json;
  proof?: Json | null;
  outcome?: string | null;
  requested_by: string;
  requested_at?: string;
  finished_at?: string | null;
};

/** The values of public.deployment_targets.provider. */
export type DeploymentTargetsProvider = "vercel" | "github" | "supabase" | "hook";

/** A row of public.deployment_targets: Where a project is deployed to, one row for each of its providers. Change it with set_deployment_target. */
export type DeploymentTargetsRow = {
  id: string;
  project_id: string;
  provider: DeploymentTargetsProvider;
  /** What the provider has to know: names, ids and branches, never a secret. */
  config: Json;
  /** The environment variable (in capitals) or the entry of Vault that holds the token. */
  vault_entry: string;
  is_default: boolean;
  paused_at: string | null;
  paused_by: string | null;
  pause_reason: string | null;
  updated_by: string;
  update_reason: string;
  created_at: string;
  updated_at: string;
};

/** What an insert into public.deployment_targets takes. */
export type DeploymentTargetsInsert = {
  id?: string;
  project_id: string;
  provider: DeploymentTargetsProvider;
  /** What the provider has to know: names, ids and branches, never a secret. */
  config: Json;
  /** The environment variable (in capitals) or the entry of Vault that holds the token. */
  vault_entry: string;
  is_default?: boolean;
  paused_at?: string | null;
  paused_by?: string | null;
  pause_reason?: string | null;
  updated_by: string;
  update_reason: string;
  created_at?: string;
  updated_at?: string;
};

/** The values of public.deployment_triggers.kind. */
export type DeploymentTriggersKind = "fix" | "experiment_winner" | "rollback" | "promote" | "person" | "other";

/** A row of public.deployment_triggers: Why a deployment was asked for, each asking once by its key; those that come while one waits are carried by the same deployment. */
export type DeploymentTriggersRow = {
  id: string;
  project_id: string;
  dedupe_key: string;
  deployment_id: string;
  kind: DeploymentTriggersKind;
  reason: string;
  changes: Json;
  auto_fix_id: string | null;
  fix_experiment_id: string | null;
  requested_by: string;
  requested_at: string;
};

/** What an insert into public.deployment_triggers takes. */
export type DeploymentTriggersInsert = {
  id?: string;
  project_id: string;
  dedupe_key: string;
  deployment_id: string;
  kind: DeploymentTriggersKind;
  reason: string;
  changes?: Json;
  auto_fix_id?: string | null;
  fix_experiment_id?: string | null;
  requested_by: string;
  requested_at?: string;
};

/** The values of public.detected_errors.category. */
export type DetectedErrorsCategory = "database" | "migration" | "payload" | "auth" | "storage" | "network" | "ai" | "runtime" | "deployment" | "unknown";

/** The values of public.detected_errors.severity. */
export type DetectedErrorsSeverity = "low" | "medium" | "high" | "critical";

/** The values of public.detected_errors.status. */
export type DetectedErrorsStatus = "open" | "healing" | "awaiting_approval" | "validating" | "healed" | "escalated" | "ignored" | "merged";

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
  /** The group that took this one over; undo_error_group_merge gives it back. */
  merged_into: string | null;
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
  /** The group that took this one over; undo_error_group_merge gives it back. */
  merged_into?: string | null;
};

/** The values of public.ensemble_decisions.strategy. */
export type EnsembleDecisionsStrategy = "weighted" | "majority" | "unanimous";

/** A row of public.ensemble_decisions: What several voters came to about the fixes for one case, and why; one row per unit of work. */
export type EnsembleDecisionsRow = {
  id: string;
  unit: string;
  strategy: EnsembleDecisionsStrategy;
  min_confidence: number;
  candidates: Json;
  verdict: string;
  chosen_key: string | null;
  confidence: number;
  reason: string;
  created_at: string;
};

/** What an insert into public.ensemble_decisions takes. */
export type EnsembleDecisionsInsert = {
  id?: string;
  unit: string;
  strategy: EnsembleDecisionsStrategy;
  min_confidence: number;
  candidates: Json;
  verdict: string;
  chosen_key?: string | null;
  confidence: number;
  reason: string;
  created_at?: string;
};

/** A row of public.ensemble_voters: How often each voter was right and wrong; counted up with each truth, never recounted. */
export type EnsembleVotersRow = {
  voter: string;
  right_count: number;
  wrong_count: number;
  updated_at: string;
};

/** What an insert into public.ensemble_voters takes. */
export type EnsembleVotersInsert = {
  voter: string;
  right_count?: number;
  wrong_count?: number;
  updated_at?: string;
};

/** A row of public.ensemble_votes: Who voted what on which fix, what the voter's record was then, and, once the truth is known, whether the vote was right. */
export type EnsembleVotesRow = {
  decision_id: string;
  candidate_key: string;
  voter: string;
  answer: boolean | null;
  accuracy: number;
  is_right: boolean | null;
  judged_at: string | null;
};

/** What an insert into public.ensemble_votes takes. */
export type EnsembleVotesInsert = {
  decision_id: string;
  candidate_key: string;
  voter: string;
  answer?: boolean | null;
  accuracy: number;
  is_right?: boolean | null;
  judged_at?: string | null;
};

/** The values of public.error_analyses.status. */
export type ErrorAnalysesStatus = "asking" | "answered" | "failed";

/** A row of public.error_analyses: What a model has said about an error, by fingerprint and by the version of model and question: asked once, served until it expires, also when it failed. */
export type ErrorAnalysesRow = {
  fingerprint: string;
  version: string;
  status: ErrorAnalysesStatus;
  /** The explanation, the likely causes and the typed proposals, as they passed the schema. */
  analysis: Json | null;
  reason: string | null;
  model: string;
  usd: number;
  asked_count: number;
  /** How often the answer was given again without asking anybody. */
  served_count: number;
  first_asked_at: string;
  asked_at: string;
  /** Who asks at the moment; it holds until expires_at. */
  lease: string | null;
  expires_at: string;
};

/** What an insert into public.error_analyses takes. */
export type ErrorAnalysesInsert = {
  fingerprint: string;
  version: string;
  status: ErrorAnalysesStatus;
  /** The explanation, the likely causes and the typed proposals, as they passed the schema. */
  analysis?: Json | null;
  reason?: string | null;
  model?: string;
  usd?: number;
  asked_count?: number;
  /** How often the answer was given again without asking anybody. */
  served_count?: number;
  first_asked_at?: string;
  asked_at?: string;
  /** Who asks at the moment; it holds until expires_at. */
  lease?: string | null;
  expires_at: string;
};

/** A row of public.error_group_members: Each error group with itself and all that was merged into it: join by member_id to reach the events of merged groups. */
export type ErrorGroupMembersRow = {
  group_id: string | null;
  member_id: string | null;
};

/** A row of public.error_group_merges: Every merge of error groups: what was kept, who merged and why, and who took it back. */
export type ErrorGroupMergesRow = {
  id: string;
  project_id: string;
  kept_error_id: string;
  kept_fingerprint: string;
  kept_first_seen_at: string;
  reason: string;
  merged_by: string;
  merged_at: string;
  undo_reason: string | null;
  undone_by: string | null;
  undone_at: string | null;
};

/** What an insert into public.error_group_merges takes. */
export type ErrorGroupMergesInsert = {
  id?: string;
  project_id: string;
  kept_error_id: string;
  kept_fingerprint: string;
  kept_first_seen_at: string;
  reason: string;
  merged_by: string;
  merged_at?: string;
  undo_reason?: string | null;
  undone_by?: string | null;
  undone_at?: string | null;
};

/** A row of public.error_timeline: What happened to an error and why, what was merged into it included: select * from error_timeline where error_id = … order by at. */
export type ErrorTimelineRow = {
  error_id: string | null;
  at: string | null;
  what: string | null;
  result: string | null;
  why: string | null;
  occurrences: number | null;
  auto_fix_id: string | null;
  trace_id: string | null;
  who: string | null;
};

/** The values of public.experiment_results.variant. */
export type ExperimentResultsVariant = "a" | "b";

/** A row of public.experiment_results: One row per unit of an experiment: its variant, its one outcome, and when it matures and was counted. */
export type ExperimentResultsRow = {
  id: number;
  experiment_id: string;
  unit: string;
  variant: ExperimentResultsVariant;
  /** Whether the variant follows from the hash of experiment and unit; false for a unit that its caller did not name. */
  is_routed: boolean;
  succeeded: boolean | null;
  assigned_at: string;
  matures_at: string;
  recorded_at: string | null;
  counted_at: string | null;
  auto_fix_id: string | null;
  /** True for a unit that a fix of the engine reported: the fix has told its pattern itself. */
  is_from_fix: boolean;
};

/** What an insert into public.experiment_results takes. */
export type ExperimentResultsInsert = {
  experiment_id: string;
  unit: string;
  variant: ExperimentResultsVariant;
  /** Whether the variant follows from the hash of experiment and unit; false for a unit that its caller did not name. */
  is_routed: boolean;
  succeeded?: boolean | null;
  assigned_at?: string;
  matures_at: string;
  recorded_at?: string | null;
  counted_at?: string | null;
  auto_fix_id?: string | null;
  /** True for a unit that a fix of the engine reported: the fix has told its pattern itself. */
  is_from_fix?: boolean;
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

/** The values of public.fix_experiments.experiment_status. */
export type FixExperimentsExperimentStatus = "running" | "completed" | "cancelled";

/** A row of public.fix_experiments: Two fixes for one error, tried against each other: a is in force, b challenges it. At most one runs for an error signature. */
export type FixExperimentsRow = {
  id: string;
  error_signature: string;
  project_id: string;
  pattern_id: string;
  variant_a_pattern_id: string;
  variant_b_pattern_id: string;
  /** The pattern that is asked first for this error: variant a until b has won, and again when b's promotion is taken back. */
  first_choice_pattern_id: string;
  fix_variant_a: Json;
  fix_variant_b: Json;
  share_of_b: number;
  max_n: number;
  /** So long after its assignment a unit counts, as a failure when no outcome is known: outcomes of both variants mature alike. */
  maturity_seconds: number;
  experiment_status: FixExperimentsExperimentStatus;
  /** Counts up with the state; a decision on an older version has no effect. */
  version: number;
  /** The e-process over matured outcomes, as statistics.ts reads it; advanced by increments, never recounted. */
  e_process: Json;
  variant_a_success_rate: number | null;
  variant_b_success_rate: number | null;
  sample_size: number;
  decision: Json | null;
  winning_variant: string | null;
  ended_by: string | null;
  started_at: string;
  judged_at: string | null;
  concluded_at: string | null;
  /** When first_choice_pattern_id was last decided on; of several experiments for one error the latest choice counts. */
  chosen_at: string | null;
  deployment_request: Json | null;
  deployment_lease_expires_at: string | null;
  deployment_requested_at: string | null;
};

/** What an insert into public.fix_experiments takes. */
export type FixExperimentsInsert = {
  id?: string;
  error_signature: string;
  project_id?: string;
  pattern_id: string;
  variant_a_pattern_id: string;
  variant_b_pattern_id: string;
  /** The pattern that is asked first for this error: variant a until b has won, and again when b's promotion is taken back. */
  first_choice_pattern_id: string;
  fix_variant_a: Json;
  fix_variant_b: Json;
  share_of_b?: number;
  max_n: number;
  /** So long after its assignment a unit counts, as a failure when no outcome is known: outcomes of both variants mature alike. */
  maturity_seconds: number;
  experiment_status?: FixExperimentsExperimentStatus;
  /** Counts up with the state; a decision on an older version has no effect. */
  version?: number;
  /** The e-process over matured outcomes, as statistics.ts reads it; advanced by increments, never recounted. */
  e_process?: Json;
  variant_a_success_rate?: number | null;
  variant_b_success_rate?: number | null;
  sample_size?: number;
  decision?: Json | null;
  winning_variant?: string | null;
  ended_by?: string | null;
  started_at?: string;
  judged_at?: string | null;
  concluded_at?: string | null;
  /** When first_choice_pattern_id was last decided on; of several experiments for one error the latest choice counts. */
  chosen_at?: string | null;
  deployment_request?: Json | null;
  deployment_lease_expires_at?: string | null;
  deployment_requested_at?: string | null;
};

/** The values of public.fix_revert_requests.status. */
export type FixRevertRequestsStatus = "pending" | "done" | "refused";

/** A row of public.fix_revert_requests: What people asked to be taken back: who, why, and what came of it. */
export type FixRevertRequestsRow = {
  id: string;
  auto_fix_id: string;
  status: FixRevertRequestsStatus;
  requested_by: string;
  reason: string;
  outcome: string | null;
  requested_at: string;
  finished_at: string | null;
};

/** What an insert into public.fix_revert_requests takes. */
export type FixRevertRequestsInsert = {
  id?: string;
  auto_fix_id: string;
  status?: FixRevertRequestsStatus;
  requested_by: string;
  reason: string;
  outcome?: string | null;
  requested_at?: string;
  finished_at?: string | null;
};

/** The values of public.generated_files.origin. */
export type GeneratedFilesOrigin = "generated" | "template" | "completed" | "healed" | "person";

/** A row of public.generated_files: The files of generated projects as they are now. */
export type GeneratedFilesRow = {
  id: string;
  project_id: string;
  path: string;
  content: string;
  /** Who wrote it first: generated (the model), template, completed (what the framework needs and the model left out), healed (added later), person. */
  origin: GeneratedFilesOrigin;
  /** The first text of a file that was changed after it was saved; null while it is as it was. */
  original_content: string | null;
  created_at: string;
  updated_at: string;
};

/** What an insert into public.generated_files takes. */
export type GeneratedFilesInsert = {
  id?: string;
  project_id: string;
  path: string;
  content: string;
  /** Who wrote it first: generated (the model), template, completed (what the framework needs and the model left out), healed (added later), person. */
  origin?: GeneratedFilesOrigin;
  /** The first text of a file that was changed after it was saved; null while it is as it was. */
  original_content?: string | null;
  created_at?: string;
  updated_at?: string;
};

/** The values of public.generated_projects.mode. */
export type GeneratedProjectsMode = "model" | "template";

/** The values of public.generated_projects.migration_status. */
export type GeneratedProjectsMigrationStatus = "none" | "proposed" | "rehearsed" | "applying" | "applied" | "refused" | "failed";

/** A row of public.generated_projects: Each project that was generated whole: it is saved with all of its files and its metrics, or not at all. */
export type GeneratedProjectsRow = {
  id: string;
  generation_request_id: string | null;
  /** The subject of its request. */
  user_id: string;
  title: string;
  description: string;
  framework: string;
  user_request: string;
  mode: GeneratedProjectsMode;
  is_test: boolean;
  plan: Json;
  file_count: number;
  total_bytes: number;
  /** The latest score, 0 to 100; each measurement is in generation_quality_metrics. */
  quality_score: number | null;
  validation_passed: boolean | null;
  quality_checked_at: string | null;
  migration_path: string | null;
  /** What the project proposes for its database, as it was healed. It is in force only where migration_status is applied. */
  migration_sql: string | null;
  migration_status: GeneratedProjectsMigrationStatus;
  migration_report: Json;
  /** Whether what heals the project may ask for a redeploy. */
  auto_redeploy: boolean;
  created_at: string;
  updated_at: string;
};

/** What an insert into public.generated_projects takes. */
export type GeneratedProjectsInsert = {
  id?: string;
  generation_request_id?: string | null;
  /** The subject of its request. */
  user_id: string;
  title: string;
  description?: string;
  framework: string;
  user_request: string;
  mode?: GeneratedProjectsMode;
  is_test?: boolean;
  plan?: Json;
  file_count?: number;
  total_bytes?: number;
  /** The latest score, 0 to 100; each measurement is in generation_quality_metrics. */
  quality_score?: number | null;
  validation_passed?: boolean | null;
  quality_checked_at?: string | null;
  migration_path?: string | null;
  /** What the project proposes for its database, as it was healed. It is in force only where migration_status is applied. */
  migration_sql?: string | null;
  migration_status?: GeneratedProjectsMigrationStatus;
  migration_report?: Json;
  /** Whether what heals the project may ask for a redeploy. */
  auto_redeploy?: boolean;
  created_at?: string;
  updated_at?: string;
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

/** The values of public.generation_quality_metrics.phase. */
export type GenerationQualityMetricsPhase = "generated" | "healed" | "checked";

/** A row of public.generation_quality_metrics: One row each time that a generated project was judged: its score, what it misses, what is wrong and what was mended. */
export type GenerationQualityMetricsRow = {
  id: string;
  project_id: string;
  /** generated: when it was saved; healed: after something was added or changed; checked: looked at and left as it was. */
  phase: GenerationQualityMetricsPhase;
  framework: string;
  quality_score: number;
  validation_passed: boolean;
  missing_files: Json;
  /** The first fifty that are left, {path, rule, severity, line, message} each; issue_count has all of them. */
  issues: Json;
  issue_count: number;
  error_count: number;
  fixes_applied: number;
  files_added: number;
  file_count: number;
  total_bytes: number;
  duration_ms: number | null;
  details: Json;
  created_at: string;
};

/** What an insert into public.generation_quality_metrics takes. */
export type GenerationQualityMetricsInsert = {
  id?: string;
  project_id: string;
  /** generated: when it was saved; healed: after something was added or changed; checked: looked at and left as it was. */
  phase?: GenerationQualityMetricsPhase;
  framework: string;
  quality_score: number;
  validation_passed: boolean;
  missing_files?: Json;
  /** The first fifty that are left, {path, rule, severity, line, message} each; issue_count has all of them. */
  issues?: Json;
  issue_count?: number;
  error_count?: number;
  fixes_applied?: number;
  files_added?: number;
  file_count?: number;
  total_bytes?: number;
  duration_ms?: number | null;
  details?: Json;
  created_at?: string;
};

/** The values of public.generation_requests.mode. */
export type GenerationRequestsMode = "model" | "template";

/** The values of public.generation_requests.status. */
export type GenerationRequestsStatus = "queued" | "running" | "completed" | "failed";

/** The values of public.generation_requests.stage. */
export type GenerationRequestsStage = "planning" | "writing" | "checking" | "saving";

/** A row of public.generation_requests: Each wish for a project, by its request id: how far it is, who works on it until when, where the next invocation goes on, and how it ended. */
export type GenerationRequestsRow = {
  id: string;
  project_id: string;
  /** On whose behalf: what is capped for each. */
  subject: string;
  user_request: string;
  framework: string;
  title: string;
  mode: GenerationRequestsMode;
  options: Json;
  /** Made by a regression test: it is nobody's project and no failure of a user. */
  is_test: boolean;
  status: GenerationRequestsStatus;
  stage: GenerationRequestsStage;
  progress: number;
  message: string;
  /** The plan and what of it is done; the files that are written so far are in healing_private.generation_drafts. */
  checkpoint: Json;
  claimed_by: string | null;
  claim_number: number | null;
  lease_expires_at: string | null;
  claim_count: number;
  /** Workers that vanished since the last checkpoint: a request that ends each of its workers is given up. */
  workers_lost: number;
  resume_count: number;
  next_attempt_at: string;
  dispatched_at: string | null;
  deadline_at: string;
  /** Why it failed: {code, message, hint, stage, error_type}. */
  failure: Json | null;
  generation_failure_id: string | null;
  created_at: string;
  updated_at: string;
  finished_at: string | null;
};

/** What an insert into public.generation_requests takes. */
export type GenerationRequestsInsert = {
  id?: string;
  project_id?: string;
  /** On whose behalf: what is capped for each. */
  subject: string;
  user_request: string;
  framework: string;
  title?: string;
  mode?: GenerationRequestsMode;
  options?: Json;
  /** Made by a regression test: it is nobody's project and no failure of a user. */
  is_test?: boolean;
  status?: GenerationRequestsStatus;
  stage?: GenerationRequestsStage;
  progress?: number;
  message?: string;
  /** The plan and what of it is done; the files that are written so far are in healing_private.generation_drafts. */
  checkpoint?: Json;
  claimed_by?: string | null;
  claim_number?: number | null;
  lease_expires_at?: string | null;
  claim_count?: number;
  /** Workers that vanished since the last checkpoint: a request that ends each of its workers is given up. */
  workers_lost?: number;
  resume_count?: number;
  next_attempt_at?: string;
  dispatched_at?: string | null;
  deadline_at: string;
  /** Why it failed: {code, message, hint, stage, error_type}. */
  failure?: Json | null;
  generation_failure_id?: string | null;
  created_at?: string;
  updated_at?: string;
  finished_at?: string | null;
};

/** A row of public.healing_controls: Every switch, mode, budget, cooldown and limit: what is wanted, what is in force, and why they differ, such as which targets have used up theirs. */
export type HealingControlsRow = {
  control: string | null;
  wanted: Json | null;
  actual: Json | null;
  reason: string | null;
  description: string | null;
  updated_by: string | null;
  updated_at: string | null;
};

/** The values of public.healing_cycles.status. */
export type HealingCyclesStatus = "running" | "finished" | "paused" | "failed" | "not_installed";

/** A row of public.healing_cycles: Each cycle of the engine by project ('' is all of them): who runs it until when, how its last run ended, and where the next one goes on. */
export type HealingCyclesRow = {
  cycle: number;
  project_id: string;
  status: HealingCyclesStatus;
  run_id: string;
  claim_number: number;
  lease_expires_at: string | null;
  wanted_again: boolean;
  checkpoint: Json | null;
  counters: Json;
  reason: string | null;
  started_at: string;
  finished_at: string | null;
};

/** What an insert into public.healing_cycles takes. */
export type HealingCyclesInsert = {
  cycle: number;
  project_id?: string;
  status?: HealingCyclesStatus;
  run_id: string;
  claim_number: number;
  lease_expires_at?: string | null;
  wanted_again?: boolean;
  checkpoint?: Json | null;
  counters?: Json;
  reason?: string | null;
  started_at?: string;
  finished_at?: string | null;
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
  /** The trace in which it happened; for an occurrence that of the failed request. */
  trace_id: string | null;
  /** The other traces of an occurrence row that stands for several failed requests. */
  further_trace_ids: string[] | null;
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
  /** The trace in which it happened; for an occurrence that of the failed request. */
  trace_id?: string | null;
  /** The other traces of an occurrence row that stands for several failed requests. */
  further_trace_ids?: string[] | null;
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
  /** The trace of the failure that woke the run, or the run's own. */
  trace_id: string | null;
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
  /** The trace of the failure that woke the run, or the run's own. */
  trace_id?: string | null;
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

/** A row of public.imported_patterns: Which pattern came with which document; a pattern that was known before is named and stays as it was. */
export type ImportedPatternsRow = {
  import_id: string;
  pattern_id: string;
  was_new: boolean;
};

/** What an insert into public.imported_patterns takes. */
export type ImportedPatternsInsert = {
  import_id: string;
  pattern_id: string;
  was_new: boolean;
};

/** A row of public.kpi_ai_calls_avoided: Of the errors that were handled in a week (a fix was proposed, or they ended): 1 - (those that a model was asked about, whatever came of it) / all. */
export type KpiAiCallsAvoidedRow = {
  week: string | null;
  handled: number | null;
  with_ai: number | null;
  avoided: number | null;
};

/** A row of public.kpi_auto_fix_success: Of the fixes that started without a person and ended in a week: kept / (kept + reverted + failed). Inconclusive ones are shown and count for neither side. */
export type KpiAutoFixSuccessRow = {
  week: string | null;
  kept: number | null;
  reverted: number | null;
  failed: number | null;
  inconclusive: number | null;
  success_rate: number | null;
};

/** A row of public.kpi_escalation_rate: Of the errors that ended in a week: escalated / (healed + escalated), over all of them, and over those for which a fix was proposed at all. */
export type KpiEscalationRateRow = {
  week: string | null;
  ended: number | null;
  escalated: number | null;
  escalation_rate: number | null;
  fixable: number | null;
  fixable_escalation_rate: number | null;
};

/** A row of public.kpi_human_work: Of the errors that ended in a week: 1 - (those that were escalated or asked a person for approval) / all; minutes_saved is the rest times cost_handling_minutes. */
export type KpiHumanWorkRow = {
  week: string | null;
  ended: number | null;
  by_people: number | null;
  reduction: number | null;
  minutes_saved: number | null;
};

/** A row of public.kpi_patterns_learned: Shared patterns that were first seen in a week and have worked at least once, without imported ones; how many of them are in force, and trusted. */
export type KpiPatternsLearnedRow = {
  week: string | null;
  learned: number | null;
  in_force: number | null;
  trusted: number | null;
};

/** A row of public.kpi_recovery_time: Of the fixes applied in a week without a person and not taken back: seconds from the first capture of the error to the probe that passed. */
export type KpiRecoveryTimeRow = {
  week: string | null;
  n: number | null;
  mean_seconds: number | null;
  median_seconds: number | null;
  p95_seconds: number | null;
};

/** A row of public.kpi_tests_from_failures: Of the failures of generated work in a week: those that a regression test was made from / all. */
export type KpiTestsFromFailuresRow = {
  week: string | null;
  failures: number | null;
  with_test: number | null;
  share: number | null;
};

/** The values of public.notification_channels.kind. */
export type NotificationChannelsKind = "in_app" | "slack" | "webhook" | "email" | "sms";

/** The values of public.notification_channels.status. */
export type NotificationChannelsStatus = "unreported" | "enabled" | "not_configured" | "disabled";

/** A row of public.notification_channels: Who can be told: one row per way, and per recipient of e-mail and SMS, with whether it works and why not. */
export type NotificationChannelsRow = {
  name: string;
  kind: NotificationChannelsKind;
  recipient: string;
  only_escalations: boolean;
  status: NotificationChannelsStatus;
  reason: string;
  key_id: string | null;
  paused_until: string | null;
  failure_count: number;
  last_error: string | null;
  last_failed_at: string | null;
  last_sent_at: string | null;
  digested_at: string | null;
  changed_by: string;
  changed_at: string;
};

/** What an insert into public.notification_channels takes. */
export type NotificationChannelsInsert = {
  name: string;
  kind: NotificationChannelsKind;
  recipient?: string;
  only_escalations?: boolean;
  status?: NotificationChannelsStatus;
  reason?: string;
  key_id?: string | null;
  paused_until?: string | null;
  failure_count?: number;
  last_error?: string | null;
  last_failed_at?: string | null;
  last_sent_at?: string | null;
  digested_at?: string | null;
  changed_by?: string;
  changed_at?: string;
};

/** The values of public.notification_deliveries.kind. */
export type NotificationDeliveriesKind = "alert" | "reminder" | "escalation" | "digest";

/** The values of public.notification_deliveries.severity. */
export type NotificationDeliveriesSeverity = "low" | "medium" | "high" | "critical";

/** The values of public.notification_deliveries.status. */
export type NotificationDeliveriesStatus = "pending" | "held" | "digested" | "sending" | "sent" | "failed" | "skipped";

/** A row of public.notification_deliveries: The outbox: one row per message and channel, with what became of it and why; a message is sent at least once. */
export type NotificationDeliveriesRow = {
  id: string;
  notification_id: string | null;
  channel: string;
  kind: NotificationDeliveriesKind;
  severity: NotificationDeliveriesSeverity;
  severity_rank: number;
  status: NotificationDeliveriesStatus;
  held_because: string | null;
  reason: string;
  content: Json;
  due_at: string;
  attempt_count: number;
  unknown_count: number;
  claim_number: number;
  claimed_by: string | null;
  tried_since: string | null;
  claimed_at: string | null;
  lease_expires_at: string | null;
  provider_id: string | null;
  digest_id: string | null;
  created_at: string;
  ended_at: string | null;
};

/** What an insert into public.notification_deliveries takes. */
export type NotificationDeliveriesInsert = {
  id?: string;
  notification_id?: string | null;
  channel: string;
  kind?: NotificationDeliveriesKind;
  severity: NotificationDeliveriesSeverity;
  status?: NotificationDeliveriesStatus;
  held_because?: string | null;
  reason?: string;
  content?: Json;
  due_at?: string;
  attempt_count?: number;
  unknown_count?: number;
  claim_number?: number;
  claimed_by?: string | null;
  tried_since?: string | null;
  claimed_at?: string | null;
  lease_expires_at?: string | null;
  provider_id?: string | null;
  digest_id?: string | null;
  created_at?: string;
  ended_at?: string | null;
};

/** A row of public.notification_log: What was sent, what waits, what was held back and why: one row per message and channel. */
export type NotificationLogRow = {
  id: string | null;
  channel: string | null;
  kind: string | null;
  severity: string | null;
  status: string | null;
  held_because: string | null;
  reason: string | null;
  title: string | null;
  dedupe_key: string | null;
  occurrence_count: number | null;
  read_at: string | null;
  read_by: string | null;
  attempt_count: number | null;
  unknown_count: number | null;
  due_at: string | null;
  created_at: string | null;
  claimed_at: string | null;
  ended_at: string | null;
  provider_id: string | null;
  notification_id: string | null;
  digest_id: string | null;
  channel_status: string | null;
  channel_reason: string | null;
  channel_paused_until: string | null;
};

/** The values of public.notification_mutes.scope. */
export type NotificationMutesScope = "subject" | "channel";

/** A row of public.notification_mutes: What nobody wants to be told for a time: a subject or a channel, by whom and why. */
export type NotificationMutesRow = {
  id: string;
  scope: NotificationMutesScope;
  target: string;
  muted_until: string;
  reason: string;
  muted_by: string;
  created_at: string;
  ended_at: string | null;
  ended_by: string | null;
  ended_reason: string | null;
};

/** What an insert into public.notification_mutes takes. */
export type NotificationMutesInsert = {
  id?: string;
  scope: NotificationMutesScope;
  target: string;
  muted_until: string;
  reason: string;
  muted_by: string;
  created_at?: string;
  ended_at?: string | null;
  ended_by?: string | null;
  ended_reason?: string | null;
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
  told_at: string | null;
  escalated_at: string | null;
  read_by: string | null;
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
  told_at?: string | null;
  escalated_at?: string | null;
  read_by?: string | null;
};

/** A row of public.open_errors: What is broken now, and what it waits for: a person, a decision, a proof, an attempt. Those that came most often: order by occurrence_count desc. */
export type OpenErrorsRow = {
  id: string | null;
  error_message: string | null;
  severity: string | null;
  function_name: string | null;
  project_id: string | null;
  occurrence_count: number | null;
  first_seen_at: string | null;
  last_seen_at: string | null;
  attempt_count: number | null;
  waits_for: string | null;
  latest_fix_id: string | null;
  approval_id: string | null;
};

/** The values of public.pattern_changes.change. */
export type PatternChangesChange = "earned_trust" | "lost_trust" | "promoted" | "demoted" | "retired" | "revived" | "imported";

/** A row of public.pattern_changes: Every change of what a pattern may do: by its evidence, by a person, by maintenance or by an import, with the figures of that moment. */
export type PatternChangesRow = {
  id: string;
  pattern_id: string;
  change: PatternChangesChange;
  actor: string;
  reason: string;
  confidence_score: number;
  probability_ineffective: number;
  success_count: number;
  failure_count: number;
  auto_fixable: boolean;
  changed_at: string;
};

/** What an insert into public.pattern_changes takes. */
export type PatternChangesInsert = {
  id?: string;
  pattern_id: string;
  change: PatternChangesChange;
  actor: string;
  reason: string;
  confidence_score: number;
  probability_ineffective: number;
  success_count: number;
  failure_count: number;
  auto_fixable: boolean;
  changed_at?: string;
};

/** A row of public.pattern_imports: Every document of shared patterns that was imported: from whose key, when, and how many of its patterns were new. */
export type PatternImportsRow = {
  id: string;
  issuer_key: string;
  document_id: string;
  document_sha256: string;
  issued_at: string;
  expires_at: string;
  pattern_count: number;
  new_count: number;
  imported_by: string;
  imported_at: string;
};

/** What an insert into public.pattern_imports takes. */
export type PatternImportsInsert = {
  id?: string;
  issuer_key: string;
  document_id: string;
  document_sha256: string;
  issued_at: string;
  expires_at: string;
  pattern_count: number;
  new_count?: number;
  imported_by: string;
  imported_at?: string;
};

/** A row of public.pattern_prediction_calibration: How good predictions of fixes were: by tenths of what was predicted, and in all, the share that was kept and the Brier score (0 perfect, 0.25 a coin). */
export type PatternPredictionCalibrationRow = {
  predicted_share: string | null;
  n: number | null;
  mean_predicted: number | null;
  observed_share: number | null;
  brier_score: number | null;
};

/** A row of public.pattern_trust_history: How the trust in each pattern went over time: who or what changed it, why, and on which figures. */
export type PatternTrustHistoryRow = {
  pattern_id: string | null;
  pattern_name: string | null;
  project_id: string | null;
  changed_at: string | null;
  change: string | null;
  actor: string | null;
  reason: string | null;
  confidence_score: number | null;
  probability_ineffective: number | null;
  success_count: number | null;
  failure_count: number | null;
  auto_fixable: boolean | null;
  auto_fixable_now: boolean | null;
  status_now: string | null;
};

/** The values of public.performance_metrics.kind. */
export type PerformanceMetricsKind = "duration" | "counter" | "value";

/** A row of public.performance_metrics: What functions measured, a row a minute, name and tags. Partitioned by day; partitions live in healing_private. */
export type PerformanceMetricsRow = {
  bucket_start: string;
  name: string;
  kind: PerformanceMetricsKind;
  tags: Json;
  unit: string;
  sample_count: number;
  sample_sum: number;
  sample_min: number;
  sample_max: number;
  /** Samples by cell; cell i holds the values up to (1.02/0.98)^i, so that cells of rows add up and a percentile of their sum is at most 2 % wrong. */
  histogram: Json;
};

/** What an insert into public.performance_metrics takes. */
export type PerformanceMetricsInsert = {
  bucket_start: string;
  name: string;
  kind: PerformanceMetricsKind;
  tags?: Json;
  unit?: string;
  sample_count: number;
  sample_sum: number;
  sample_min: number;
  sample_max: number;
  /** Samples by cell; cell i holds the values up to (1.02/0.98)^i, so that cells of rows add up and a percentile of their sum is at most 2 % wrong. */
  histogram?: Json;
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

/** A row of public.rollback_history: Every rollback of a fix or a deployment, by the system or by a person, with the reason. */
export type RollbackHistoryRow = {
  id: string;
  auto_fix_id: string | null;
  reason: string;
  actor: string;
  details: Json;
  rolled_back_at: string;
  deployment_id: string | null;
};

/** What an insert into public.rollback_history takes. */
export type RollbackHistoryInsert = {
  id?: string;
  auto_fix_id?: string | null;
  reason: string;
  actor: string;
  details?: Json;
  rolled_back_at?: string;
  deployment_id?: string | null;
};

/** The values of public.rollout_verdicts.kind. */
export type RolloutVerdictsKind = "wait" | "promote" | "pause" | "rollback" | "person" | "settled";

/** A row of public.rollout_verdicts: Every look at a release and every move by a person: what was measured, against what, by which bound, and what followed. */
export type RolloutVerdictsRow = {
  id: number;
  rollout_id: string;
  looked_at: string;
  kind: RolloutVerdictsKind;
  rule: string;
  reason: string;
  share: number;
  share_after: number;
  status_after: string;
  /** The error rate of the release, 0..1. */
  measured: number | null;
  /** The error rate that it was compared with: its control at the same time, or what was before. */
  baseline: number | null;
  n: number | null;
  /** What its error rate exceeds with a chance of 5 percent. */
  bound: number | null;
  /** The error rate up to which it may go on. */
  threshold: number | null;
  figures: Json;
  actor: string;
};

/** What an insert into public.rollout_verdicts takes. */
export type RolloutVerdictsInsert = {
  rollout_id: string;
  looked_at?: string;
  kind: RolloutVerdictsKind;
  rule: string;
  reason: string;
  share: number;
  share_after: number;
  status_after: string;
  /** The error rate of the release, 0..1. */
  measured?: number | null;
  /** The error rate that it was compared with: its control at the same time, or what was before. */
  baseline?: number | null;
  n?: number | null;
  /** What its error rate exceeds with a chance of 5 percent. */
  bound?: number | null;
  /** The error rate up to which it may go on. */
  threshold?: number | null;
  figures?: Json;
  actor: string;
};

/** The values of public.rollouts.mode. */
export type RolloutsMode = "feature" | "provider";

/** The values of public.rollouts.status. */
export type RolloutsStatus = "running" | "paused" | "rolling_back" | "rolled_back" | "promoted" | "superseded";

/** A row of public.rollouts: A release on its way to everybody: its share of the traffic, and what the last look at it said. Moved only by record_rollout_verdict and by admins. */
export type RolloutsRow = {
  id: string;
  deployment_id: string;
  project_id: string;
  /** feature: isInRollout lets a share of the units in. provider: everybody has it at once, and it is only watched. */
  mode: RolloutsMode;
  /** The functions whose requests are counted; without names only requests that isInRollout has marked. */
  function_names: string[];
  steps: number[];
  step: number;
  /** Percent of the units that get it now; 0 as soon as it is taken back. */
  share: number;
  status: RolloutsStatus;
  pause_rule: string | null;
  reason: string;
  /** What a step needs: minRequests, minMinutes, maxMinutes, minBaseline, tolerance. */
  plan: Json;
  /** What was measured before it began, kept as it was: {bucket_minutes, buckets: [[requests, errors, slow]], slow_cell, slow_ms}. */
  baseline: Json;
  verdict: Json | null;
  rollback_id: string | null;
  claimed_by: string | null;
  claim_number: number | null;
  lease_expires_at: string | null;
  next_look_at: string;
  requested_by: string;
  started_at: string;
  step_started_at: string;
  finished_at: string | null;
};

/** What an insert into public.rollouts takes. */
export type RolloutsInsert = {
  id?: string;
  deployment_id: string;
  project_id: string;
  /** feature: isInRollout lets a share of the units in. provider: everybody has it at once, and it is only watched. */
  mode: RolloutsMode;
  /** The functions whose requests are counted; without names only requests that isInRollout has marked. */
  function_names?: string[];
  steps?: number[];
  step?: number;
  /** Percent of the units that get it now; 0 as soon as it is taken back. */
  share: number;
  status?: RolloutsStatus;
  pause_rule?: string | null;
  reason?: string;
  /** What a step needs: minRequests, minMinutes, maxMinutes, minBaseline, tolerance. */
  plan?: Json;
  /** What was measured before it began, kept as it was: {bucket_minutes, buckets: [[requests, errors, slow]], slow_cell, slow_ms}. */
  baseline?: Json;
  verdict?: Json | null;
  rollback_id?: string | null;
  claimed_by?: string | null;
  claim_number?: number | null;
  lease_expires_at?: string | null;
  next_look_at?: string;
  requested_by: string;
  started_at?: string;
  step_started_at?: string;
  finished_at?: string | null;
};

/** A row of public.running_experiments: The running experiments as an admin reads them: outcomes and rates of both fixes, the e-values, and the decision so far with its reason. */
export type RunningExperimentsRow = {
  id: string | null;
  pattern_name: string | null;
  error_signature: string | null;
  project_id: string | null;
  fix_variant_a: Json | null;
  fix_variant_b: Json | null;
  share_of_b: number | null;
  sample_size: number | null;
  max_n: number | null;
  variant_a_n: number | null;
  variant_b_n: number | null;
  variant_a_success_rate: number | null;
  variant_b_success_rate: number | null;
  e_value: number | null;
  e_value_a: number | null;
  e_value_b: number | null;
  decision: string | null;
  reason: string | null;
  started_at: string | null;
  judged_at: string | null;
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

/** A row of public.security_acknowledgements: Bursts of refusals that a person has looked at: how large they were then, who said why, and until when healing goes on beside them. */
export type SecurityAcknowledgementsRow = {
  id: string;
  targets: number;
  subjects: number;
  signatures: number;
  reason: string;
  acknowledged_by: string;
  acknowledged_at: string;
  ends_at: string;
};

/** What an insert into public.security_acknowledgements takes. */
export type SecurityAcknowledgementsInsert = {
  id?: string;
  targets: number;
  subjects: number;
  signatures: number;
  reason: string;
  acknowledged_by: string;
  acknowledged_at?: string;
  ends_at: string;
};

/** A row of public.self_audit_rates: How often the system misjudged fixes whose right end was known, in 90 days: false_apply (applied although its dry run fails), false_revert (good, not kept), missed_revert (useless, not reverted). */
export type SelfAuditRatesRow = {
  rate: string | null;
  n: number | null;
  wrong: number | null;
  share: number | null;
  last_judged_at: string | null;
  under_way: number | null;
};

/** The values of public.self_audits.kind. */
export type SelfAuditsKind = "good" | "useless" | "refused";

/** The values of public.self_audits.outcome. */
export type SelfAuditsOutcome = "kept" | "reverted" | "not_applied" | "inconclusive" | "lost";

/** A row of public.self_audits: Fixes whose right end is known: good has to be kept, useless (the error comes back) to be reverted, refused (its dry run fails) not to be applied. */
export type SelfAuditsRow = {
  id: string;
  kind: SelfAuditsKind;
  detected_error_id: string;
  injected_at: string;
  outcome: SelfAuditsOutcome | null;
  is_right: boolean | null;
  judged_at: string | null;
};

/** What an insert into public.self_audits takes. */
export type SelfAuditsInsert = {
  id?: string;
  kind: SelfAuditsKind;
  detected_error_id: string;
  injected_at?: string;
  outcome?: SelfAuditsOutcome | null;
  is_right?: boolean | null;
  judged_at?: string | null;
};

/** The values of public.system_health_checks.status. */
export type SystemHealthChecksStatus = "healthy" | "degraded" | "unhealthy" | "unknown";

/** A row of public.system_health_checks: What each look of each health check saw: one row a look, kept for retention_days. */
export type SystemHealthChecksRow = {
  id: string;
  check_name: string;
  /** Of this look alone; what is shown follows only after two looks, in healing_private.health_states. */
  status: SystemHealthChecksStatus;
  measured_value: number | null;
  threshold: number | null;
  reason: string;
  duration_ms: number;
  details: Json;
  run_id: string | null;
  created_at: string;
};

/** What an insert into public.system_health_checks takes. */
export type SystemHealthChecksInsert = {
  id?: string;
  check_name: string;
  /** Of this look alone; what is shown follows only after two looks, in healing_private.health_states. */
  status: SystemHealthChecksStatus;
  measured_value?: number | null;
  threshold?: number | null;
  reason: string;
  duration_ms?: number;
  details?: Json;
  run_id?: string | null;
  created_at?: string;
};

/** The values of public.test_execution_results.status. */
export type TestExecutionResultsStatus = "passed" | "failed" | "flaky" | "error";

/** A row of public.test_execution_results: One row a run of a test: passed, failed, flaky (failed, then passed unchanged) or error (the test itself is wrong), with a reason for each expectation. */
export type TestExecutionResultsRow = {
  id: string;
  test_id: string;
  run_id: string | null;
  auto_fix_id: string | null;
  status: TestExecutionResultsStatus;
  /** False for a test in quarantine: its failure is recorded and says nothing about a fix. */
  counts: boolean;
  attempts: number;
  reasons: Json;
  http_status: number | null;
  response_excerpt: string | null;
  duration_ms: number | null;
  executed_at: string;
};

/** What an insert into public.test_execution_results takes. */
export type TestExecutionResultsInsert = {
  id?: string;
  test_id: string;
  run_id?: string | null;
  auto_fix_id?: string | null;
  status: TestExecutionResultsStatus;
  /** False for a test in quarantine: its failure is recorded and says nothing about a fix. */
  counts: boolean;
  attempts?: number;
  reasons?: Json;
  http_status?: number | null;
  response_excerpt?: string | null;
  duration_ms?: number | null;
  executed_at?: string;
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
  /** What a person has decided: promoted (holds while the evidence is thin; three failures in a row end it) or demoted (holds until a person promotes). */
  trust_decision: string | null;
  trust_decided_by: string | null;
  trust_reason: string | null;
  retired_because: string | null;
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
  /** What a person has decided: promoted (holds while the evidence is thin; three failures in a row end it) or demoted (holds until a person promotes). */
  trust_decision?: string | null;
  trust_decided_by?: string | null;
  trust_reason?: string | null;
  retired_because?: string | null;
};

/** The values of public.ux_patterns.category. */
export type UxPatternsCategory = "form" | "feedback" | "navigation" | "structure" | "accessibility";

/** A row of public.ux_patterns: What a generated project does for the people who use it, by the name of the pattern; written by storeUxPatterns. */
export type UxPatternsRow = {
  id: string;
  project_id: string;
  /** The pattern, such as labelled-form. */
  pattern_key: string;
  framework: string;
  category: UxPatternsCategory;
  description: string;
  /** How often the project's files show it. */
  occurrences: number;
  /** The first fifty files that show it. */
  paths: Json;
  created_at: string;
  updated_at: string;
};

/** What an insert into public.ux_patterns takes. */
export type UxPatternsInsert = {
  id?: string;
  project_id: string;
  /** The pattern, such as labelled-form. */
  pattern_key: string;
  framework: string;
  category: UxPatternsCategory;
  description: string;
  /** How often the project's files show it. */
  occurrences?: number;
  /** The first fifty files that show it. */
  paths?: Json;
  created_at?: string;
  updated_at?: string;
};

/** A row of public.vercel_deployments: The deployments that Vercel carries out, with its own names and ids. */
export type VercelDeploymentsRow = {
  id: string | null;
  project_id: string | null;
  target_id: string | null;
  environment: string | null;
  action: string | null;
  trigger_kind: string | null;
  trigger_reason: string | null;
  status: string | null;
  status_reason: string | null;
  vercel_deployment_id: string | null;
  ready_state: string | null;
  url: string | null;
  error: Json | null;
  created_at: string | null;
  deployed_at: string | null;
  finished_at: string | null;
  settled_at: string | null;
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
      auto_generated_tests: { Row: AutoGeneratedTestsRow; Insert: AutoGeneratedTestsInsert; Update: Partial<AutoGeneratedTestsInsert>; Relationships: [] };
      auto_rollback_logs: { Row: AutoRollbackLogsRow; Insert: AutoRollbackLogsInsert; Update: Partial<AutoRollbackLogsInsert>; Relationships: [] };
      build_events: { Row: BuildEventsRow; Insert: BuildEventsInsert; Update: Partial<BuildEventsInsert>; Relationships: [] };
      circuit_breakers: { Row: CircuitBreakersRow; Insert: CircuitBreakersInsert; Update: Partial<CircuitBreakersInsert>; Relationships: [] };
      database_findings: { Row: DatabaseFindingsRow; Insert: DatabaseFindingsInsert; Update: Partial<DatabaseFindingsInsert>; Relationships: [] };
      deployment_correlations: { Row: DeploymentCorrelationsRow; Insert: DeploymentCorrelationsInsert; Update: Partial<DeploymentCorrelationsInsert>; Relationships: [] };
      deployment_logs: { Row: DeploymentLogsRow; Insert: DeploymentLogsInsert; Update: Partial<DeploymentLogsInsert>; Relationships: [] };
      deployment_rollbacks: { Row: DeploymentRollbacksRow; Insert: DeploymentRollbacksInsert; Update: Partial<DeploymentRollbacksInsert>; Relationships: [] };
      deployment_targets: { Row: DeploymentTargetsRow; Insert: DeploymentTargetsInsert; Update: Partial<DeploymentTargetsInsert>; Relationships: [] };
      deployment_triggers: { Row: DeploymentTriggersRow; Insert: DeploymentTriggersInsert; Update: Partial<DeploymentTriggersInsert>; Relationships: [] };
      detected_errors: { Row: DetectedErrorsRow; Insert: DetectedErrorsInsert; Update: Partial<DetectedErrorsInsert>; Relationships: [] };
      ensemble_decisions: { Row: EnsembleDecisionsRow; Insert: EnsembleDecisionsInsert; Update: Partial<EnsembleDecisionsInsert>; Relationships: [] };
      ensemble_voters: { Row: EnsembleVotersRow; Insert: EnsembleVotersInsert; Update: Partial<EnsembleVotersInsert>; Relationships: [] };
      ensemble_votes: { Row: EnsembleVotesRow; Insert: EnsembleVotesInsert; Update: Partial<EnsembleVotesInsert>; Relationships: [] };
      error_analyses: { Row: ErrorAnalysesRow; Insert: ErrorAnalysesInsert; Update: Partial<ErrorAnalysesInsert>; Relationships: [] };
      error_group_merges: { Row: ErrorGroupMergesRow; Insert: ErrorGroupMergesInsert; Update: Partial<ErrorGroupMergesInsert>; Relationships: [] };
      experiment_results: { Row: ExperimentResultsRow; Insert: ExperimentResultsInsert; Update: Partial<ExperimentResultsInsert>; Relationships: [] };
      fallback_log_entries: { Row: FallbackLogEntriesRow; Insert: FallbackLogEntriesInsert; Update: Partial<FallbackLogEntriesInsert>; Relationships: [] };
      fix_experiments: { Row: FixExperimentsRow; Insert: FixExperimentsInsert; Update: Partial<FixExperimentsInsert>; Relationships: [] };
      fix_revert_requests: { Row: FixRevertRequestsRow; Insert: FixRevertRequestsInsert; Update: Partial<FixRevertRequestsInsert>; Relationships: [] };
      generated_files: { Row: GeneratedFilesRow; Insert: GeneratedFilesInsert; Update: Partial<GeneratedFilesInsert>; Relationships: [] };
      generated_projects: { Row: GeneratedProjectsRow; Insert: GeneratedProjectsInsert; Update: Partial<GeneratedProjectsInsert>; Relationships: [] };
      generation_failures: { Row: GenerationFailuresRow; Insert: GenerationFailuresInsert; Update: Partial<GenerationFailuresInsert>; Relationships: [] };
      generation_quality_metrics: { Row: GenerationQualityMetricsRow; Insert: GenerationQualityMetricsInsert; Update: Partial<GenerationQualityMetricsInsert>; Relationships: [] };
      generation_requests: { Row: GenerationRequestsRow; Insert: GenerationRequestsInsert; Update: Partial<GenerationRequestsInsert>; Relationships: [] };
      healing_cycles: { Row: HealingCyclesRow; Insert: HealingCyclesInsert; Update: Partial<HealingCyclesInsert>; Relationships: [] };
      healing_events: { Row: HealingEventsRow; Insert: HealingEventsInsert; Update: Partial<HealingEventsInsert>; Relationships: [] };
      healing_runs: { Row: HealingRunsRow; Insert: HealingRunsInsert; Update: Partial<HealingRunsInsert>; Relationships: [] };
      healing_settings: { Row: HealingSettingsRow; Insert: HealingSettingsInsert; Update: Partial<HealingSettingsInsert>; Relationships: [] };
      imported_patterns: { Row: ImportedPatternsRow; Insert: ImportedPatternsInsert; Update: Partial<ImportedPatternsInsert>; Relationships: [] };
      notification_channels: { Row: NotificationChannelsRow; Insert: NotificationChannelsInsert; Update: Partial<NotificationChannelsInsert>; Relationships: [] };
      notification_deliveries: { Row: NotificationDeliveriesRow; Insert: NotificationDeliveriesInsert; Update: Partial<NotificationDeliveriesInsert>; Relationships: [] };
      notification_mutes: { Row: NotificationMutesRow; Insert: NotificationMutesInsert; Update: Partial<NotificationMutesInsert>; Relationships: [] };
      notifications: { Row: NotificationsRow; Insert: NotificationsInsert; Update: Partial<NotificationsInsert>; Relationships: [] };
      pattern_changes: { Row: PatternChangesRow; Insert: PatternChangesInsert; Update: Partial<PatternChangesInsert>; Relationships: [] };
      pattern_imports: { Row: PatternImportsRow; Insert: PatternImportsInsert; Update: Partial<PatternImportsInsert>; Relationships: [] };
      performance_metrics: { Row: PerformanceMetricsRow; Insert: PerformanceMetricsInsert; Update: Partial<PerformanceMetricsInsert>; Relationships: [] };
      queued_operations: { Row: QueuedOperationsRow; Insert: QueuedOperationsInsert; Update: Partial<QueuedOperationsInsert>; Relationships: [] };
      rollback_history: { Row: RollbackHistoryRow; Insert: RollbackHistoryInsert; Update: Partial<RollbackHistoryInsert>; Relationships: [] };
      rollout_verdicts: { Row: RolloutVerdictsRow; Insert: RolloutVerdictsInsert; Update: Partial<RolloutVerdictsInsert>; Relationships: [] };
      rollouts: { Row: RolloutsRow; Insert: RolloutsInsert; Update: Partial<RolloutsInsert>; Relationships: [] };
      schema_versions: { Row: SchemaVersionsRow; Insert: SchemaVersionsInsert; Update: Partial<SchemaVersionsInsert>; Relationships: [] };
      security_acknowledgements: { Row: SecurityAcknowledgementsRow; Insert: SecurityAcknowledgementsInsert; Update: Partial<SecurityAcknowledgementsInsert>; Relationships: [] };
      self_audits: { Row: SelfAuditsRow; Insert: SelfAuditsInsert; Update: Partial<SelfAuditsInsert>; Relationships: [] };
      system_health_checks: { Row: SystemHealthChecksRow; Insert: SystemHealthChecksInsert; Update: Partial<SystemHealthChecksInsert>; Relationships: [] };
      test_execution_results: { Row: TestExecutionResultsRow; Insert: TestExecutionResultsInsert; Update: Partial<TestExecutionResultsInsert>; Relationships: [] };
      universal_error_patterns: { Row: UniversalErrorPatternsRow; Insert: UniversalErrorPatternsInsert; Update: Partial<UniversalErrorPatternsInsert>; Relationships: [] };
      ux_patterns: { Row: UxPatternsRow; Insert: UxPatternsInsert; Update: Partial<UxPatternsInsert>; Relationships: [] };
      write_ledger: { Row: WriteLedgerRow; Insert: WriteLedgerInsert; Update: Partial<WriteLedgerInsert>; Relationships: [] };
    };
    Views: {
      ai_costs: { Row: AiCostsRow; Relationships: [] };
      error_group_members: { Row: ErrorGroupMembersRow; Relationships: [] };
      error_timeline: { Row: ErrorTimelineRow; Relationships: [] };
      healing_controls: { Row: HealingControlsRow; Relationships: [] };
      healing_patterns: { Row: HealingPatternsRow; Relationships: [] };
      kpi_ai_calls_avoided: { Row: KpiAiCallsAvoidedRow; Relationships: [] };
      kpi_auto_fix_success: { Row: KpiAutoFixSuccessRow; Relationships: [] };
      kpi_escalation_rate: { Row: KpiEscalationRateRow; Relationships: [] };
      kpi_human_work: { Row: KpiHumanWorkRow; Relationships: [] };
      kpi_patterns_learned: { Row: KpiPatternsLearnedRow; Relationships: [] };
      kpi_recovery_time: { Row: KpiRecoveryTimeRow; Relationships: [] };
      kpi_tests_from_failures: { Row: KpiTestsFromFailuresRow; Relationships: [] };
      notification_log: { Row: NotificationLogRow; Relationships: [] };
      open_errors: { Row: OpenErrorsRow; Relationships: [] };
      pattern_prediction_calibration: { Row: PatternPredictionCalibrationRow; Relationships: [] };
      pattern_trust_history: { Row: PatternTrustHistoryRow; Relationships: [] };
      running_experiments: { Row: RunningExperimentsRow; Relationships: [] };
      self_audit_rates: { Row: SelfAuditRatesRow; Relationships: [] };
      vercel_deployments: { Row: VercelDeploymentsRow; Relationships: [] };
    };
    Functions: {
      /** An admin who has looked at a burst of refusals lets healing go on beside it for 1 to 1440 minutes, with a reason; at twice its size it holds again. Returns the acknowledgement. */
      acknowledge_security_burst: { Args: { p_minutes: number | null; p_reason: string | null; }; Returns: Json };
      /** Counts what has matured since, at most p_limit outcomes, each once whoever calls. Returns the experiment with {counted, has_more}. */
      advance_fix_experiment: { Args: { p_experiment_id: string | null; p_limit?: number | null; }; Returns: Json };
      /** An admin takes a release one step further, with a reason; after the last step it is kept. Returns the rollout. */
      advance_rollout: { Args: { p_rollout_id: string | null; p_reason: string | null; }; Returns: Json };
      /** Tells people of deployments whose outcome has been unknown for deployment_ask_minutes, and of those under way for a day; each every six hours. Returns how many. */
      ask_about_deployments: { Args: Record<PropertyKey, never>; Returns: number };
      /** Takes the approval of a claimed fix back, because it would do something else than what was seen, and asks about that. Returns {approval_id}. */
      ask_again: { Args: { p_fix_id: string | null; p_claim_number: number | null; p_preview: Json | null; p_reason: string | null; }; Returns: Json };
      /** Records what is about to be sent and what stood there before, then it may be sent: for the first time, after a refusal for now (progress.not_taken), or when it is proved to be absent. Raises PT409 otherwise. Returns the deployment. */
      begin_deployment: { Args: { p_deployment_id: string | null; p_claim_number: number | null; p_intent: Json | null; p_rollback_point?: Json | null; p_lease_seconds?: number | null; }; Returns: Json };
      /** The only door to applying: checks claim, switches, mode, evidence, quiet hours, loops and budgets in one transaction. Returns {moved, reason}, with approval_id when a person is asked instead. */
      begin_fix: { Args: { p_fix_id: string | null; p_claim_number: number | null; }; Returns: Json };
      /** Begins a generation {id?, project_id?, subject, user_request, framework, title?, mode?, options?, is_test?}, once for each id: the same id with another wish raises PT409, one too many of a subject PT429. Returns read_generation and whether it begun here. */
      begin_generation: { Args: { p_request: Json | null; }; Returns: Json };
      /** Locks a request and its fix until the transaction ends: {id, refusal, fix}, or null when another worker has one of them. */
      begin_revert: { Args: { p_request_id: string | null; }; Returns: Json };
      /** Sends an event on the private channel ai-status-<project>; false where the platform's realtime is missing. What realtime refuses it only warns about. */
      broadcast_project_event: { Args: { p_project_id: string | null; p_event: string | null; p_payload?: Json | null; }; Returns: boolean };
      /** An admin ends an experiment as if it had never been: no winner, no evidence, nothing promoted; with a reason. Returns it. */
      cancel_fix_experiment: { Args: { p_experiment_id: string | null; p_reason: string | null; }; Returns: Json };
      /** Takes up to 500 errors: groups them by fingerprint, records the occurrences, queues their operations, and calls the engine for new ones. Returns {errors, queued, rejected}. */
      capture_errors: { Args: { p_errors: Json | null; }; Returns: Json };
      /** Turns claimed problems into captured errors, each exactly once: what capture_errors answers. */
      capture_platform_problems: { Args: { p_claims: Json | null; p_errors: Json | null; }; Returns: Json };
      /** Admins change a switch or a limit, with a reason; waits for moves in flight, and none follow. Returns the setting. */
      change_healing_setting: { Args: { p_key: string | null; p_value: Json | null; p_reason: string | null; }; Returns: Json };
      /** Keeps how far a claimed generation is, {state, stage, progress, message}, and the files that are new, tells its channel and renews the lease; raises PT409 LEASE_LOST. Returns {lease_expires_at, seconds_left}. */
      checkpoint_generation: { Args: { p_request_id: string | null; p_claim_number: number | null; p_checkpoint: Json | null; p_files?: Json | null; p_lease_seconds?: number | null; }; Returns: Json };
      /** An admin picks one of a waiting approval's alternatives, counted from 1, with a reason; it takes the road of any approved fix. Returns the approval with chosen_fix_id. */
      choose_alternative: { Args: { p_approval_id: string | null; p_alternative: number | null; p_reason: string | null; }; Returns: Json };
      /** Takes the one probe of the whole fleet once the cooldown is over, for at most p_lease_ms. Returns {granted, probe_number, view}. */
      claim_circuit_probe: { Args: { p_name: string | null; p_isolate: string | null; p_lease_ms: number | null; }; Returns: Json };
      /** Leases one cycle of one project, or of all, to a run. Returns {claimed, claim_number, checkpoint}, or {claimed: false, reason} while another run has it; that one is told to look again. */
      claim_cycle: { Args: { p_run_id: string | null; p_cycle: number | null; p_project_id?: string | null; p_lease_seconds?: number | null; }; Returns: Json };
      /** Leases due deployments to one worker, each with a fencing number, its target and its subject: what may start, and what is under way. A crash gives them back. */
      claim_deployments: { Args: { p_worker: string | null; p_limit?: number | null; p_lease_seconds?: number | null; p_deployment_id?: string | null; }; Returns: Json };
      /** Leases due errors to one worker, of one project or with null of all, as claim_errors does; for batches. */
      claim_due_errors: { Args: { p_worker: string | null; p_limit: number | null; p_lease_seconds: number | null; p_project_id?: string | null; }; Returns: Json };
      /** Asks for the analysis of {fingerprint, version}: {decision: answered, analysis, model, asked_at}, failed with its reason, ask (the caller holds the lease and asks a model), wait (another one asks) or off, with its reason. With occurrences it waits until the error has come often enough. */
      claim_error_analysis: { Args: { p_key: Json | null; }; Returns: Json };
      /** Leases due errors to one worker, each with a fencing number, its live fix, and the patterns that know it; crashed claims come back here. */
      claim_errors: { Args: { p_worker: string | null; p_limit?: number | null; p_lease_seconds?: number | null; p_error_id?: string | null; }; Returns: Json };
      /** Leases deployments that winners want and nobody has asked for yet, where switch and mode permit: [{experiment_id, request}]. A crash gives them back. */
      claim_experiment_deployments: { Args: { p_limit?: number | null; p_lease_seconds?: number | null; }; Returns: Json };
      /** Leases fixes whose window is over or whose error came back, or the one fix that its applier judges now, each with its error and what was measured. */
      claim_fixes_to_judge: { Args: { p_limit?: number | null; p_lease_seconds?: number | null; p_fix_id?: string | null; }; Returns: Json };
      /** Leases a generation that waits, or whose worker vanished, to one worker: read_generation with {claimed, claim_number, checkpoint, drafts}. Ends it when its time is over or three workers vanished in a row. */
      claim_generation: { Args: { p_request_id: string | null; p_worker: string | null; p_lease_seconds?: number | null; }; Returns: Json };
      /** Leases the worst due message of a channel, within its limits; null when there is none, the channel pauses or its minute is full. */
      claim_notification: { Args: { p_channel: string | null; p_worker: string | null; p_lease_seconds?: number | null; }; Returns: Json };
      /** Leases one queued operation to a worker, the least tried and oldest first and none of p_skip: of one error, or without one of those whose fault is mended. */
      claim_operations: { Args: { p_worker: string | null; p_error_id?: string | null; p_skip?: Json | null; p_lease_seconds?: number | null; }; Returns: Json };
      /** Leases problems that have not become errors yet, each with a fencing number and what the platform recorded of it. */
      claim_platform_problems: { Args: { p_limit?: number | null; p_lease_seconds?: number | null; }; Returns: Json };
      /** Leases fixes of one project that are due for judgement, as claim_fixes_to_judge does for all projects. */
      claim_project_fixes: { Args: { p_limit: number | null; p_lease_seconds: number | null; p_project_id: string | null; }; Returns: Json };
      /** Leases one kept fix that wants a redeploy: {fixId, projectId, functionName, reason, action}, or null. */
      claim_redeploy: { Args: { p_lease_seconds?: number | null; }; Returns: Json };
      /** Leases rollouts that are due for a look to one worker, each with a fencing number and all that a look needs. A crash gives them back. */
      claim_rollouts: { Args: { p_worker: string | null; p_limit?: number | null; p_lease_seconds?: number | null; p_project_id?: string | null; }; Returns: Json };
      /** Leases tests to one worker, each with a fencing number: those that concern a fix and have not run for it, the named ones, or those that are due. */
      claim_tests: { Args: { p_worker: string | null; p_limit?: number | null; p_lease_seconds?: number | null; p_fix_id?: string | null; p_test_ids?: Json | null; }; Returns: Json };
      /** Makes the verdict on a fix under validation take effect once: kept, reverted (after the revert itself) or inconclusive. Returns the fix. */
      conclude_fix: { Args: { p_fix_id: string | null; p_claim_number: number | null; p_status: string | null; p_verdict: Json | null; }; Returns: Json };
      /** An admin ends an experiment before the evidence does: winner a, b or none (the incumbent stays), with a reason. Returns it. */
      conclude_fix_experiment: { Args: { p_experiment_id: string | null; p_winner: string | null; p_reason: string | null; }; Returns: Json };
      /** Starts an experiment {pattern_id, fix_variant_a, fix_variant_b, share_of_b, max_n, maturity_seconds}; a is the incumbent. PT409 when one runs for this error. Returns it. */
      create_fix_experiment: { Args: { p_experiment: Json | null; }; Returns: Json };
      /** Appends up to 1,000 events. Returns their ids. */
      create_healing_events: { Args: { p_events: Json | null; }; Returns: Json };
      /** An admin approves or rejects a waiting fix, with a reason; p_seen names the preview that the yes is about (preview_key). An approved fix takes the same road as any other; one whose error has ended is withdrawn. Returns the approval. */
      decide_approval: { Args: { p_approval_id: string | null; p_decision: string | null; p_reason: string | null; p_seen?: string | null; }; Returns: Json };
      /** An admin approves a deployment that waits, cancels one that has not ended, or says ready or failed of one that is unknown. Returns the deployment. */
      decide_deployment: { Args: { p_deployment_id: string | null; p_decision: string | null; p_reason: string | null; }; Returns: Json };
      /** An admin reopens, resolves or ignores an error that nobody works on, with a reason. Returns the error. */
      decide_error: { Args: { p_error_id: string | null; p_decision: string | null; p_reason: string | null; }; Returns: Json };
      /** An admin sends a waiting operation back to the queue or discards it, with a reason. Returns the operation. */
      decide_operation: { Args: { p_operation_id: string | null; p_decision: string | null; p_reason: string | null; }; Returns: Json };
      /** An admin takes a pattern's right to act alone away, with a reason; no evidence gives it back, only promote_pattern. Returns the pattern. */
      demote_pattern: { Args: { p_pattern_id: string | null; p_reason: string | null; }; Returns: Json };
      /** What cron calls every minute: calls trigger-deployment when a deployment is due. Returns the run's id, or null. */
      dispatch_deployments: { Args: Record<PropertyKey, never>; Returns: string };
      /** What cron calls: writes the run row, then queues the call of the function with the run's id. Returns the id. */
      dispatch_function: { Args: { p_function_name: string | null; p_trigger?: string | null; p_body?: Json | null; }; Returns: string };
      /** The minute job: dispatches the engine when a message is due on a channel that works. Returns whether one was. */
      dispatch_notifications: { Args: Record<PropertyKey, never>; Returns: boolean };
      /** Admins enable a channel that its provider had refused, with a reason; what waits goes on. Returns whether it was disabled. */
      enable_notification_channel: { Args: { p_name: string | null; p_reason: string | null; }; Returns: boolean };
      /** Gives a batch of claims back and leases the next one, in one transaction and one round trip. Returns {released, claimed}. */
      exchange_claims: { Args: { p_releases: Json | null; p_worker: string | null; p_limit: number | null; p_lease_seconds?: number | null; p_project_id?: string | null; }; Returns: Json };
      /** Closes approvals past their time, their fixes as expired and their errors as escalated. Returns how many. */
      expire_approvals: { Args: Record<PropertyKey, never>; Returns: number };
      /** Ends a fix whose precondition, apply or probe failed, counts it against its pattern, and gives the error back with a pause. */
      fail_fix: { Args: { p_fix_id: string | null; p_claim_number: number | null; p_reason: string | null; p_measured?: Json | null; }; Returns: undefined };
      /** Ends a claimed generation as failed with {code, error_type, message, hint?, failure_category?, severity?, stack_trace?, details?}, recorded in generation_failures; its checkpoint stays. Returns read_generation. */
      fail_generation: { Args: { p_request_id: string | null; p_claim_number: number | null; p_failure: Json | null; }; Returns: Json };
      /** The cached reply {model, reply} for exactly this {fingerprint, subject_hash}, or null; counts it as a call that cost nothing. */
      find_ai_reply: { Args: { p_key: Json | null; }; Returns: Json };
      /** The patterns that count for a project and know one of up to ten signatures, the best success first; its own above the shared ones. */
      find_healing_patterns: { Args: { p_signatures: Json | null; p_project_id?: string | null; }; Returns: Json };
      /** What could be better at this moment, most urgent first: [{key, kind, severity, object, measured, why, proposal | action}]. Nothing is changed by asking. */
      find_optimisations: { Args: Record<PropertyKey, never>; Returns: Json };
      /** The next project whose quality is to be looked at: {project_id, unproved}, or null. Projects of the last hour below the score, and those with a fix that waits for its proof. */
      find_quality_work: { Args: { p_least_score: number | null; p_project_id?: string | null; }; Returns: Json };
      /** Young errors with the deployments of the day before each, and what their function did before and after: [{id, function_name, first_seen_at, stack_trace, candidates}]. */
      find_uncorrelated_errors: { Args: { p_limit?: number | null; p_project_id?: string | null; }; Returns: Json };
      /** Ends the probe of this number: succeeded closes the breaker for all, failed starts the next cooldown, abandoned frees the probe. Returns the view. */
      finish_circuit_probe: { Args: { p_name: string | null; p_probe_number: number | null; p_outcome: string | null; }; Returns: Json };
      /** Ends a leased cycle with {status, reason, counters, checkpoint, goes_on}; the next run begins at the checkpoint, at once when it goes on. False when the lease has gone to another run. */
      finish_cycle: { Args: { p_cycle: number | null; p_project_id: string | null; p_claim_number: number | null; p_end: Json | null; }; Returns: boolean };
      /** Ends a question: {fingerprint, version, lease, analysis, model, usd}, or without an analysis {…, reason, retry_seconds} for one that failed. False when the lease was lost. */
      finish_error_analysis: { Args: { p_result: Json | null; }; Returns: boolean };
      /** Says that the deployment which a winner wants has been asked for. Returns whether this call was the first to say so. */
      finish_experiment_deployment: { Args: { p_experiment_id: string | null; }; Returns: boolean };
      /** Ends a run once, as failed when a reason is given; a run that was thought lost may still report. Returns whether it ended here. */
      finish_healing_run: { Args: { p_run_id: string | null; p_counters: Json | null; p_reason?: string | null; }; Returns: boolean };
      /** Ends or puts back a claimed message; a refusal of the channel disables it, and says so to people. Returns false when the claim is lost. */
      finish_notification: { Args: { p_delivery_id: string | null; p_claim_number: number | null; p_outcome: Json | null; }; Returns: boolean };
      /** Ends or requeues a leased operation, or leaves it to a person, as after ten attempts. False when the lease has gone to another worker. */
      finish_operation: { Args: { p_operation_id: string | null; p_claim_number: number | null; p_status: string | null; p_result?: Json | null; p_error?: string | null; }; Returns: boolean };
      /** Ends a request in the transaction that took the fix back (done), or with the reason why it stays (refused). */
      finish_revert: { Args: { p_request_id: string | null; p_status: string | null; p_reason?: string | null; }; Returns: undefined };
      /** Ends claimed tests with a list of {test_id, claim_number, status, reasons, run_id?, fix_id?, attempts?, http_status?, response_excerpt?, duration_ms?}. Returns how many claims still held. */
      finish_tests: { Args: { p_results: Json | null; }; Returns: number };
      /** The AI budget of today (UTC): both limits, what is used or reserved, and how many calls were refused. Null for who may not see it. */
      get_ai_budget: { Args: Record<PropertyKey, never>; Returns: Json };
      /** What changed about the time of an error: the fix applied since it was last seen, and the watched fix of the same function after which it first came. {mended_since, suspect}. */
      get_changes_around: { Args: { p_error_id: string | null; }; Returns: Json };
      /** Every shared breaker with the isolates that use it, their votes and failures, open ones first. Admins and the functions see them; others get []. */
      get_circuit_breakers: { Args: Record<PropertyKey, never>; Returns: Json };
      /** For admins: health, the figures of a day, what waits for a person, the switches, errors and heals by the hour, the last run. */
      get_dashboard_overview: { Args: Record<PropertyKey, never>; Returns: Json };
      /** Connections, long transactions, waits for locks, size, and whether writing is possible. Its caller measures the latency. */
      get_database_health: { Args: Record<PropertyKey, never>; Returns: Json };
      /** Whether the database is too busy for an index to be built now, and why: {busy, reason, active, waiting_for_locks, oldest_transaction_seconds, connections, max_connections}. */
      get_database_load: { Args: Record<PropertyKey, never>; Returns: Json };
      /** All that is weighed before a fix of an error is decided about, in one call: severity, rate, what the user was doing, the project, the error budget, security, costs, similar patterns. Alerts people when a burst stops healing. */
      get_decision_context: { Args: { p_error_id: string | null; }; Returns: Json };
      /** For admins: one deployment with why it was asked for, the curve and the verdicts of its rollout, its rollbacks, and errors that may have come with it. */
      get_deployment: { Args: { p_deployment_id: string | null; }; Returns: Json };
      /** The functions as they stood before a deployment: [{slug, metadata, body, saved_at}]. */
      get_deployment_bodies: { Args: { p_deployment_id: string | null; }; Returns: Json };
      /** The deployments that an error may have come with, the likeliest first, with what is known of each: {deployment_id, place, score, reason, evidence, status}. Admins and the functions see them. */
      get_deployment_correlations: { Args: { p_error_id: string | null; }; Returns: Json };
      /** The errors that claim_errors would lease, as it would give them; nothing is claimed. */
      get_due_errors: { Args: { p_project_id?: string | null; p_limit?: number | null; }; Returns: Json };
      /** The ids of running experiments, those that were judged longest ago first. */
      get_due_experiments: { Args: { p_limit?: number | null; }; Returns: Json };
      /** For admins: one error with what was tried and why, its questions to people, what a model said, its patterns, waiting calls, and two weeks of occurrences. */
      get_error_group: { Args: { p_error_id: string | null; }; Returns: Json };
      /** Requests of the last time_window, in whole minutes, that the functions answered, and how many of them failed: {error_rate, total_requests, error_count}, the rate in percent and null without requests. */
      get_error_rate: { Args: { time_window?: string | null; }; Returns: Json };
      /** One error as an engine would claim it, by its id, or the last one of a fingerprint; nothing is claimed. Null when there is none. */
      get_error_to_analyse: { Args: { p_error_id: string | null; p_fingerprint: string | null; }; Returns: Json };
      /** For admins: one experiment, and its e-values after each block of outcomes. */
      get_experiment: { Args: { p_experiment_id: string | null; }; Returns: Json };
      /** The experiment that runs for an error, with both patterns, and the pattern that an earlier one made first choice: {running, first_choice_pattern_id}. */
      get_experiment_for_error: { Args: { p_error_id: string | null; }; Returns: Json };
      /** The experiments in four figures: running, variants b in force, the surest confidence (1 - 1/E), and deployments asked for. */
      get_experiment_metrics: { Args: Record<PropertyKey, never>; Returns: Json };
      /** For admins: one fix with its whole life: evidence, what it changed, questions, verdict, what was taken back, and why it cannot be (revert_refusal). */
      get_fix: { Args: { p_fix_id: string | null; }; Returns: Json };
      /** The tests that concern a fix: how many have yet to run for it, how many did, and which failed, with whether that is new: {waiting, run, failed: [{name, reason, failedBefore}]}. */
      get_fix_tests: { Args: { p_fix_id: string | null; }; Returns: Json };
      /** For admins: every switch and limit as wanted and as it is, with the reason of a difference, other settings, the AI budget, and who can be told. */
      get_healing_controls: { Args: Record<PropertyKey, never>; Returns: Json };
      /** One page of events, newest first: filters since, before (with before_id: after that row), event_type, category, severity, result, project_id, function_name, detected_error_id; offset, limit (at most 500). Returns {events, has_more}. */
      get_healing_events: { Args: { p_filter?: Json | null; }; Returns: Json };
      /** How the healing itself does: jobs, runs of the last hour, ages of queues, approvals, log entries that came late, open breakers, and the AI budget. */
      get_healing_health: { Args: Record<PropertyKey, never>; Returns: Json };
      /** For admins: the figures by which the system is judged, by week, and how often it misjudged its own audits. */
      get_healing_kpis: { Args: Record<PropertyKey, never>; Returns: Json };
      /** The active patterns for an error signature, the most trusted first. */
      get_healing_pattern: { Args: { p_error_signature: string | null; p_project_id?: string | null; }; Returns: Json };
      /** All settings by key: wanted, actual, reason. Admins and the functions see them; others get {}. */
      get_healing_settings: { Args: Record<PropertyKey, never>; Returns: Json };
      /** What happened since a time: errors, fixes, heals in requests, patterns, runs, as one object. */
      get_healing_stats: { Args: { p_since?: string | null; }; Returns: Json };
      /** Looks, newest first: filters check_name, status, since, before (with before_id: after that row), limit (at most 500). Returns {checks, has_more}. Admins and the functions see it. */
      get_health_checks: { Args: { p_filter?: Json | null; }; Returns: Json };
      /** What is shown of each check, with its last look, and one word for all: {status, checked_at, checks}. Admins and the functions see it. */
      get_health_status: { Args: Record<PropertyKey, never>; Returns: Json };
      /** For admins: one pattern, how its trust went and why, its outcomes with the score after each, and its last fixes. */
      get_learned_pattern: { Args: { p_pattern_id: string | null; }; Returns: Json };
      /** The counts and the score of one pattern; raises PT404 when there is none. */
      get_pattern_evidence: { Args: { p_pattern_id: string | null; }; Returns: Json };
      /** The ids of up to 50 requests that wait to be carried out, oldest first. */
      get_pending_reverts: { Args: Record<PropertyKey, never>; Returns: Json };
      /** What was measured, busiest first: filters since, until, name, tags (contained), by (series or name), limit (at most 500). Returns {since, until, series, has_more}; percentiles are at most 2 % wrong. Admins and the functions see it. */
      get_performance_summary: { Args: { p_filter?: Json | null; }; Returns: Json };
      /** The public status line, without details: {status, checked_at}; the status is healthy, degraded, unhealthy, or unknown without a check in ten minutes. */
      get_public_status: { Args: Record<PropertyKey, never>; Returns: Json };
      /** get_error_rate, and how many requests timed out and how long 95 of 100 took: {error_rate, total_requests, error_count, timeout_count, timeout_rate, p95_ms}. */
      get_request_health: { Args: { time_window?: string | null; }; Returns: Json };
      /** A rollout as a chart needs it: {rollout, minutes: [[at, requests, errors, slow, control requests, errors, slow]], before, verdicts}, or null. */
      get_rollout_curve: { Args: { p_rollout_id: string | null; }; Returns: Json };
      /** Which share of the units has a deployment now: {share: 0..1, status}; nobody has what is not rolled out. */
      get_rollout_share: { Args: { p_deployment_id: string | null; }; Returns: Json };
      /** Rollouts, the latest first, each with what its last look said: filters project_id, status, limit (at most 200). Admins and the functions see them. */
      get_rollouts: { Args: { p_filter?: Json | null; }; Returns: Json };
      /** For admins: the schedules and whether they fire, the last run of each function, the cycles of the engine, and the circuit breakers. */
      get_schedules: { Args: Record<PropertyKey, never>; Returns: Json };
      /** The shared patterns that their own evidence has made trusted, the best 1,000; exportPatterns withholds those that name anything. */
      get_shareable_patterns: { Args: Record<PropertyKey, never>; Returns: Json };
      /** For admins: one regression test with its last fifty runs. */
      get_test: { Args: { p_test_id: string | null; }; Returns: Json };
      /** Everything of one trace, oldest first: its events (at most 500), the errors that they are about, the fixes of these, and the runs that it woke or that worked on these. Admins and the functions see it; others get empty lists. */
      get_trace: { Args: { p_trace_id: string | null; }; Returns: Json };
      /** How often each voter was right, and the latest cases on which several of them voted: {voters: {name: {right, wrong}}, cases: [{name: right}]}. */
      get_voter_records: { Args: { p_voters: Json | null; p_votes?: number | null; }; Returns: Json };
      /** Calls the test runner at once: for what is due, or for the tests that concern a fix. Returns the run's id. */
      go_on_with_tests: { Args: { p_fix_id?: string | null; }; Returns: string };
      /** Takes note of what the platform tells: runs, requests and jobs that failed, each once with any number of callers. Returns how many are new. */
      harvest_platform_problems: { Args: Record<PropertyKey, never>; Returns: Json };
      /** Stores the patterns of a verified document of a trusted key at score 0.5 without evidence; known ones stay as they are, a document counts once. Returns the import with {replayed}. */
      import_patterns: { Args: { p_import: Json | null; }; Returns: Json };
      /** Injects one audit of each kind into the sandbox when self_audit_hours have passed and calls may be healed. Returns the ids of their errors. */
      inject_self_audits: { Args: Record<PropertyKey, never>; Returns: Json };
      /** Makes a decision on the state of this version take effect, once: notes it while the experiment goes on, or ends it. Returns the experiment with {taken}. */
      judge_fix_experiment: { Args: { p_experiment_id: string | null; p_version: number | null; p_decision: Json | null; }; Returns: Json };
      /** For admins: questions to people, asked last first; filter status (several with commas); limit, after. Returns {rows, next}; list_approvals has each in full. */
      list_approval_requests: { Args: { p_filter?: Json | null; }; Returns: Json };
      /** Questions to people, each with its fix, its error and what exactly would change; those that end first at the front. */
      list_approvals: { Args: { p_status?: string | null; p_limit?: number | null; p_approval_id?: string | null; }; Returns: Json };
      /** For admins: deployments, newest first; filters status (several with commas), action, project_id, environment; limit, after. Returns {rows, next}. */
      list_deployments: { Args: { p_filter?: Json | null; }; Returns: Json };
      /** For admins: error groups, seen last first; filters status (several with commas), category, severity, source, project_id, function_name, search; limit, after. Returns {rows, next}. */
      list_error_groups: { Args: { p_filter?: Json | null; }; Returns: Json };
      /** For admins: experiments, started last first; filter status; limit, after. Returns {rows, next}. */
      list_experiments: { Args: { p_filter?: Json | null; }; Returns: Json };
      /** For admins: log entries that came late, newest first; filter level; limit, after. Returns {rows, next}. */
      list_fallback_logs: { Args: { p_filter?: Json | null; }; Returns: Json };
      /** For admins: fixes, newest first; filters status (several with commas), tier, risk, action_kind, action_group, search; limit, after. Returns {rows, next}. */
      list_fixes: { Args: { p_filter?: Json | null; }; Returns: Json };
      /** For admins: runs of the healing functions, newest first; filters status, function_name; limit, after. Returns {rows, next}. */
      list_healing_runs: { Args: { p_filter?: Json | null; }; Returns: Json };
      /** For admins: patterns, changed last first; filters status, auto_fixable, category, search; limit, after. Returns {rows, next}. */
      list_patterns: { Args: { p_filter?: Json | null; }; Returns: Json };
      /** For admins: operations that wait to be made again, newest first, without what they carry; filters status (several with commas), detected_error_id; limit, after. Returns {rows, next}. */
      list_queued_operations: { Args: { p_filter?: Json | null; }; Returns: Json };
      /** What is in force, newest first, each with what it changed and why it cannot be taken back (null: it can, while nobody has changed the same object). */
      list_rollback_points: { Args: { p_status?: string | null; p_limit?: number | null; }; Returns: Json };
      /** For admins: regression tests, made last first; filters status, last_status, test_type, search; limit, after. Returns {rows, next}. */
      list_tests: { Args: { p_filter?: Json | null; }; Returns: Json };
      /** The engine's second cycle: retires patterns that are bad or long unused, at most p_limit of each. Deletes nothing. Returns {retired_bad, retired_unused, active, trusted}. */
      maintain_patterns: { Args: { p_limit?: number | null; }; Returns: Json };
      /** The nightly job of the metrics: makes the partitions of the coming days and drops those past retention_days. Returns counts. */
      maintain_performance_metrics: { Args: Record<PropertyKey, never>; Returns: Json };
      /** Lets an open error be claimed now; its attempts stay counted. Returns whether it had to wait. */
      make_error_due: { Args: { p_error_id: string | null; }; Returns: boolean };
      /** Makes the tests that the trigger could not make because a lock was busy. Returns how many. */
      make_missing_tests: { Args: Record<PropertyKey, never>; Returns: number };
      /** Remembers which states people were told, [{check_name, status}], and puts away the notifications that are over. Returns how many. */
      mark_health_told: { Args: { p_told: Json | null; }; Returns: number };
      /** Admins mark notifications as read, which ends their reminders and keeps them from escalating. Returns how many were unread. */
      mark_notifications_read: { Args: { p_ids: string[] | null; }; Returns: number };
      /** Admins say that groups have one cause: the first is kept and takes over the others, also what is captured later. Returns {merge_id, kept_id, merged_ids, occurrence_count}. */
      merge_error_groups: { Args: { p_ids: string[] | null; p_reason: string | null; }; Returns: Json };
      /** Moves the migration of a project: to applying before it is applied, and from there to applied, refused or failed. False when the move is not possible. */
      move_generated_migration: { Args: { p_project_id: string | null; p_status: string | null; p_report?: Json | null; p_sql?: string | null; }; Returns: boolean };
      /** Admins silence a subject (its key, or a beginning with *) or a channel for a time, with a reason; critical too. It stands in the digest afterwards. */
      mute_notifications: { Args: { p_scope: string | null; p_target: string | null; p_minutes: number | null; p_reason: string | null; }; Returns: Json };
      /** Records a step that is proved to be done, and renews the lease. */
      note_deployment_progress: { Args: { p_deployment_id: string | null; p_claim_number: number | null; p_progress: Json | null; p_lease_seconds?: number | null; }; Returns: undefined };
      /** Remembers which tables a function writes; once a minute is enough. Returns how many rows changed. */
      note_table_use: { Args: { p_function: string | null; p_tables: Json | null; }; Returns: number };
      /** What functions call to tell admins: one unread row per subject, one message per channel. Returns {id, occurrence_count, told}. */
      notify_admins: { Args: { p_severity: string | null; p_title: string | null; p_body: string | null; p_dedupe_key: string | null; p_details?: Json | null; }; Returns: Json };
      /** Opens an optimisation {fingerprint, type, message} under a claim, as if it were an error: {opened, id, claim_number}, or {opened: false, reason} when it is under way or was decided lately. */
      open_optimisation: { Args: { p_optimisation: Json | null; p_worker: string | null; }; Returns: Json };
      /** Opens a fix {fingerprint, type, message} of a project under a claim, as if it were an error: {opened, id, claim_number}, or {opened: false, reason} when it is under way or was decided lately. */
      open_quality_fix: { Args: { p_project_id: string | null; p_fix: Json | null; p_worker: string | null; }; Returns: Json };
      /** An admin lets nothing new start at a project's targets, with a reason; what is under way is followed to its end, and rollbacks still run. Returns how many targets. */
      pause_deployments: { Args: { p_project_id: string | null; p_reason: string | null; p_provider?: string | null; }; Returns: number };
      /** An admin holds a release up at its share, with a reason; it is still watched, and still taken back when it does harm. Returns the rollout. */
      pause_rollout: { Args: { p_rollout_id: string | null; p_reason: string | null; }; Returns: Json };
      /** Names of the tables whose columns are worth reading ahead: those that the function wrote last, and those in use whose history says that a change is due. */
      predict_table_schemas: { Args: { p_function: string | null; }; Returns: Json };
      /** What propose_fix and begin_fix would answer to a proposal at this moment, without recording it: {decision: auto | suggest | hold | off, reason}. */
      preview_fix: { Args: { p_fix: Json | null; }; Returns: Json };
      /** An admin makes a ready deployment the one that production serves, with a reason. Returns {deployment, is_new, refusal}. */
      promote_deployment: { Args: { p_deployment_id: string | null; p_reason: string | null; }; Returns: Json };
      /** An admin makes b of a completed experiment first choice, or takes that back with a; with a reason. Returns the experiment. */
      promote_experiment_variant: { Args: { p_experiment_id: string | null; p_variant: string | null; p_reason: string | null; }; Returns: Json };
      /** An admin lets a pattern act alone, with a reason, until its evidence speaks for itself; three failures in a row still demote it. Returns the pattern. */
      promote_pattern: { Args: { p_pattern_id: string | null; p_reason: string | null; }; Returns: Json };
      /** An admin gives a release to everybody at once and keeps it, with a reason. Returns the rollout. */
      promote_rollout: { Args: { p_rollout_id: string | null; p_reason: string | null; }; Returns: Json };
      /** Records a proposal for a claimed error and decides what it may do: auto (go on with begin_fix), suggest (a person is asked) or off. Returns {decision, fix_id, approval_id, reason}. */
      propose_fix: { Args: { p_fix: Json | null; }; Returns: Json };
      /** Deletes ended deployments past history_days, except the last two of each target. Returns how many. */
      purge_deployments: { Args: { p_limit?: number | null; }; Returns: number };
      /** Deletes ended requests past retention_days, projects that tests made after a day, old measurements and failures past history_days, and never a user's project. Returns how many of each. */
      purge_generations: { Args: { p_limit?: number | null; }; Returns: Json };
      /** Deletes healed errors, ended fixes and events of builds past history_days, at most p_limit of each, and nothing that is still needed. Returns how many of each. */
      purge_healed_history: { Args: { p_limit?: number | null; }; Returns: Json };
      /** The nightly job: makes the partitions of the coming days, drops old ones, and deletes ended rows past retention_days. Returns counts. */
      purge_healing_history: { Args: Record<PropertyKey, never>; Returns: Json };
      /** Deletes units of experiments that ended before retention_days, and votes that are twelve times as old, at most p_limit of each. Returns how many; experiments and voters keep their counts. */
      purge_judgement_history: { Args: { p_limit?: number | null; }; Returns: number };
      /** The token of a target from Vault, or null; only entries whose name begins with deploy_ can be a target's. */
      read_deployment_secret: { Args: { p_target_id: string | null; }; Returns: string };
      /** A project with its plan, its measurements and its files, with their texts unless told otherwise. PT404 when it is not known. */
      read_generated_project: { Args: { p_project_id: string | null; p_with_files?: boolean | null; }; Returns: Json };
      /** How far a request is, why it failed, and, once it is completed, its project, its quality and its files (with their texts when asked). PT404 when it is not known. */
      read_generation: { Args: { p_request_id: string | null; p_with_files?: boolean | null; }; Returns: Json };
      /** A generated project as code is read: {id, title, framework, revision, quality_score, files: [{path, content}]}, or null. */
      read_project_files: { Args: { p_project_id: string | null; }; Returns: Json };
      /** The columns of up to 50 tables that the caller may write, each with their fingerprint: {table: {fingerprint, columns}}; others are left out. */
      read_table_schemas: { Args: { p_tables: Json | null; }; Returns: Json };
      /** The patterns of a framework's projects, those of the best projects first: [{pattern_key, category, description, projects, quality}]. */
      read_ux_patterns: { Args: { p_framework: string | null; p_limit?: number | null; }; Returns: Json };
      /** The job of every minute: ends generations whose time is over, and has those taken up that wait or whose worker vanished. Returns {failed, called}. */
      reap_generations: { Args: Record<PropertyKey, never>; Returns: Json };
      /** Closes runs past their deadline as lost, hands exhausted errors to people, and dispatches the engine for errors that no run has met. Returns how many runs were lost. */
      reap_lost_runs: { Args: Record<PropertyKey, never>; Returns: number };
      /** Appends one build event: auto_heal_success, auto_heal_failed or schema_auto_fix. Returns its id. */
      record_build_event: { Args: { p_event: Json | null; }; Returns: string };
      /** Keeps which deployments an error may have come with, [{id, place, score, reason, details}]; the latest look counts. Returns how many. */
      record_deployment_correlations: { Args: { p_error_id: string | null; p_candidates: Json | null; }; Returns: number };
      /** Stores what voters came to about a unit of work, with every vote; the same unit replaces what is not judged yet. Returns {id}. */
      record_ensemble_decision: { Args: { p_decision: Json | null; }; Returns: Json };
      /** Says whether a fix that was voted on has worked, once: its votes become right or wrong, and the voters' records count up. Returns {recorded}. */
      record_ensemble_truth: { Args: { p_decision_id: string | null; p_candidate_key: string | null; p_worked: boolean | null; }; Returns: Json };
      /** Writes down what a look at the database found: each thing once, new ones with a fix as proposals that wait for a person, and closes what a complete look did not find again. Returns {seen, new, proposed, closed}. */
      record_findings: { Args: { p_scope: string | null; p_findings: Json | null; p_is_complete?: boolean | null; }; Returns: Json };
      /** After apply and probe: moves the fix to validating with its rollback point and its proof if there is one, sets the window, lists what is in force. Raises PT409 when it undoes a fix in force. Returns the fix. */
      record_fix_applied: { Args: { p_fix_id: string | null; p_claim_number: number | null; p_result: Json | null; }; Returns: Json };
      /** Adds the direct proof to a fix under validation: the failed operation was made again, with {succeeded, ...}. */
      record_fix_proof: { Args: { p_fix_id: string | null; p_proof: Json | null; }; Returns: undefined };
      /** Appends failures of generation from a list. Returns how many. */
      record_generation_failures: { Args: { p_failures: Json | null; }; Returns: number };
      /** Stores looks, all or none, and moves what is shown. Returns {ids, to_tell}: the checks whose state people do not know yet. */
      record_health_checks: { Args: { p_checks: Json | null; }; Returns: Json };
      /** Takes note of everything that could be better now: tells people of what is new and of weight, and closes what is gone. Returns {opened, closed}. */
      record_optimisations: { Args: { p_findings: Json | null; }; Returns: Json };
      /** Counts one outcome of a pattern, once per unit of work whoever reports it; the same unit with the other outcome raises PT409. Returns the pattern. */
      record_pattern_evidence: { Args: { p_pattern_id: string | null; p_unit: string | null; p_succeeded: boolean | null; }; Returns: Json };
      /** Adds a batch of aggregates to their minutes, once by its batch_id within half an hour; all of it or nothing. Returns {recorded, rows}. */
      record_performance_metrics: { Args: { p_batch: Json | null; }; Returns: Json };
      /** Keeps a measurement of a project (see generation_quality_metrics) when it still has the revision that was measured; false when it has not. */
      record_project_quality: { Args: { p_project_id: string | null; p_revision: string | null; p_metrics: Json | null; }; Returns: boolean };
      /** Writes into the fixes of a project that wait for it whether the project is better than before them. Returns how many. */
      record_quality_proof: { Args: { p_project_id: string | null; p_score: number | null; p_error_count: number | null; }; Returns: number };
      /** Writes what came of a wanted redeploy into the fix's row; a second answer is ignored. */
      record_redeploy: { Args: { p_fix_id: string | null; p_outcome: Json | null; }; Returns: undefined };
      /** Records heals that happened inside requests: an event each, and the evidence for their patterns. Returns how many. */
      record_request_heals: { Args: { p_heals: Json | null; }; Returns: number };
      /** Keeps a look at a release and makes it take effect, once, for the holder of the claim: on, held up, or taken back. Returns the rollout. */
      record_rollout_verdict: { Args: { p_rollout_id: string | null; p_claim_number: number | null; p_verdict: Json | null; }; Returns: Json };
      /** Says that a unit has begun with its variant, so that it counts as a failure when no outcome comes before it matures. Returns {recorded, unit, matures_at}. */
      record_variant_assignment: { Args: { p_experiment_id: string | null; p_variant: string | null; p_unit: string | null; }; Returns: Json };
      /** Records the one outcome of a unit; without a unit the call is its own. The other outcome, a late one, the other variant's unit and an ended experiment raise PT409. Returns {recorded, unit, matures_at}. */
      record_variant_result: { Args: { p_experiment_id: string | null; p_variant: string | null; p_succeeded: boolean | null; p_unit?: string | null; p_elapsed_ms?: number | null; }; Returns: Json };
      /** Puts what a pending fix would change now into its question; a yes to the older preview is refused from then on. Returns the approval. */
      refresh_approval: { Args: { p_approval_id: string | null; p_preview: Json | null; p_reason: string | null; }; Returns: Json };
      /** stale: the catalogue has what the REST interface did not find, and the interface is told; missing: it has not, with the arguments of the only function of that name; off: mending the database is not switched on. */
      refresh_schema_cache: { Args: { p_missing: Json | null; }; Returns: Json };
      /** Gives a claimed error back without a fix, with the reason: open (to be tried again), escalated, ignored, or healed by itself. */
      release_error: { Args: { p_error_id: string | null; p_claim_number: number | null; p_status: string | null; p_reason: string | null; p_retry_seconds?: number | null; p_counts?: boolean | null; }; Returns: undefined };
      /** Gives up to 500 claimed errors back without a fix, as release_error does. Returns the ids that were released; a claim that is lost is left out. */
      release_errors: { Args: { p_releases: Json | null; }; Returns: Json };
      /** Gives a claimed generation back to be gone on with by the next invocation: called at once, or by the schedule after some seconds. */
      release_generation: { Args: { p_request_id: string | null; p_claim_number: number | null; p_reason: string | null; p_after_seconds?: number | null; }; Returns: undefined };
      /** Extends a lease that is still held; raises PT409 LEASE_LOST otherwise. Returns its new end. */
      renew_claim: { Args: { p_error_id: string | null; p_claim_number: number | null; p_lease_seconds?: number | null; }; Returns: string };
      /** Extends a lease that is still held; raises PT409 LEASE_LOST otherwise. Returns its new end. */
      renew_generation: { Args: { p_request_id: string | null; p_claim_number: number | null; p_lease_seconds?: number | null; }; Returns: string };
      /** An isolate reports {name, isolate, group, version, is_open, failures, error_code, cooldown_ms, quorum, quorum_share} and reads the fleet's state in one call. */
      report_circuit_breaker: { Args: { p_report: Json | null; }; Returns: Json };
      /** Tells people that every attempt on an error has failed, and why each. */
      report_failed_attempts: { Args: { p_error_id: string | null; p_attempts: Json | null; }; Returns: undefined };
      /** A deliverer says which kinds of channels its environment sets up; escalates and tidies. Returns the channels to deliver on. */
      report_notification_channels: { Args: { p_channels: Json | null; }; Returns: Json };
      /** A machine asks for a deployment, once for each key; what waits for the same target is joined. Returns {deployment, is_new, refusal}. */
      request_deployment: { Args: { p_request: Json | null; }; Returns: Json };
      /** A machine asks for a release to be taken back, with what it measured; once for a release, and in mode suggest it waits for a person. Returns {rollback, is_new, refusal}. */
      request_deployment_rollback: { Args: { p_deployment_id: string | null; p_reason: string | null; p_measured?: Json | null; }; Returns: Json };
      /** An admin asks for a fix in force to be taken back, with a reason; the engine does it, kill switch or not. Returns the request. */
      request_revert: { Args: { p_fix_id: string | null; p_reason: string | null; }; Returns: Json };
      /** Reserves the most that a request to a model can use, from the budget of the day: {decision: reserved, price, records_texts} or {decision: refused, about, limit, committed, asked, resets_in_ms}. A reservation that is never settled stays counted: the provider may have charged for it. */
      reserve_ai_call: { Args: { p_call: Json | null; }; Returns: Json };
      /** Closes a breaker for all, whatever the evidence so far; votes and probes from before are void. Returns the view. */
      reset_circuit_breaker: { Args: { p_name: string | null; p_reason: string | null; }; Returns: Json };
      /** Ends a pause, with a reason. Returns how many targets go on. */
      resume_deployments: { Args: { p_project_id: string | null; p_reason: string | null; p_provider?: string | null; }; Returns: number };
      /** Lets a failed generation go on from its checkpoint with a new limit, at most five times. Returns read_generation and whether it was resumed here. */
      resume_generation: { Args: { p_request_id: string | null; }; Returns: Json };
      /** An admin lets a release that is held up go on from its step, with a reason; the step begins anew. Returns the rollout. */
      resume_rollout: { Args: { p_rollout_id: string | null; p_reason: string | null; }; Returns: Json };
      /** An admin takes a release back, with a reason: nobody gets it from now on, and its deployment is rolled back. Returns the rollout. */
      roll_back_rollout: { Args: { p_rollout_id: string | null; p_reason: string | null; }; Returns: Json };
      /** An admin takes a release back, with a reason, kill switch or not. Returns {rollback, is_new, refusal}; never across a change that destroyed something. */
      rollback_deployment: { Args: { p_deployment_id: string | null; p_reason: string | null; }; Returns: Json };
      /** Saves corrected files {path, content} of a project in one transaction, with the first text of each kept, only when the project still has the revision that was read. Returns {changed, revision}; raises PT404, PT409 CONFLICT, PT400. */
      save_corrected_project: { Args: { p_project_id: string | null; p_revision: string | null; p_files: Json | null; p_metrics?: Json | null; p_actor?: string | null; }; Returns: Json };
      /** Keeps the functions as they stand before a deployment changes them, [{slug, metadata, body}]; what was kept first stays. Returns how many are new. */
      save_deployment_bodies: { Args: { p_deployment_id: string | null; p_claim_number: number | null; p_bodies: Json | null; }; Returns: number };
      /** Keeps tests of a project's files, {test_name, test_type, test_prompt, files, test_file, test_code, framework?} each; one of the same name and file is replaced. Returns how many. */
      save_file_tests: { Args: { p_project_id: string | null; p_tests: Json | null; }; Returns: number };
      /** Saves a claimed generation whole or not at all: the project {title, description, plan, migration?: {path, sql, status, report}}, all of its files {path, content, origin?} and its metrics. Raises PT409 LEASE_LOST, PT504 after its limit. Returns read_generation. */
      save_generated_project: { Args: { p_request_id: string | null; p_claim_number: number | null; p_project: Json | null; p_files: Json | null; p_metrics: Json | null; }; Returns: Json };
      /** Admins force a breaker open, disable it, or give it back to the evidence (auto), with a reason. Returns the breaker. */
      set_circuit_breaker_mode: { Args: { p_name: string | null; p_mode: string | null; p_reason: string | null; }; Returns: Json };
      /** An admin says where a project is deployed to: names and ids in the config, and the name of the secret, never the secret. docs/deployments.md has each provider's config. */
      set_deployment_target: { Args: { p_project_id: string | null; p_provider: string | null; p_config: Json | null; p_vault_entry: string | null; p_reason: string | null; p_is_default?: boolean | null; }; Returns: Json };
      /** Puts what a request to a model really used in the place of its reservation, once, and records how it ended: {id, model, prompt_tokens, completion_tokens, is_estimate, outcome, …}. False when that was done before. */
      settle_ai_call: { Args: { p_call: Json | null; }; Returns: boolean };
      /** Ends the index jobs whose work the catalogue shows, takes them off the schedule, and asks for the removal of what a failed one left. Returns the state of each. */
      settle_index_jobs: { Args: Record<PropertyKey, never>; Returns: Json };
      /** Lets the errors of useless fixes come back, judges the audits that have ended, and clears the sandbox. Returns how many were judged. */
      settle_self_audits: { Args: Record<PropertyKey, never>; Returns: number };
      /** Marks a dispatched run as started, once; without an id it opens a run of its own. Returns {id, started}. */
      start_healing_run: { Args: { p_run_id: string | null; p_function_name: string | null; p_instance_id: string | null; p_trigger?: string | null; }; Returns: Json };
      /** Begins to roll out a deployment that is ready, once: {mode, functions, steps, plan}. What was usual before is kept with it. Returns the rollout. */
      start_rollout: { Args: { p_deployment_id: string | null; p_options?: Json | null; }; Returns: Json };
      /** Keeps a reply for its subject: {fingerprint, subject_hash, model, reply, ttl_seconds}, at most 30 days and 256 kB; the ones that expire soonest make room. */
      store_ai_reply: { Args: { p_reply: Json | null; }; Returns: boolean };
      /** Stores log entries {id, level, message, context, at in milliseconds}, each once by its id; what is no entry is counted and left out. Returns {stored, known, refused}. */
      store_fallback_logs: { Args: { p_entries: Json | null; }; Returns: Json };
      /** True for the one caller that may look at the database now; false for everybody else until the hours have passed. */
      take_finding_turn: { Args: { p_scope: string | null; p_hours?: number | null; }; Returns: boolean };
      /** An admin deploys a project, with a reason; options: {provider?, environment?, key?}. Returns {deployment, is_new, refusal}. */
      trigger_deployment: { Args: { p_project_id: string | null; p_reason: string | null; p_changes?: Json | null; p_options?: Json | null; }; Returns: Json };
      /** Calls the engine or the monitor for checks that are not well, each check at most once in ten minutes. Returns {checks, runs}. */
      trigger_proactive_healing: { Args: Record<PropertyKey, never>; Returns: Json };
      /** Admins take a merge back: each group gets its state and every occurrence of its fingerprint again, also those captured since. Returns the merge. */
      undo_error_group_merge: { Args: { p_merge_id: string | null; p_reason: string | null; }; Returns: Json };
      /** Admins end a mute, with a reason; what it held goes on. Returns whether there was one. */
      unmute_notifications: { Args: { p_scope: string | null; p_target: string | null; p_reason: string | null; }; Returns: boolean };
      /** The only way from state to state. The present status is a look that changed nothing. details: {reason, provider_deployment_id, provider_state, url, error, errors, progress, proof, absent, next_check_seconds}. Raises PT409 for an impossible move or a lost claim. */
      update_deployment_status: { Args: { p_deployment_id: string | null; p_status: string | null; p_details?: Json | null; p_claim_number?: number | null; }; Returns: Json };
      /** Counts one outcome of a pattern in a project, once per unit of work, for the shared pattern and for the project's own. Returns the project's. */
      update_pattern_stats: { Args: { p_pattern_id: string | null; p_project_id: string | null; p_unit: string | null; p_succeeded: boolean | null; }; Returns: Json };
      /** Stores a pattern or finds the stored one by signature, strategy and project; evidence is never set here. Returns the row. */
      upsert_healing_pattern: { Args: { p_pattern: Json | null; }; Returns: Json };
      /** Takes a pending question back, because what it asks for is there already, and has its error looked at again. */
      withdraw_approval: { Args: { p_approval_id: string | null; p_reason: string | null; }; Returns: undefined };
      /** Ends a claimed error's fix that is not needed any more; the claim goes on, and its pattern learns nothing. */
      withdraw_fix: { Args: { p_fix_id: string | null; p_claim_number: number | null; p_reason: string | null; }; Returns: undefined };
      /** Writes rows as the caller, with row level security: {status: saved, rows}, or {status: mixed, rows, results, schema} with what became of each row that was not saved. Options: same_keys (all rows have the keys of the first), operation, key, filter, on_conflict, ignore_duplicates, returning, healed with fingerprint, parked, final, queue, seen, unseen. */
      write_rows: { Args: { p_table: string | null; p_rows: Json | null; p_options?: Json | null; }; Returns: Json };
    };
    Enums: Record<never, never>;
    CompositeTypes: Record<never, never>;
  };
};
