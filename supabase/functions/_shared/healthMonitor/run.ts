/** Looks at everything at once, each within its own time, then stores what was seen and tells what has changed. @module */

import { type Clock, systemClock } from "../core/clock.ts";
import { isHealingError, messageOf } from "../core/errors.ts";
import type { Json, RpcPort } from "../core/ports.ts";
import { sanitizeText, sanitizeValue } from "../errorSanitizer.ts";
import { type HealthCheckDraft, type HealthNews, markHealthTold, recordHealthChecks } from "../healthDb.ts";
import { notifyAdmins, notifyAdminsOfHealthCheckFailure } from "../notifications.ts";
import { withTimeout } from "../timeout.ts";
import type { HealthCheck, HealthLook } from "./check.ts";

/** What a run came to. */
export interface HealthReport {
  /** What each check saw this once; what is shown follows after two looks. */
  checks: HealthCheckDraft[];
  /** Checks whose change people were told. */
  told: string[];
  /** Why the looks could not be stored; the most likely reason is the database, which has its own check. */
  notRecorded?: string;
}

/** Where looks go. */
export interface RecordMeans {
  /** The SQL functions, with the service role. */
  db: RpcPort;
  runId?: string;
  clock?: Clock;
  /** Longest time for storing; 15 seconds. */
  recordLimitMs?: number;
}

const RECORD_LIMIT_MS = 15_000;
const DETAIL_LIMITS = { maxLength: 300, maxDepth: 4, maxItems: 50, maxNodes: 200 };

/** Runs the checks; rejects never. */
export async function runChecks(checks: readonly HealthCheck[], means: RecordMeans): Promise<HealthReport> {
  const { db, runId, clock = systemClock, recordLimitMs = RECORD_LIMIT_MS } = means;
  const drafts = await Promise.all(checks.map((check) => lookOnce(check, clock, runId)));
  try {
    const store = () => recordHealthChecks(db, drafts);
    const { to_tell: news } = await withTimeout(store, recordLimitMs, { operation: "storing health", clock });
    return { checks: drafts, told: await tell(db, news) };
  } catch (thrown) {
    return { checks: drafts, told: [], notRecorded: sanitizeText(messageOf(thrown), { maxLength: 500 }) };
  }
}

async function lookOnce(
  check: HealthCheck,
  clock: Clock,
  runId: string | undefined,
): Promise<HealthCheckDraft> {
  const startedAt = clock.monotonic();
  const look = await lookWithin(check, clock);
  return {
    check_name: check.name,
    status: look.status,
    // Foreign words stand in both.
    reason: sanitizeText(look.reason, { maxLength: 900 }) || "no reason was given",
    details: sanitizeValue(look.details ?? {}, DETAIL_LIMITS) as Json,
    duration_ms: Math.max(0, clock.monotonic() - startedAt),
    ...(Number.isFinite(look.measured) ? { measured_value: look.measured! } : {}),
    ...(Number.isFinite(look.threshold) ? { threshold: look.threshold! } : {}),
    ...(runId === undefined ? {} : { run_id: runId }),
  };
}

async function lookWithin(check: HealthCheck, clock: Clock): Promise<HealthLook> {
  try {
    return await withTimeout((signal) => check.look(signal), check.limitMs, {
      operation: `health ${check.name}`,
      clock,
    });
  } catch (thrown) {
    const isLate = isHealingError(thrown) && thrown.code === "TIMEOUT";
    return isLate
      ? {
        status: "unhealthy",
        reason: `no answer within ${check.limitMs} ms`,
        measured: check.limitMs,
        threshold: check.limitMs,
      }
      : { status: "unhealthy", reason: messageOf(thrown) };
  }
}

/** What could not be told stays news for the next run. */
async function tell(db: RpcPort, news: readonly HealthNews[]): Promise<string[]> {
  const outcomes = await Promise.all(
    news.map(async (one) => ({
      one,
      outcome: await (one.status === "healthy" ? tellGood : tellBad)(db, one),
    })),
  );
  const told = outcomes.filter(({ outcome }) => outcome.kind === "raised").map(({ one }) => one);
  if (told.length > 0) {
    await markHealthTold(db, told.map(({ check_name, status }) => ({ check_name, status })));
  }
  return told.map(({ check_name }) => check_name);
}

function tellBad(db: RpcPort, news: HealthNews) {
  return notifyAdminsOfHealthCheckFailure(db, {
    checkName: news.check_name,
    status: news.status === "unhealthy" ? "failed" : "degraded",
    message: news.reason,
    ...(news.measured_value === null ? {} : { measured: news.measured_value }),
    ...(news.threshold === null ? {} : { threshold: news.threshold }),
    details: news.details,
  });
}

function tellGood(db: RpcPort, { check_name: name, told, reason }: HealthNews) {
  return notifyAdmins(db, {
    severity: "low",
    title: `Health check ${name} is healthy again`,
    body: `It was ${told}. Now: ${reason}`,
    dedupeKey: `health_again:${name}`,
  });
}
