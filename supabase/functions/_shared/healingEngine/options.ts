/** What a healing engine is given, and what it answers. @module */

import type { Clock } from "../core/clock.ts";
import type { ErrorFacts, FailedScript, Origin, Proposal, Tier } from "../core/fixes.ts";
import type { Logger } from "../core/logger.ts";
import type { FixKindName } from "../fixActions.ts";
import type { ConcernedTests, WantedRedeploy } from "../engineDb.ts";
import type { ClaimedError, ClaimedOperation, RpcPort } from "../healingDb.ts";
import type { DirectConnection } from "../postgres.ts";
import type { ScriptOutcome } from "./trials.ts";

/** Makes a queued operation again, under the role of its first caller; must not throw for a refusal of the target. */
export type OperationInvoker = (operation: ClaimedOperation) => Promise<{ status: number; body: string }>;

/**
 * Who proposes fixes besides the patterns and the rules; one that rejects has nothing to say, for that reason. `tried`
 * are the kinds of fixes that patterns and rules have proposed, of which none stood.
 */
export type Proposer = (
  error: ClaimedError,
  facts: ErrorFacts,
  tried: readonly string[],
) => Promise<Proposal[]>;

/** Runs the regression tests that concern a fix; rejects when they could not be run. */
export interface TestRunnerPort {
  runConcerned(fix: {
    fixId: string;
    errorId: string;
    functionName: string | null;
    /** What was changed, as `kind:name`. */
    target: string;
    appliedSecondsAgo: number;
  }): Promise<ConcernedTests>;
}

/** Asks for a redeploy of what a fix changed; the fix's id is the key under which asking twice is asking once. */
export interface DeployPort {
  requestRedeploy(wanted: WantedRedeploy): Promise<{ reference: string | null; refusal?: string }>;
}

/** What an engine is given. */
export interface HealingEngineOptions {
  /** The SQL functions, usually over HTTP. */
  db: RpcPort;
  /** Opens the direct connection that database fixes need; without it they are refused with that reason. */
  openDirect?: (() => Promise<DirectConnection>) | undefined;
  /** Makes queued operations again; without it they wait. */
  invoke?: OperationInvoker | undefined;
  /** Asked, in this order, when nothing stands that patterns and rules propose; what is left out is not asked. */
  proposers?: { ai?: Proposer | undefined; context?: Proposer | undefined } | undefined;
  /** Has the last word before a fix is kept; without it the fix's row says that no tests are installed. */
  tests?: TestRunnerPort | undefined;
  /** Without it a kept fix of code says that no deployment is installed. */
  deploy?: DeployPort | undefined;
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
  /** One attempt of several: only these proposers are asked, and only the last one may give the error up. */
  attempt?: { tiers: readonly Tier[]; isLast: boolean };
}

/** How much of its work an engine does in one go. */
export interface HealLimits {
  /** By the monotonic clock. */
  untilMs?: number;
  /** Errors that are taken up at most. */
  atMost?: number;
  /** Only of this project. */
  projectId?: string | undefined;
}

/** What would be done about one error, or one fix, at this moment. */
export interface HealPlan {
  errorId: string;
  fixId?: string;
  /** auto, suggest, hold or off for a fix; keep, revert, wait or inconclusive for a judgement; none without a fix. */
  decision: string;
  action?: FixKindName;
  whatWillHappen?: string;
  reason: string;
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
