/**
 * How failures and repairs leave the parser: a port that the caller's wiring implements, for instance to store
 * them in `generation_failures` and `healing_events`.
 *
 * A report holds model output, which is hostile and may hold secrets. With a sanitiser it holds the sanitised
 * text; without one it holds the text's shape only: letters become `a`, digits become `0`.
 *
 * @module
 */

import { JsonParseError, type JsonParseErrorCode } from "./jsonParseError.ts";
import type { Attempt, ParseLevel, Repair } from "./types.ts";

/** What both reports say about the text. */
export interface JsonTextReport {
  /** The beginning of the text, sanitised or masked, at most 500 characters. */
  text: string;
  textIs: "sanitised" | "masked";
  /** Length of the whole text in characters. */
  textLength: number;
  /** ISO 8601, UTC. */
  timestamp: string;
}

/** A text that could not be read. */
export interface JsonFailureReport extends JsonTextReport {
  error: {
    code: JsonParseErrorCode;
    message: string;
    position: number;
    tried: readonly Attempt[];
  };
}

/** A text that was read after mending it, or that was cut. */
export interface JsonRepairReport extends JsonTextReport {
  level: ParseLevel;
  complete: boolean;
  /** At most 100 repairs, one by one. */
  repairs: readonly Repair[];
  /** How many there were of each kind. */
  repairCounts: Readonly<Record<string, number>>;
}

/** Takes the sanitiser's part: removes secrets, then cuts to `maxLength` characters. */
export type TextSanitiser = (text: string, options: { maxLength: number }) => string;

/** Receives what happened. Whatever it does or throws, the parse goes on. */
export interface JsonParsePort {
  onFailure?: ((report: JsonFailureReport) => void | Promise<void>) | undefined;
  onRepair?: ((report: JsonRepairReport) => void | Promise<void>) | undefined;
}

const REPORT_CHARS = 500;
/** More than the excerpt is sanitised, so that a secret is not cut in half before it is recognised. */
const SANITISED_CHARS = 4_000;
const LISTED_REPAIRS = 100;

/** The part of a report that is about the text. */
export function describeText(text: string, sanitise: TextSanitiser | undefined, now: Date): JsonTextReport {
  const base = { textLength: text.length, timestamp: now.toISOString() };
  const head = text.slice(0, SANITISED_CHARS);
  if (sanitise !== undefined) {
    try {
      const safe = sanitise(head, { maxLength: REPORT_CHARS }).slice(0, REPORT_CHARS);
      return { text: safe, textIs: "sanitised", ...base };
    } catch {
      // A sanitiser that fails must not let the raw text through.
    }
  }
  return { text: maskText(head.slice(0, REPORT_CHARS)), textIs: "masked", ...base };
}

/** The shape of a text without its content. */
export function maskText(text: string): string {
  return text.replace(/\p{L}|\p{M}|\p{S}/gu, "a").replace(/\p{N}/gu, "0").slice(0, REPORT_CHARS);
}

/** The error as a report tells it. */
export function describeError(error: JsonParseError): JsonFailureReport["error"] {
  return { code: error.code, message: error.message, position: error.position, tried: error.tried };
}

/** The repairs as a report tells them. */
export function describeRepairs(
  repairs: readonly Repair[],
): Pick<JsonRepairReport, "repairs" | "repairCounts"> {
  const repairCounts: Record<string, number> = {};
  for (const { kind } of repairs) {
    repairCounts[kind] = (repairCounts[kind] ?? 0) + 1;
  }
  return { repairs: repairs.slice(0, LISTED_REPAIRS), repairCounts };
}

/** Hands a report over; a port that throws or rejects is ignored, because a watcher cannot break the watched. */
export function hand<Report>(
  receive: ((report: Report) => void | Promise<void>) | undefined,
  make: () => Report,
): void {
  if (receive === undefined) return;
  try {
    Promise.resolve(receive(make())).catch(ignore);
  } catch {
    // Same as a rejection.
  }
}

function ignore(): void {}
