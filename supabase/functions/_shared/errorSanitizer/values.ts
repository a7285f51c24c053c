/**
 * Turns any value into plain JSON without secrets: cycles, throwing getters, proxies, exotic classes and values
 * without end included. What is left out is said in its place.
 *
 * @module
 */

import { sanitizeString } from "./strings.ts";
import { judgeName } from "./secretNames.ts";

/** What JSON can hold. */
export type SafeJson = null | boolean | number | string | SafeJson[] | {
  [key: string]: SafeJson;
};

/** Limits of {@link sanitizePlain}; each has a default. */
export interface ValueLimits {
  /** The longest string kept, in characters; 2,000. */
  maxLength?: number | undefined;
  /** How deep objects may nest; 8. */
  maxDepth?: number | undefined;
  /** How many values are looked at in all; 1,000. */
  maxNodes?: number | undefined;
  /** How many items of one list or object are kept; 100. */
  maxItems?: number | undefined;
}

interface Walk {
  maxLength: number;
  maxDepth: number;
  maxItems: number;
  nodesLeft: number;
  charactersLeft: number;
  ancestors: unknown[];
}

const MAX_CHARACTERS = 65_536;
const CUT = "[cut]";
const UNREADABLE = "[unreadable]";
const REDACTED = "[redacted]";

/** A JSON copy of any value, sanitised; never throws. */
export function sanitizePlain(value: unknown, limits: ValueLimits = {}): SafeJson {
  const walk: Walk = {
    maxLength: limits.maxLength ?? 2_000,
    maxDepth: limits.maxDepth ?? 8,
    maxItems: Math.max(2, limits.maxItems ?? 100),
    nodesLeft: limits.maxNodes ?? 1_000,
    charactersLeft: MAX_CHARACTERS,
    ancestors: [],
  };
  return visit(value, walk);
}

function visit(value: unknown, walk: Walk): SafeJson {
  if (walk.nodesLeft <= 0 || walk.charactersLeft <= 0) return CUT;
  walk.nodesLeft -= 1;
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return visitNumber(value, walk);
  if (typeof value === "string") return visitString(value, walk);
  if (typeof value === "object") return visitGuarded(value, walk);
  if (typeof value === "function") {
    return visitString(`[function ${nameOf(value)}]`, walk);
  }
  return visitString(String(value), walk);
}

/** A whole number of 13 digits or more may be a card. */
function visitNumber(value: number, walk: Walk): SafeJson {
  if (!Number.isFinite(value)) return String(value);
  // Minus zero is zero in JSON.
  if (!Number.isInteger(value) || Math.abs(value) < 1e12) return value + 0;
  const text = sanitizeString(String(value), walk.maxLength);
  return text === String(value) ? value : text;
}

function visitString(value: string, walk: Walk): string {
  const text = sanitizeString(value, walk.maxLength);
  walk.charactersLeft -= text.length;
  return text;
}

function visitGuarded(value: object, walk: Walk): SafeJson {
  if (walk.ancestors.includes(value)) return "[circular]";
  if (walk.ancestors.length >= walk.maxDepth) return "[too deep]";
  walk.ancestors.push(value);
  try {
    return visitObject(value, walk);
  } catch {
    return UNREADABLE;
  } finally {
    walk.ancestors.pop();
  }
}

function visitObject(value: object, walk: Walk): SafeJson {
  if (Array.isArray(value)) return visitList(value, value.length, walk);
  if (value instanceof Set) {
    return visitList([...take(value, walk.maxItems)], value.size, walk);
  }
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? "[invalid date]" : value.toISOString();
  }
  if (value instanceof RegExp || value instanceof URL) {
    return visitString(String(value), walk);
  }
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return `[${value.byteLength} bytes]`;
  }
  if (value instanceof Map || value instanceof Headers || value instanceof URLSearchParams) {
    return visitFields(
      [...take(value.entries(), walk.maxItems + 1)].map(([key, item]) => [key, () => item]),
      walk,
    );
  }
  if (value instanceof Error) return visitFields(errorFields(value), walk);
  if (value instanceof Request) {
    return visitFields(fieldsOf(value, ["method", "url"]), walk);
  }
  if (value instanceof Response) {
    return visitFields(fieldsOf(value, ["status", "statusText", "url"]), walk);
  }
  if (value instanceof Promise) return "[promise]";
  return visitFields(fieldsOf(value, Object.keys(value)), walk);
}

function visitList(list: readonly unknown[], length: number, walk: Walk): SafeJson {
  const kept = length > walk.maxItems ? walk.maxItems - 1 : length;
  const result: SafeJson[] = [];
  for (let index = 0; index < kept && walk.nodesLeft > 0; index += 1) {
    result.push(visit(readGuarded(() => list[index]), walk));
  }
  if (result.length < length) result.push(`[${length - result.length} more]`);
  return result;
}

type Field = readonly [name: unknown, read: () => unknown];

function visitFields(fields: readonly Field[], walk: Walk): SafeJson {
  const kept = fields.length > walk.maxItems ? walk.maxItems - 1 : fields.length;
  const entries: [string, SafeJson][] = [];
  for (const [name, read] of fields.slice(0, kept)) {
    if (walk.nodesLeft <= 0) break;
    const key = sanitizeString(typeof name === "string" ? name : String(name), 128);
    const value = readGuarded(read);
    if (value !== undefined) {
      entries.push([key, visitNamed(key, value, walk)]);
    }
  }
  if (kept < fields.length) entries.push(["[more]", fields.length - kept]);
  // Not by assignment: a key may be "__proto__".
  return Object.fromEntries(entries);
}

function visitNamed(name: string, value: unknown, walk: Walk): SafeJson {
  const verdict = judgeKey(name);
  const isTelling = value === null || value === "" ||
    typeof value === "boolean" || value === REDACTED;
  if (verdict === "secret" && !isTelling && !/^\[redacted:[a-z-]+\]$/.test(String(value))) return REDACTED;
  // The name decides for a plain string too: "phone" and a bare number, "signature" and a hash.
  if (typeof value === "string" && verdict !== "no" && verdict !== "secret") {
    const start = `${verdict === "phone" ? "phone" : name}=`;
    const line = sanitizeString(`${start}${JSON.stringify(value)}`, walk.maxLength);
    const whole = /^\\?"?(\[redacted:[a-z-]+\])"?$/.exec(line.slice(start.length));
    if (line.startsWith(start) && whole !== null) return whole[1]!;
  }
  return visit(value, walk);
}

function judgeKey(name: string): ReturnType<typeof judgeName> {
  return /cookies?$/i.test(name) ? "secret" : judgeName(name);
}

function readGuarded(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return UNREADABLE;
  }
}

function fieldsOf(value: object, names: readonly string[]): Field[] {
  return names.map((name) => [name, () => (value as Record<string, unknown>)[name]] as const);
}

/** An error's own message and name are not enumerable; its stack is long and belongs to `sanitizeError`. */
function errorFields(error: Error): Field[] {
  const names = ["name", "message", "code", "cause", ...Object.keys(error)]
    .filter((name) => name !== "stack");
  return fieldsOf(error, [...new Set(names)]);
}

function nameOf(value: unknown): string {
  const name = readGuarded(() => (value as { name?: unknown }).name);
  return typeof name === "string" && name !== "" ? name : "without a name";
}

function* take<Item>(items: Iterable<Item>, count: number): Generator<Item> {
  let taken = 0;
  for (const item of items) {
    if (taken >= count) return;
    taken += 1;
    yield item;
  }
}
