/** What a healing engine is given, and what it answers. @module */

import type { Clock } from "../core/clock.ts";
import type { FailedScript, Origin, Tier } from "../core/fixes.ts";
import type { Logger } from "../core/logger.ts";
import type { FixKindName } from "../fixActions.ts";
import type { ClaimedOperation, RpcPort } from "../healingDb.ts";
import type { DirectConnection } from "../postgres.ts";
import type { ScriptOutcome } from "./trials.ts";

/** Makes a queued operation again, under the role of its first caller; must not throw for a refusal of the target. */
export type OperationInvoker = (operation: ClaimedOperation) => Promise<{ status: number; body: string }>;

/** What an engine is given. */
export interface HealingEngineOptions {
  /** The SQL functions, usually over HTTP. */
  db: RpcPort;
  /** Opens the direct connection that database fixes need; without it they are refused with that reason. */
  openDirect?: (() => Promise<DirectConnection>) | undefined;
  /** Makes queued operations again; without it they wait. */
  invoke?: OperationInvoker | undefined;
  /** Names this worker in its claims. */
  worker: string;
  /** How long a claim holds without a sign of life, in seconds; 120. */
  leaseSeconds?: number;
  logger?: Logger;
  clock?: Clock;
}

/** What the caller knows beyond the stored error. */
export interface HealSituation {
  origin: Origin;
  /** The migration that failed; a fix is proved by running it again in the same transaction. */
  script?: FailedScript;
}

/** What became of one error. */
export type HealOutcome =
  | {
    kind: "applied";
    fixId: string;
    action: FixKindName;
    tier: Tier;
    description: string;
    proof: string;
    durationMs: number;
    /** The statements that do the same in a migration. */
    sql?: string[];
    /** Where the migration stands now; its `error` is another one than the one that was mended. */
    script?: ScriptOutcome;
  }
  | { kind: "waiting"; fixId: string; approvalId: string | undefined; reason: string }
  | { kind: "failed"; reason: string }
  | { kind: "none"; reason: string };

/** Counters of a run, under the names that its row shows. */
export interface HealCounters {
  errors_detected: number;
  fixes_applied: number;
  fixes_kept: number;
  fixes_reverted: number;
  fixes_waiting: number;
  patterns_learned: number;
}
