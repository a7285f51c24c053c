/** The rows of deployments, and what is said about them. @module */

import type { Json } from "../core/ports.ts";
import type { CapturedError } from "../healingDb.ts";

/** Where a deployment is; `ready`, `failed`, `cancelled` and `blocked` are its one end, after `ready` it is judged. */
export type DeploymentStatus =
  | "pending"
  | "deploying"
  | "building"
  | "unknown"
  | "ready"
  | "failed"
  | "cancelled"
  | "blocked"
  | "live"
  | "kept"
  | "rolled_back";

/** Who carries a deployment out. */
export type ProviderName = "vercel" | "github" | "supabase" | "hook";

/** Where a project is deployed to; no secret. */
export interface DeploymentTarget {
  id: string;
  project_id: string;
  provider: ProviderName;
  config: { [key: string]: Json };
  /** The name under which the token is kept. */
  vault_entry: string;
}

/** One deployment as it is stored. */
export interface StoredDeployment {
  id: string;
  project_id: string;
  target_id: string;
  provider: ProviderName;
  environment: "production" | "preview";
  action: "deploy" | "promote" | "rollback";
  trigger_kind: string;
  trigger_reason: string;
  changes: { [key: string]: Json };
  status: DeploymentStatus;
  status_reason: string;
  subject_id: string | null;
  requested_by: string;
  approved_by: string | null;
  cancel_requested_by: string | null;
  cancel_reason: string | null;
  intent: { [key: string]: Json } | null;
  progress: { [key: string]: Json };
  rollback_point: { [key: string]: Json } | null;
  provider_deployment_id: string | null;
  provider_state: string | null;
  url: string | null;
  error: Json;
  send_count: number;
  look_count: number;
  absent_count: number;
  claim_number: number | null;
  created_at: string;
  intent_at: string | null;
  deployed_at: string | null;
  finished_at: string | null;
  settled_at: string | null;
}

/** A deployment that one worker has for a while. */
export interface ClaimedDeployment extends StoredDeployment {
  claim_number: number;
  target: DeploymentTarget;
  /** What is promoted or rolled back. */
  subject: StoredDeployment | null;
}

/** What is asked for. */
export interface DeploymentWish {
  project_id: string;
  reason: string;
  /** Asked for twice under one key, it is one. */
  key: string;
  kind: "fix" | "experiment_winner" | "other";
  changes?: { [key: string]: Json };
  provider?: ProviderName | undefined;
  environment?: "production" | "preview" | undefined;
  auto_fix_id?: string;
  fix_experiment_id?: string;
}

/** What came of asking; without a deployment `refusal` says why. */
export interface AskedDeployment {
  deployment: StoredDeployment | null;
  is_new: boolean;
  refusal: string | null;
}

/** What one step of a deployment showed. */
export interface DeploymentStep {
  reason?: string;
  provider_deployment_id?: string;
  provider_state?: string;
  url?: string;
  error?: Json;
  /** Captured with the end, once. */
  errors?: CapturedError[];
  progress?: { [key: string]: Json };
  /** What proves a rollback. */
  proof?: Json;
  /** The provider was asked and does not have it. */
  absent?: boolean;
  next_check_seconds?: number;
}

/** A file of a function; `base64` for what is no text. */
export interface SavedFile {
  path: string;
  content: string;
  encoding?: "base64";
}

/** A function as it stood before a deployment; `body` is null where there was none. */
export interface SavedBody {
  slug: string;
  metadata: { [key: string]: Json };
  body: { files: SavedFile[] } | null;
}

/** A rollback as it is stored. */
export interface StoredRollback {
  id: string;
  deployment_id: string;
  carried_out_by: string | null;
  automatic: boolean;
  status: "pending" | "done" | "failed" | "refused";
  reason: string;
  measured: Json;
  proof: Json;
  outcome: string | null;
}

/** What came of asking for a rollback; a refusal is recorded, and people are told. */
export interface AskedRollback {
  rollback: StoredRollback;
  is_new: boolean;
  refusal: string | null;
}
