/** Error groups: capture, claim, release. @module */

import type { ActionDraft } from "../core/fixes.ts";
import type { Json, RpcPort } from "../core/ports.ts";
import type { HealingCategory, HealingSeverity } from "./events.ts";
import type { StoredFix } from "./fixes.ts";
import type { QueuedOperationDraft } from "./operations.ts";
import type { HealingPattern } from "./patterns.ts";

/** One occurrence of an error, sanitised; or several of one group that are sent together. */
export interface CapturedError {
  fingerprint: string;
  error_signature: string;
  error_template: string;
  slots: string[];
  error_type: string;
  error_code: string;
  error_message: string;
  stack_trace?: string;
  category: HealingCategory;
  severity: HealingSeverity;
  source: string;
  function_name?: string;
  project_id?: string;
  context: Json;
  request_id?: string;
  /** Milliseconds since it happened, by the sender's clock. */
  age_ms?: number;
  /** For how many occurrences it stands, at most 9,999; 1. */
  occurrences?: number;
  /** The traces of the others. */
  further_traceparents?: string[];
  operation?: QueuedOperationDraft;
}

/** The group that an occurrence went into. */
export interface CapturedGroup {
  id: string;
  fingerprint: string;
  status: string;
  occurrence_count: number;
  is_new: boolean;
}

/** Stores up to 500 occurrences, grouped, with their operations. */
export function captureErrors(
  db: RpcPort,
  errors: readonly CapturedError[],
): Promise<{ errors: CapturedGroup[]; queued: number; rejected: number }> {
  return db.call("capture_errors", { p_errors: errors });
}

/** An error group as it is stored. */
export interface StoredError {
  id: string;
  fingerprint: string;
  error_signature: string;
  error_template: string;
  slots: string[];
  error_type: string;
  error_code: string | null;
  error_message: string;
  stack_trace?: string | null;
  category: HealingCategory;
  severity: HealingSeverity;
  source: string;
  function_name: string | null;
  context: Json;
  status: string;
  occurrence_count: number;
  occurrences_since_fix: number;
  attempt_count: number;
  claim_number: number;
}

/** An error that this worker holds until its lease ends. */
export interface ClaimedError extends StoredError {
  live_fix: StoredFix | null;
  /** Actions that were reverted, rejected or failed for this error. */
  refused_actions: ActionDraft[];
  patterns: HealingPattern[];
  queued_operations: number;
  /** Seconds since the last occurrence, by the database's clock. */
  seconds_since_seen: number;
}

/** Leases due errors to a worker: of one project when it is given; one given error when its id is given. */
export function claimErrors(
  db: RpcPort,
  claim: {
    worker: string;
    limit?: number;
    leaseSeconds?: number;
    errorId?: string | undefined;
    projectId?: string | undefined;
  },
): Promise<ClaimedError[]> {
  const { worker, limit = 1, leaseSeconds = 120, errorId, projectId } = claim;
  const common = { p_worker: worker, p_limit: limit, p_lease_seconds: leaseSeconds };
  return errorId === undefined
    ? db.call("claim_due_errors", { ...common, p_project_id: projectId ?? null })
    : db.call("claim_errors", { ...common, p_error_id: errorId });
}

/** A claim on an error. */
export type Claim = Pick<StoredError, "id" | "claim_number">;

/** How a claimed error is given back without a fix. */
export interface Release {
  status: "open" | "escalated" | "ignored" | "healed";
  reason: string;
  /** Pause before the next claim; 60. */
  retrySeconds?: number;
  /** `false` when it was no attempt: a switch, a budget or a busy database held it back. */
  counts?: boolean;
}

/** Gives a claimed error back without a fix, with the reason. */
export function releaseError(db: RpcPort, claim: Claim, release: Release): Promise<void> {
  return db.call("release_error", {
    p_error_id: claim.id,
    p_claim_number: claim.claim_number,
    p_status: release.status,
    p_reason: release.reason,
    p_retry_seconds: release.retrySeconds ?? 60,
    p_counts: release.counts ?? true,
  });
}

/** Gives many claimed errors back at once; returns the ids of those whose claim still held. */
export function releaseErrors(
  db: RpcPort,
  releases: readonly (Release & { claim: Claim })[],
): Promise<string[]> {
  return db.call("release_errors", { p_releases: releases.map(asRow) });
}

/** Gives a batch of claims back and leases the next one in one round trip. */
export function exchangeClaims(
  db: RpcPort,
  releases: readonly (Release & { claim: Claim })[],
  next: { worker: string; limit: number; leaseSeconds?: number; projectId?: string | undefined },
): Promise<{ released: string[]; claimed: ClaimedError[] }> {
  return db.call("exchange_claims", {
    p_releases: releases.map(asRow),
    p_worker: next.worker,
    p_limit: next.limit,
    p_lease_seconds: next.leaseSeconds ?? 120,
    p_project_id: next.projectId ?? null,
  });
}

function asRow({ claim, status, reason, retrySeconds = 60, counts = true }: Release & { claim: Claim }) {
  return {
    id: claim.id,
    claim_number: claim.claim_number,
    status,
    reason,
    retry_seconds: retrySeconds,
    counts,
  };
}

/** The errors that {@link claimErrors} would lease now; nothing is claimed. */
export function getDueErrors(
  db: RpcPort,
  due: { projectId?: string | undefined; limit: number },
): Promise<ClaimedError[]> {
  return db.call("get_due_errors", { p_project_id: due.projectId ?? null, p_limit: due.limit });
}

/** Extends a lease that is still held; rejects with `LEASE_LOST` otherwise. */
export function renewClaim(db: RpcPort, claim: Claim, leaseSeconds: number): Promise<string> {
  return db.call("renew_claim", {
    p_error_id: claim.id,
    p_claim_number: claim.claim_number,
    p_lease_seconds: leaseSeconds,
  });
}

/** One error as an engine would claim it, by its id or the last one of a fingerprint; null when there is none. */
export function getErrorToAnalyse(
  db: RpcPort,
  which: { errorId: string } | { fingerprint: string },
): Promise<ClaimedError | null> {
  return db.call("get_error_to_analyse", {
    p_error_id: "errorId" in which ? which.errorId : null,
    p_fingerprint: "fingerprint" in which ? which.fingerprint : null,
  });
}
