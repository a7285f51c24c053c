/** What a fix changes, as a person reads it, and whether two of these are the same. @module */

import { isRecord } from "../core/unknownValues.ts";
import { sha256 } from "../core/sha256.ts";
import type { DescribedObject, ObjectClass } from "./catalogue.ts";
import type { RowChange } from "./rows.ts";

/** One object, with the lines that go and the lines that come. */
export interface ObjectChange {
  class: ObjectClass | "migration" | "payload";
  name: string;
  change: "made" | "changed" | "removed";
  before: string[];
  after: string[];
}

/** All that a fix changes: sanitised and bounded, as it is stored and shown. */
export interface FixChanges {
  objects: ObjectChange[];
  rows: RowChange[];
  /** What did not fit, in figures; it counts when two are compared. */
  more?: { objects: number; key: string };
}

/** The changes as a row holds them; null for a row that holds none. */
export function readChanges(stored: unknown): FixChanges | null {
  // Written by this system alone, and checked for its form by the database.
  return isRecord(stored) && Array.isArray(stored.objects) && Array.isArray(stored.rows)
    ? stored as unknown as FixChanges
    : null;
}

const MOST_OBJECTS = 40;
const MOST_LINES = 60;
/** A function or a view is one text. */
const MOST_CHARACTERS = 4_000;
/** Read of one line: whatever a secret hides behind is long past what is kept. */
const MOST_READ = 16_384;
/** Of all lines together. */
const MOST_TEXT = 200_000;
/** Rows that may have come meanwhile without it being another fix, beyond a tenth of them. */
const FEW_ROWS = 10;

/** A line that goes on by itself while a fix waits, like the position of a sequence: shown, and not compared. */
function goesOn(line: string): boolean {
  return line.startsWith("position ");
}

/** The lines as they are kept: where sanitising or cutting took something away, a key tells a line from others. */
async function keptLines(lines: readonly string[]): Promise<string[]> {
  // Loaded when there is something to clean: most of those who import this never rehearse a fix.
  const { sanitizeText } = await import("../errorSanitizer.ts");
  return await Promise.all(lines.map(async (line) => {
    const clean = sanitizeText(line.slice(0, MOST_READ)).slice(0, MOST_CHARACTERS);
    return clean === line ? line : `${clean} [${(await sha256(line)).slice(0, 16)}]`;
  }));
}

/** What became of the objects, from what they were and what they are; the lines are as the server says them. */
export function changesBetween(
  before: readonly DescribedObject[],
  after: readonly DescribedObject[],
): ObjectChange[] {
  const keyOf = (object: DescribedObject) => `${object.class} ${object.name}`;
  const old = new Map(before.map((object) => [keyOf(object), object]));
  const now = new Map(after.map((object) => [keyOf(object), object]));
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((key) =>
    changeOf(old.get(key), now.get(key))
  );
}

function changeOf(was?: DescribedObject, is?: DescribedObject): ObjectChange[] {
  const { class: objectClass, name } = (is ?? was)!;
  const before = without(was?.lines ?? [], is?.lines ?? []);
  const after = without(is?.lines ?? [], was?.lines ?? []);
  if (was !== undefined && is !== undefined && before.length + after.length === 0) return [];
  const change = was === undefined ? "made" : is === undefined ? "removed" : "changed";
  return [{ class: objectClass, name, change, before, after }];
}

/** The lines of one list that the other has not, as often as it has not. */
export function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    if (count > 0) left.set(line, count - 1);
    return count === 0;
  });
}

/** As much as a row holds, sanitised; what is left out is told by a key. */
export async function bounded(
  objects: readonly ObjectChange[],
  rows: readonly RowChange[],
): Promise<FixChanges> {
  const kept: ObjectChange[] = [];
  let room = MOST_TEXT;
  for (const object of objects.slice(0, MOST_OBJECTS)) {
    const before = await boundedLines(object.before, room);
    const after = await boundedLines(object.after, room - lengthOf(before));
    room -= lengthOf(before) + lengthOf(after);
    kept.push({ ...object, before, after });
  }
  const left = objects.slice(MOST_OBJECTS);
  const more = left.length === 0
    ? {}
    : { more: { objects: left.length, key: (await sha256(JSON.stringify(left))).slice(0, 16) } };
  return { objects: kept, rows: rows.slice(0, MOST_OBJECTS), ...more };
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length, 0);
}

async function boundedLines(lines: readonly string[], room: number): Promise<string[]> {
  const sorted = [...lines].sort();
  const kept = await keptLines(sorted.slice(0, MOST_LINES));
  let count = 0;
  for (let length = 0; count < kept.length; count++) {
    length += kept[count]!.length;
    if (length > room) break;
  }
  if (count === sorted.length) return kept;
  const left = sorted.slice(count);
  const key = (await sha256(left.join("\n"))).slice(0, 16);
  return [...kept.slice(0, count), `… and ${left.length} more lines [${key}]`];
}

/** Why what would happen now is not what was seen, one sentence; null when it is the same. */
export function differenceBetween(seen: FixChanges, now: FixChanges): string | null {
  return objectDifference(seen, now) ?? rowDifference(seen.rows, now.rows);
}

function objectDifference(seen: FixChanges, now: FixChanges): string | null {
  const keys = (changes: FixChanges) =>
    new Map(changes.objects.map((object) => [`${object.class} ${object.name}`, comparable(object)]));
  const [old, present] = [keys(seen), keys(now)];
  for (const [name, text] of present) {
    if (!old.has(name)) return `it would change ${name} too`;
    if (old.get(name) !== text) return `${name} would be changed otherwise`;
  }
  for (const name of old.keys()) if (!present.has(name)) return `it would not change ${name} any more`;
  return seen.more?.key === now.more?.key ? null : "it would change other objects";
}

function comparable({ change, before, after }: ObjectChange): string {
  return JSON.stringify([
    change,
    before.filter((line) => !goesOn(line)),
    after.filter((line) => !goesOn(line)),
  ]);
}

function rowDifference(seen: readonly RowChange[], now: readonly RowChange[]): string | null {
  for (const change of now) {
    const old = seen.find(({ table }) => table === change.table);
    if (old === undefined) return `it would write rows of ${change.table} too`;
    const [was, is] = [reachOf(old), reachOf(change)];
    if (is > was + Math.max(FEW_ROWS, was / 10)) {
      return `it would write ${is} rows of ${change.table}, and not ${was}`;
    }
  }
  return null;
}

/** How many rows it touches. */
function reachOf(change: RowChange): number {
  if ("atMost" in change) return change.atMost;
  return Math.max(change.written, Math.abs(change.after - change.before));
}

/** Whether an object is still as a change left it: what came is there, and what went has not come back. */
export async function standsAsLeft(change: ObjectChange, now: DescribedObject | undefined): Promise<boolean> {
  if (change.change === "removed") return now === undefined;
  if (now === undefined) return false;
  const lines = new Set(await keptLines(now.lines));
  const isCut = (line: string) => goesOn(line) || line.startsWith("… and ");
  return change.after.every((line) => isCut(line) || lines.has(line)) &&
    change.before.every((line) => isCut(line) || change.after.includes(line) || !lines.has(line));
}
