/**
 * The engine: takes the errors that could not be healed on the spot, and judges the fixes that were applied.
 *
 * One pipeline for every caller: claim → propose → dry run → decide → apply and probe → prove → validate → keep or
 * take back. Any number of engines may run at once; the database hands each error to one of them.
 *
 * @module
 */

import { type Clock, systemClock } from "./core/clock.ts";
import { messageOf } from "./core/errors.ts";
import { isRecord } from "./core/unknownValues.ts";
import { getPendingReverts } from "./engineDb.ts";
import { type ClaimedError, claimErrors, claimFixesToJudge, releaseError } from "./healingDb.ts";
import { askForRedeploys } from "./healingEngine/aftermath.ts";
import { healClaimedError } from "./healingEngine/heal.ts";
import { judgeClaimedFix, type Judged, takeBack } from "./healingEngine/judge.ts";
import type {
  HealCounters,
  HealingEngineOptions,
  HealLimits,
  HealOutcome,
  HealPlan,
  HealSituation,
} from "./healingEngine/options.ts";
import { planWork } from "./healingEngine/plan.ts";
import { replayOperations } from "./healingEngine/replay.ts";
import type { DirectConnection } from "./postgres.ts";
import { executeReverts } from "./rollbackPoints.ts";
import { readTraceparent, type TraceContext, withSpan } from "./tracing.ts";

export {
  analyzeErrorWithAI,
  analyzeErrorWithRules,
  createModelProposer,
  type ErrorToAnalyse,
} from "./healingEngine/analysis.ts";
export { holdHealerLock, runScript, runUpToFailure } from "./healingEngine/rehearsal.ts";
export type { ScriptOutcome } from "./healingEngine/trials.ts";
export type {
  DeployPort,
  HealCounters,
  HealingEngineOptions,
  HealLimits,
  HealOutcome,
  HealPlan,
  HealSituation,
  OperationInvoker,
  Proposer,
  TestRunnerPort,
} from "./healingEngine/options.ts";

/** An engine; close it to end its direct connection. */
export interface HealingEngine extends AsyncDisposable {
  /** Judges due fixes, heals due errors, and makes again what waits for a mended fault, until none is left or the time is up. */
  detectAndHeal(limits?: HealLimits): Promise<HealCounters>;
  /** What {@link detectAndHeal} would do now; nothing is claimed or changed. */
  plan(limits?: HealLimits): Promise<HealPlan[]>;
  /** Claims one error by its id and heals it; null when another worker has it. */
  analyzeAndHealError(errorId: string, situation: HealSituation): Promise<HealOutcome | null>;
  /** Judges one fix now, if it is due; null when it is not, or when another worker has it. */
  judge(fixId: string): Promise<Judged | null>;
  /** Takes one fix back that is of no use by itself, without evidence against it; null when another worker has it. */
  takeBack(fixId: string, reason: string): Promise<Judged | null>;
}

/** Makes an engine. */
export function createHealingEngine(options: HealingEngineOptions): HealingEngine {
  return new Engine(options);
}

class Engine implements HealingEngine {
  readonly #options: HealingEngineOptions;
  readonly #clock: Clock;
  #connection: Promise<DirectConnection> | undefined;

  constructor(options: HealingEngineOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  async detectAndHeal(limits: HealLimits = {}): Promise<HealCounters> {
    const { untilMs = Number.POSITIVE_INFINITY, atMost = Number.POSITIVE_INFINITY, projectId } = limits;
    const counters = noCounts();
    const hasTime = () => this.#clock.monotonic() < untilMs;
    if (projectId === undefined) counters.fixes_reverted += await this.#carryOutReverts();
    // One at a time: a claim is as fresh as can be when its work begins, and a deadly one takes no others with it.
    while (hasTime()) {
      const [fix] = await claimFixesToJudge(this.#options.db, { limit: 1, projectId });
      if (fix === undefined) break;
      countJudged(counters, await judgeClaimedFix(this.#options.db, this.#direct, fix, this.#options));
    }
    while (hasTime() && counters.errors_detected < atMost) {
      const [error] = await claimErrors(this.#options.db, { ...this.#claimant, projectId });
      if (error === undefined) break;
      counters.errors_detected++;
      countOutcome(counters, await this.#heal(error, { origin: "runtime" }));
    }
    // What waits is not told apart by project.
    if (projectId === undefined) await replayOperations(this.#options, null, { hasTime });
    await askForRedeploys(this.#options, hasTime);
    return counters;
  }

  async plan(limits: HealLimits = {}): Promise<HealPlan[]> {
    const { untilMs = Number.POSITIVE_INFINITY } = limits;
    const hasTime = () => this.#clock.monotonic() < untilMs;
    return await planWork({ options: this.#options, direct: this.#direct, hasTime }, limits);
  }

  async analyzeAndHealError(errorId: string, situation: HealSituation): Promise<HealOutcome | null> {
    const [error] = await claimErrors(this.#options.db, { ...this.#claimant, errorId });
    return error === undefined ? null : await this.#heal(error, situation);
  }

  async judge(fixId: string): Promise<Judged | null> {
    const [fix] = await claimFixesToJudge(this.#options.db, { fixId });
    return fix === undefined
      ? null
      : await judgeClaimedFix(this.#options.db, this.#direct, fix, this.#options);
  }

  async takeBack(fixId: string, reason: string): Promise<Judged | null> {
    const [fix] = await claimFixesToJudge(this.#options.db, { fixId });
    // It did what it should; that something else failed says nothing about its pattern.
    const verdict = {
      verdict: "revert" as const,
      reason,
      measured: 0,
      baseline: 0,
      n: 1,
      threshold: 0,
      is_evidence: false,
    };
    return fix === undefined ? null : await takeBack(this.#options.db, this.#direct, fix, verdict);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#connection?.catch(() => undefined))?.close();
  }

  get #claimant(): { worker: string; leaseSeconds: number } {
    return { worker: this.#options.worker, leaseSeconds: this.#options.leaseSeconds ?? 120 };
  }

  /** What people asked to be taken back; a failure of it stops nothing else. */
  async #carryOutReverts(): Promise<number> {
    try {
      const pending = await getPendingReverts(this.#options.db);
      const connection = pending.length === 0 ? null : await this.#direct();
      if (connection === null) return 0;
      const outcomes = await executeReverts(this.#options.db, connection);
      return outcomes.filter(({ kind }) => kind === "reverted").length;
    } catch (thrown) {
      this.#options.logger?.warn("what was to be taken back could not be", { reason: messageOf(thrown) });
      return 0;
    }
  }

  /** Opened by the first fix that needs it. */
  readonly #direct = async (): Promise<DirectConnection | null> => {
    if (this.#options.openDirect === undefined) return null;
    const present = await this.#connection?.catch(() => undefined);
    if (present?.isOpen) return present;
    this.#connection = this.#options.openDirect();
    return await this.#connection;
  };

  /** Stands in the trace of the run, and points to that of the failure, which may be another. */
  #heal(error: ClaimedError, situation: HealSituation): Promise<HealOutcome> {
    return withSpan("heal", async (span) => {
      const outcome = await this.#healOrSurrender(error, situation);
      span.setAttribute("healing.outcome", outcome.kind);
      return outcome;
    }, {
      attributes: { "healing.error_id": error.id, "healing.error_type": error.error_type },
      links: failedIn(error),
    });
  }

  async #healOrSurrender(error: ClaimedError, situation: HealSituation): Promise<HealOutcome> {
    const startedAt = this.#clock.monotonic();
    try {
      return await healClaimedError({
        options: this.#options,
        error,
        situation,
        direct: this.#direct,
        startedAt,
      });
    } catch (thrown) {
      return await surrender(this.#options, error, messageOf(thrown));
    }
  }
}

function failedIn({ context }: ClaimedError): TraceContext[] {
  const failed = readTraceparent(
    isRecord(context) && typeof context.traceparent === "string" ? context.traceparent : null,
  );
  return failed === undefined ? [] : [failed];
}

/** One error that breaks the pipeline must not stop the others; its claim goes back with the reason. */
async function surrender(
  options: HealingEngineOptions,
  error: ClaimedError,
  reason: string,
): Promise<HealOutcome> {
  options.logger?.error("an error could not be worked on", { errorId: error.id, reason });
  try {
    await releaseError(options.db, error, {
      status: "open",
      reason: `interrupted: ${reason}`,
      retrySeconds: 60,
    });
  } catch (thrown) {
    options.logger?.warn("a claim could not be given back; its lease will end", {
      reason: messageOf(thrown),
    });
  }
  return { kind: "failed", reason };
}

function noCounts(): HealCounters {
  return {
    errors_detected: 0,
    fixes_applied: 0,
    fixes_kept: 0,
    fixes_reverted: 0,
    fixes_waiting: 0,
    patterns_learned: 0,
  };
}

function countOutcome(counters: HealCounters, outcome: HealOutcome): void {
  if (outcome.kind === "applied") counters.fixes_applied++;
  if (outcome.kind === "waiting") counters.fixes_waiting++;
}

function countJudged(counters: HealCounters, judged: Judged): void {
  if (judged.status === "kept") counters.fixes_kept++;
  if (judged.status === "reverted") counters.fixes_reverted++;
  if (judged.patternIsNew) counters.patterns_learned++;
}
