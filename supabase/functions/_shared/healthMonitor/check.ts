/** What a health check is, and the comparisons that most of them make. @module */

import type { Json } from "../core/ports.ts";
import type { HealthStatus } from "../healthDb.ts";

/** What one look saw. */
export interface HealthLook {
  status: HealthStatus;
  /** One sentence. */
  reason: string;
  measured?: number;
  threshold?: number;
  details?: Json;
}

/** A check; it may throw, which counts as unhealthy. */
export interface HealthCheck {
  /** Lower-case letters, digits and underscores. */
  name: string;
  /** After so many milliseconds it counts as unhealthy. */
  limitMs: number;
  look(signal: AbortSignal): Promise<HealthLook>;
}

/** One figure with its two bounds; reaching one counts. */
export interface Figure {
  /** A sentence without its end, such as `82 of 100 connections are used`. */
  words: string;
  value: number;
  degraded: number;
  unhealthy: number;
}

const ORDER: readonly HealthStatus[] = ["healthy", "unknown", "degraded", "unhealthy"];

/** The look of what is not set up: never red. */
export function notConfigured(why: string): HealthLook {
  return { status: "unknown", reason: `not configured: ${why}` };
}

/** What one figure says. */
export function judgeFigure({ words, value, degraded, unhealthy }: Figure): HealthLook {
  if (value >= unhealthy) {
    return { status: "unhealthy", reason: words, measured: value, threshold: unhealthy };
  }
  const status = value >= degraded ? "degraded" : "healthy";
  return { status, reason: words, measured: value, threshold: degraded };
}

/** The worst of several looks, with the words of all that are not healthy. */
export function worstOf(looks: readonly [HealthLook, ...HealthLook[]], details: Json): HealthLook {
  const worst = looks.reduce((a, b) => ORDER.indexOf(b.status) > ORDER.indexOf(a.status) ? b : a);
  const bad = looks.filter(({ status }) => status !== "healthy");
  const reason = (bad.length === 0 ? [worst] : bad).map((look) => look.reason).join("; ");
  return { ...worst, reason, details };
}
