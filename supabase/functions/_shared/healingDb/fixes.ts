/** The lifecycle of a fix. @module */

import type { ActionDraft, ActionGroup, PatternDraft, Risk, Tier } from "../core/fixes.ts";
import type { Json, RpcPort } from "../core/ports.ts";
import type { Claim, StoredError } from "./errors.ts";

/** A fix as it is stored. */
export interface StoredFix {
  id: string;
  detected_error_id: string;
  action: ActionDraft;
  action_kind: string;
  action_group: ActionGroup;
  tier: Tier;
  status: string;
  risk: Risk;
  target: string;
  approved_by: string | null;
  claim_number: number;
  rollback_point: Json;
  proof: { succeeded?: boolean } | null;
  /** What exactly it changes, as its rehearsal showed; null when it was not rehearsed. */
  preview: Json;
  duration_ms: number | null;
}

/** A proposal for a claimed error, with all that a person would need to decide about it. */
export interface FixDraft {
  detected_error_id: string;
  claim_number: number;
  action: ActionDraft;
  target: string;
  tier: Tier;
  confidence: number;
  risk: Risk;
  reason: string;
  evidence: Json;
  pattern: PatternDraft;
  pattern_id?: string;
  wanted: "auto" | "suggest" | "options";
  /** Why it is wanted so, for the person who is asked. */
  wanted_because: string;
  what_will_happen: string;
  /** What exactly it changes, as its rehearsal showed. */
  preview?: object;
  alternatives: ({ action: ActionDraft } & Record<string, Json>)[];
}

/** What the database permits for a proposal. */
export interface ProposedFix {
  decision: "auto" | "suggest" | "off";
  fix_id?: string;
  approval_id?: string;
  reason: string;
}

/** Records a proposal; the database decides what it may do. */
export function proposeFix(db: RpcPort, fix: FixDraft): Promise<ProposedFix> {
  return db.call("propose_fix", { p_fix: fix });
}

/** What the database would answer to a proposal at this moment; nothing is recorded. */
export function previewFix(
  db: RpcPort,
  fix: FixDraft,
): Promise<{ decision: "auto" | "suggest" | "hold" | "off"; reason: string }> {
  return db.call("preview_fix", { p_fix: fix });
}

/** Whether a fix has started, or what holds it back. */
export interface FixStart {
  moved: boolean;
  reason: string;
  /** When it is worth another try. */
  retry_seconds?: number;
  /** Set when a person is asked instead; the claim is over then. */
  approval_id?: string;
}

/** Moves a fix to applying, if switches, evidence and budgets permit it now. */
export function beginFix(db: RpcPort, fixId: string, claim: Claim): Promise<FixStart> {
  return db.call("begin_fix", { p_fix_id: fixId, p_claim_number: claim.claim_number });
}

/** What an applied fix reports. */
export interface AppliedFix {
  rollback_point: Json;
  probe: Json;
  description: string;
  duration_ms: number;
  /** What the fix changed, before and after, for kinds that can say; fixes that undo each other are told by it. */
  state_before?: Json;
  state_after?: Json;
  /** The failed operation was made again by the fix itself; recorded with it, so that no crash can come between. */
  proof?: { succeeded: boolean } & Record<string, Json>;
  /** What can happen only once, like a migration, is judged at once. */
  one_off?: boolean;
}

/** Moves an applied and probed fix to validating. */
export function recordFixApplied(
  db: RpcPort,
  fixId: string,
  claim: Claim,
  result: AppliedFix,
): Promise<StoredFix> {
  return db.call("record_fix_applied", {
    p_fix_id: fixId,
    p_claim_number: claim.claim_number,
    p_result: result,
  });
}

/** Adds the direct proof: the failed operation was made again. */
export function recordFixProof(
  db: RpcPort,
  fixId: string,
  proof: { succeeded: boolean } & Record<string, Json>,
): Promise<void> {
  return db.call("record_fix_proof", { p_fix_id: fixId, p_proof: proof });
}

/** Ends a fix that could not be applied, and gives its error back. */
export function failFix(
  db: RpcPort,
  fixId: string,
  claim: Claim,
  reason: string,
): Promise<void> {
  return db.call("fail_fix", {
    p_fix_id: fixId,
    p_claim_number: claim.claim_number,
    p_reason: reason,
  });
}

/** A fix under validation that this worker holds. */
export interface FixToJudge extends StoredFix {
  error: StoredError;
  window_is_over: boolean;
  seconds_watched: number;
  seconds_before: number;
}

/** Leases fixes whose window is over or whose error came back: of one project, or one given fix when its id is given. */
export function claimFixesToJudge(
  db: RpcPort,
  claim: { limit?: number; fixId?: string | undefined; projectId?: string | undefined } = {},
): Promise<FixToJudge[]> {
  if (claim.projectId !== undefined && claim.fixId === undefined) {
    return db.call("claim_project_fixes", {
      p_limit: claim.limit ?? 20,
      p_lease_seconds: 120,
      p_project_id: claim.projectId,
    });
  }
  return db.call("claim_fixes_to_judge", {
    p_limit: claim.limit ?? 20,
    ...(claim.fixId === undefined ? {} : { p_fix_id: claim.fixId }),
  });
}

/** Makes the verdict on a fix take effect. */
export function concludeFix(
  db: RpcPort,
  fix: Pick<StoredFix, "id" | "claim_number">,
  status: "kept" | "reverted" | "inconclusive",
  verdict: Json,
): Promise<StoredFix & { pattern_is_new: boolean }> {
  return db.call("conclude_fix", {
    p_fix_id: fix.id,
    p_claim_number: fix.claim_number,
    p_status: status,
    p_verdict: verdict,
  });
}
