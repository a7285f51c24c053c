/**
 * How functions tell admins: a row, and the outbox in the same transaction. A notifier cannot break what it tells about,
 * so nothing here rejects.
 *
 * @module
 */

import type { BreakerAlert } from "../circuitBreaker.ts";
import { messageOf } from "../core/errors.ts";
import type { Json, RpcPort } from "../core/ports.ts";
import type { ErrorSeverity } from "../core/sqlState.ts";
import { sanitizeText, sanitizeValue } from "../errorSanitizer.ts";
import { type InsertHealingEvent, type RaisedNotification, raiseNotification } from "../healingDb.ts";
import type { TimedOut } from "../timeout.ts";
import { plainLine, plainText } from "./text.ts";

/** What admins should know. */
export interface AdminNotification {
  severity: ErrorSeverity;
  /** One line; it may hold foreign text. */
  title: string;
  body: string;
  /** What it is about, such as `breaker:openai`: one unread notification a subject. */
  dedupeKey: string;
  /** Facts for whoever looks closer; they stay in the database. */
  details?: Json;
}

/** What became of it. */
export type NotifyOutcome =
  | { kind: "raised"; id: string; occurrenceCount: number; told: boolean }
  | { kind: "failed"; reason: string };

/** A check of the health of the system that did not pass. */
export interface HealthCheckFailure {
  /** The check's name, such as `database`. */
  checkName: string;
  status: "degraded" | "failed";
  message: string;
  /** What was measured, and from where on it counts as bad. */
  measured?: number;
  threshold?: number;
  details?: Json;
}

const MAX_TITLE = 200;
const MAX_BODY = 4_000;
const MAX_KEY = 300;
const DETAIL_LIMITS = { maxLength: 500, maxDepth: 5, maxItems: 50, maxNodes: 300 };
const SEVERITIES: readonly string[] = ["low", "medium", "high", "critical"];

/**
 * Tells admins: adds a notification, or counts up the unread one about the same subject, and puts what is new into the
 * outbox of every channel.
 *
 * @example
 * ```ts
 * import { notifyAdmins } from "../notifications.ts";
 *
 * const db = { call: () => Promise.reject(new Error("down")) };
 * const told = await notifyAdmins(db, { severity: "high", title: "A", body: "b", dedupeKey: "a" });
 * if (told.kind !== "failed") throw new Error("unexpected");
 * ```
 */
export async function notifyAdmins(db: RpcPort, notification: AdminNotification): Promise<NotifyOutcome> {
  try {
    return raised(
      await raiseNotification(db, {
        // An unknown word is no reason to keep quiet.
        severity: SEVERITIES.includes(notification.severity) ? notification.severity : "high",
        title: plainLine(notification.title, MAX_TITLE),
        body: plainText(notification.body, MAX_BODY),
        dedupeKey: plainLine(notification.dedupeKey, MAX_KEY),
        details: sanitizeValue(notification.details ?? {}, DETAIL_LIMITS) as Json,
      }),
    );
  } catch (thrown) {
    return { kind: "failed", reason: sanitizeText(messageOf(thrown), { maxLength: 500 }) };
  }
}

/** Tells admins of an event of healing; the subject is its error group, or else its type and function. */
export function notifyAdminsOfHealingEvent(
  db: RpcPort,
  event: InsertHealingEvent & { id?: string },
): Promise<NotifyOutcome> {
  const where = event.function_name ?? event.category ?? "healing";
  return notifyAdmins(db, {
    severity: event.severity ?? "medium",
    title: `${event.event_type.replaceAll("_", " ")}: ${where}`,
    body:
      [event.message, event.result && `Result: ${event.result}`, event.strategy && `By: ${event.strategy}`]
        .filter((line) => line).join("\n") || "There is no message.",
    dedupeKey: `event:${event.event_type}:${event.detected_error_id ?? event.fingerprint ?? where}`,
    details: {
      event_id: event.id ?? null,
      detected_error_id: event.detected_error_id ?? null,
      auto_fix_id: event.auto_fix_id ?? null,
      request_id: event.request_id ?? null,
    },
  });
}

/** Tells admins of a health check that did not pass: critical when it failed, high when it is degraded. */
export function notifyAdminsOfHealthCheckFailure(
  db: RpcPort,
  check: HealthCheckFailure,
): Promise<NotifyOutcome> {
  const figures = check.measured === undefined ? [] : [
    `Measured: ${check.measured}${check.threshold === undefined ? "" : `; threshold: ${check.threshold}`}`,
  ];
  return notifyAdmins(db, {
    severity: check.status === "failed" ? "critical" : "high",
    title: `Health check ${check.checkName} ${check.status === "failed" ? "has failed" : "is degraded"}`,
    body: [check.message, ...figures].join("\n"),
    dedupeKey: `health:${check.checkName}`,
    details: check.details ?? {},
  });
}

/** Fills the alert of a circuit breaker. */
export function breakerAlert(db: RpcPort): (alert: BreakerAlert) => Promise<void> {
  return async ({ name, scope, reason }) => {
    await notifyAdmins(db, {
      severity: "high",
      title: `The target "${name ?? "without a name"}" is down`,
      body: scope === "fleet" ? reason : `One isolate says: ${reason}`,
      // The key of the database's own alert about it: one subject, one notification.
      dedupeKey: `breaker:${name ?? "local"}`,
      details: { scope },
    });
  };
}

/** Fills the alert of timeouts. */
export function timeoutAlert(db: RpcPort): (timedOut: TimedOut) => Promise<void> {
  return async ({ operation, limitMs, rate }) => {
    await notifyAdmins(db, {
      severity: "high",
      title: `The operation "${operation}" times out often`,
      body: `${rate.timeouts} of ${rate.calls} calls took longer than ${limitMs} ms.`,
      dedupeKey: `timeout:${operation}`,
      details: { ...rate, limit_ms: limitMs },
    });
  };
}

function raised({ id, occurrence_count, told }: RaisedNotification): NotifyOutcome {
  return { kind: "raised", id, occurrenceCount: occurrence_count, told };
}
