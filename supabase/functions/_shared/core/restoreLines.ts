/**
 * The last resort: what cannot be stored any more goes to the log in lines from which a script can restore it.
 *
 * A line is one JSON object with a `restore` field: `{ v, kind, id, part, parts, body }`. The bodies of all parts with
 * one id, in order, are one JSON text. Only sanitised values go in. The platform keeps 100 lines in 10 s, so no more
 * are written than that leaves room for; what is left out is counted and said. Lines may come twice, and beside what
 * was stored after all: whoever restores them has to see to it that nothing is counted twice.
 *
 * @module
 */

import { createLogger, type Logger } from "./logger.ts";

/** The version of the format; a change that an older reader would misread needs a new one. */
export const RESTORE_VERSION = 1;

/** What a restored value is. */
export type RestoreKind =
  /** As `capture_errors` takes it. */
  | "captured_error"
  /** As `store_fallback_logs` takes it. */
  | "log"
  /** As `record_request_heals` takes it. */
  | "request_heal"
  /** A sanitised error that has not been classified yet, with the place where it happened. */
  | "raw_error";

/** One part of one value. */
export interface RestorePart {
  v: typeof RESTORE_VERSION;
  kind: RestoreKind;
  id: string;
  part: number;
  parts: number;
  body: string;
}

/** A value that was read back. */
export interface Restored {
  kind: RestoreKind;
  id: string;
  value: unknown;
  /** When it was written, in milliseconds since the epoch; 0 when the line does not say. */
  at: number;
}

/** Doubled by escaping it still fits a line of the logger. */
const PART_LENGTH = 4_400;
/** A value that is longer than this is worth less than the lines that it would take. */
const MOST_PARTS = 8;
/** Of the 100 lines that the platform keeps. */
const MOST_LINES = 80;
const WINDOW_MS = 10_000;

/** Writes lines for a script, no more than the platform keeps. */
export class RestoreLog {
  #windowStart = -Infinity;
  #written = 0;
  #dropped = 0;

  constructor(private readonly logger: Logger, private readonly monotonic = () => performance.now()) {}

  /** Writes a value; what does not fit is counted. Never throws. */
  write(kind: RestoreKind, value: unknown, why: string): void {
    const now = this.monotonic();
    if (now - this.#windowStart >= WINDOW_MS) {
      this.#windowStart = now;
      this.#written = 0;
      this.tellDropped();
    }
    const parts = partsOf(kind, value);
    if (parts.length === 0 || this.#written + parts.length > MOST_LINES) {
      this.#dropped++;
      return;
    }
    this.#written += parts.length;
    for (const restore of parts) this.logger.error(why, { restore });
  }

  /** Says how many values were left out since it was last said. */
  tellDropped(): void {
    if (this.#dropped > 0) {
      this.logger.error("values were lost as too many had to be logged", { lost: this.#dropped });
    }
    this.#dropped = 0;
  }
}

let logOfIsolate: RestoreLog | undefined;

/** The isolate's own: the lines that the platform keeps are counted together. */
export function restoreLog(): RestoreLog {
  return logOfIsolate ??= new RestoreLog(createLogger("restore"));
}

/** The values in these lines; lines of others are skipped, and a value of which a part is missing is left out. */
export function readRestoreLines(lines: Iterable<string>): Restored[] {
  const found = new Map<string, DatedPart[]>();
  for (const line of lines) {
    const part = partIn(line);
    if (part === undefined) continue;
    const parts = found.get(part.id) ?? [];
    parts[part.part] = part;
    found.set(part.id, parts);
  }
  return [...found.values()].flatMap(join);
}

function partsOf(kind: RestoreKind, value: unknown): RestorePart[] {
  const text = jsonOf(value);
  const count = Math.ceil(text.length / PART_LENGTH);
  if (count > MOST_PARTS) return [];
  const id = crypto.randomUUID();
  return Array.from({ length: count }, (_, part) => ({
    v: RESTORE_VERSION,
    kind,
    id,
    part,
    parts: count,
    body: text.slice(part * PART_LENGTH, (part + 1) * PART_LENGTH),
  }));
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "";
  }
}

type DatedPart = RestorePart & { at: number };

function partIn(line: string): DatedPart | undefined {
  const start = line.indexOf("{");
  if (start < 0 || !line.includes('"restore"')) return undefined;
  try {
    const { restore, at } = JSON.parse(line.slice(start)) as { restore?: Partial<RestorePart>; at?: unknown };
    return isPart(restore) ? { ...restore, at: Date.parse(String(at)) || 0 } : undefined;
  } catch {
    return undefined;
  }
}

function isPart(value: Partial<RestorePart> | undefined): value is RestorePart {
  return value?.v === RESTORE_VERSION && typeof value.id === "string" && typeof value.kind === "string" &&
    typeof value.body === "string" && isIndex(value.part) && isIndex(value.parts) &&
    value.part < value.parts && value.parts <= MOST_PARTS;
}

function isIndex(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

function join(parts: DatedPart[]): Restored[] {
  const [first] = parts;
  if (first === undefined || parts.filter(Boolean).length !== first.parts) return [];
  try {
    const value: unknown = JSON.parse(parts.map(({ body }) => body).join(""));
    return [{ kind: first.kind, id: first.id, value, at: first.at }];
  } catch {
    return [];
  }
}
