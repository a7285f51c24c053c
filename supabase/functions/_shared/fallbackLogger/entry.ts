/** One line of the log as it waits, and what it looks like when it is read back. @module */

import type { LogLevel } from "../core/logger.ts";
import type { Json } from "../core/ports.ts";
import { sha256 } from "../core/sha256.ts";
import { sanitizeText, sanitizeValue } from "../errorSanitizer.ts";

/** One entry; it is sanitised before anybody else sees it. */
export interface LogEntry {
  id: string;
  level: LogLevel;
  message: string;
  context: Json;
  /** When it was logged, in milliseconds since the epoch. */
  at: number;
}

const LONGEST_MESSAGE = 8_000;
const LEVELS: ReadonlySet<unknown> = new Set<LogLevel>(["debug", "info", "warn", "error"]);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Makes an entry that may be stored. */
export function makeEntry(
  { level, message, context, id, at }: {
    level: LogLevel;
    message: string;
    context: unknown;
    id: string;
    at: number;
  },
): LogEntry {
  return {
    id,
    level,
    message: sanitizeText(message, { maxLength: LONGEST_MESSAGE }),
    // Bounded by the sanitiser, which says in its place what it has left out.
    context: sanitizeValue(context ?? {}) as Json,
    at,
  };
}

/** The entry of a spooled line. A line that cannot be read becomes an entry that holds it, under an id of its own words. */
export async function readEntry(line: string): Promise<LogEntry> {
  try {
    const entry = JSON.parse(line) as LogEntry;
    if (isEntry(entry)) return entry;
  } catch {
    // Below.
  }
  const text = sanitizeText(line, { maxLength: LONGEST_MESSAGE });
  const context = { line: text };
  return {
    id: await idOf(line),
    level: "error",
    message: "A spooled line could not be read",
    context,
    at: 0,
  };
}

/** True for what {@link makeEntry} makes, also after a way through JSON. */
export function isEntry(value: unknown): value is LogEntry {
  if (typeof value !== "object" || value === null) return false;
  const { id, level, message, at, context } = value as Partial<LogEntry>;
  return typeof id === "string" && UUID.test(id) && LEVELS.has(level) && typeof message === "string" &&
    typeof at === "number" && Number.isFinite(at) && context !== undefined;
}

/** The same line has the same id, however often it is delivered. */
async function idOf(line: string): Promise<string> {
  const hex = (await sha256(line)).slice(0, 32);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
