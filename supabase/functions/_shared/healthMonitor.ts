/**
 * Watches the health of the system, and of the healing itself.
 *
 * Each check looks at one thing within its own time: the language model's endpoint, the database, e-mail, SMS, files,
 * the error rate, the memory of the isolate, and the healing. What is not set up is `unknown` and never red. One look
 * proves nothing: what is shown moves only after two looks that agree, and people hear of it when it has moved.
 *
 * @module
 */

import { type Clock, systemClock } from "./core/clock.ts";
import { optionCheck } from "./core/options.ts";
import type { RpcPort } from "./core/ports.ts";
import { getErrorRate } from "./healingDb.ts";
import {
  callHealing,
  findHealthChecks,
  getHealthStatus,
  type HealthCheckDraft,
  type HealthCheckFilter,
  recordHealthChecks,
  type ShownHealthCheck,
  type StoredHealthCheck,
  type SystemHealth,
} from "./healthDb.ts";
import { aiCheck } from "./healthMonitor/ai.ts";
import type { HealthCheck } from "./healthMonitor/check.ts";
import { type DatabaseBounds, databaseCheck } from "./healthMonitor/database.ts";
import { emailCheck } from "./healthMonitor/email.ts";
import { errorRateCheck } from "./healthMonitor/errorRate.ts";
import { filesCheck } from "./healthMonitor/files.ts";
import { healingCheck } from "./healthMonitor/healing.ts";
import { memoryCheck, type MemoryReader } from "./healthMonitor/memory.ts";
import { type HealthReport, type RecordMeans, runChecks } from "./healthMonitor/run.ts";
import type { HealthSettings } from "./healthMonitor/settings.ts";
import { smsCheck } from "./healthMonitor/sms.ts";

export type { FileAccount } from "./healthMonitor/files.ts";
export type { HealthCheck, HealthLook } from "./healthMonitor/check.ts";
export type { HealthReport, RecordMeans } from "./healthMonitor/run.ts";
export type { DatabaseBounds } from "./healthMonitor/database.ts";
export type { MemoryReader } from "./healthMonitor/memory.ts";
export { type HealthSettings, readHealthSettings } from "./healthMonitor/settings.ts";

/** What the standard checks look at. */
export interface StandardCheckMeans {
  settings: HealthSettings;
  /** The SQL functions, with the service role. */
  db: RpcPort;
  /** How services are asked; `fetch`. */
  request?: typeof fetch;
  clock?: Clock;
  readMemory?: MemoryReader;
  /** From where on figures of the database are bad, where the usual bounds do not fit. */
  databaseBounds?: Partial<DatabaseBounds>;
}

/** The eight checks. */
export function standardHealthChecks(means: StandardCheckMeans): HealthCheck[] {
  const { settings, db, request = fetch, clock, readMemory, databaseBounds } = means;
  return [
    aiCheck(settings.ai, request),
    databaseCheck(db, databaseBounds, clock),
    emailCheck(settings.email, request),
    smsCheck(settings.sms, request),
    filesCheck(settings.files, request),
    errorRateCheck(db),
    memoryCheck(readMemory),
    healingCheck(db),
  ];
}

/**
 * Runs the checks at once, each within its own time, stores what they saw, and tells people what has changed. It never
 * rejects: where the looks cannot be stored, the report says why.
 *
 * @example
 * ```ts
 * import { runHealthChecks } from "./healthMonitor.ts";
 *
 * const db = { call: () => Promise.reject(new Error("down")) };
 * const queue = { name: "queue", limitMs: 1_000, look: () => Promise.reject(new Error("full")) };
 * const { checks, notRecorded } = await runHealthChecks([queue], { db });
 * if (checks[0]?.reason !== "full" || notRecorded !== "down") throw new Error("unexpected");
 * ```
 */
export function runHealthChecks(checks: readonly HealthCheck[], means: RecordMeans): Promise<HealthReport> {
  return runChecks(checks, means);
}

/** How a process of one's own watches; edge functions are called by the schedule instead. */
export interface MonitoringOptions extends RecordMeans {
  checks: readonly HealthCheck[];
  /** Between the end of a run and the next one, in milliseconds; two minutes. */
  intervalMs?: number;
  /** Told of each run; what it throws is swallowed. */
  onReport?: (report: HealthReport) => unknown;
}

/** Runs the checks again and again until it is stopped; `stop` resolves when the last run has ended. */
export function startHealthMonitoring(options: MonitoringOptions): { stop(): Promise<void> } {
  const { checks, intervalMs = 120_000, onReport, clock = systemClock } = options;
  optionCheck("watch health")("intervalMs", intervalMs, intervalMs >= 1_000, ">= 1000");
  const stopping = new AbortController();
  const watch = async () => {
    while (!stopping.signal.aborted) {
      const report = await runChecks(checks, options);
      try {
        await onReport?.(report);
      } catch {
        // Who listens cannot end the watch.
      }
      await clock.sleep(intervalMs, stopping.signal).catch(() => {});
    }
  };
  const watching = watch();
  return {
    stop() {
      stopping.abort();
      return watching;
    },
  };
}

/** Calls the engine or the monitor for what is not well: each check at most once in ten minutes, whoever asks. */
export function triggerProactiveHealing(
  db: RpcPort,
): Promise<{ checks: string[]; runs: Record<string, string> }> {
  return callHealing(db);
}

/** What is shown of each check, and one word for all; `unknown` when nobody has looked for ten minutes. */
export function getSystemHealthStatus(db: RpcPort): Promise<SystemHealth> {
  return getHealthStatus(db);
}

/** The error rate in one word. */
export interface ErrorRateHealth {
  status: "healthy" | "degraded" | "unknown";
  /** Percent; null without requests. */
  errorRate: number | null;
  totalRequests: number;
  errorCount: number;
}

/** Errors a request, in percent, above which the system is degraded. */
const MOST_ERRORS = 50;

/** The system by its error rate alone: degraded above 50 %, and unknown without a request. */
export async function checkSystemHealth(db: RpcPort, timeWindow = "1 hour"): Promise<ErrorRateHealth> {
  const { error_rate, total_requests, error_count } = await getErrorRate(db, timeWindow);
  const status = error_rate === null ? "unknown" : error_rate > MOST_ERRORS ? "degraded" : "healthy";
  return { status, errorRate: error_rate, totalRequests: total_requests, errorCount: error_count };
}

/** Stores one look that was made elsewhere; its check is shown beside the others. Returns its id. */
export async function createHealthCheck(db: RpcPort, check: HealthCheckDraft): Promise<string> {
  const { ids: [id] } = await recordHealthChecks(db, [check]);
  return id!;
}

/** Looks, the newest first, by pages. */
export function getHealthChecks(
  db: RpcPort,
  filter: HealthCheckFilter = {},
): Promise<{ checks: StoredHealthCheck[]; has_more: boolean }> {
  return findHealthChecks(db, filter);
}

/** Each check with its last look. */
export async function getLatestHealthChecks(db: RpcPort): Promise<ShownHealthCheck[]> {
  return (await getHealthStatus(db)).checks;
}
