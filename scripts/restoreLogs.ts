/**
 * `deno task restore:logs [FILE …]`: puts log entries back that workers could only write to the console before they
 * ended, from an exported log (or from standard input) into the table. It may be run as often as one likes.
 *
 * @module
 */

import { messageOf } from "../supabase/functions/_shared/core/errors.ts";
import { RestorableReader, type Restored } from "../supabase/functions/_shared/core/restorable.ts";
import { readSettings } from "../supabase/functions/_shared/core/settings.ts";
import { isEntry, type LogEntry } from "../supabase/functions/_shared/fallbackLogger.ts";
import { type StoredLogs, storeFallbackLogs } from "../supabase/functions/_shared/healingDb.ts";
import { createServiceRpc } from "../supabase/functions/_shared/supabaseClient.ts";
import { print, printError } from "./lib/print.ts";

const USAGE = `Usage: deno task restore:logs [FILE …]
  FILE       an exported function log, as text or as JSON lines; standard input when none is named
  Set SUPABASE_URL and SUPABASE_SECRET_KEYS (or SUPABASE_SERVICE_ROLE_KEY) to say where the entries belong.`;

const BATCH = 50;

async function main(files: string[]): Promise<number> {
  if (files.some((file) => file.startsWith("-"))) {
    print(USAGE);
    return files.includes("--help") || files.includes("-h") ? 0 : 1;
  }
  const reader = new RestorableReader();
  for await (const line of linesOf(files)) addLine(reader, line);
  const { items, incomplete } = reader.read();
  const entries = items.filter(isLog).map(({ item }) => item as LogEntry);
  const total = await store(entries);
  const others = items.length - entries.length;
  print(`${entries.length} entries found: ${total.stored} restored, ${total.known} were there already`);
  if (others > 0) print(`${others} items are no log entries and were left alone`);
  if (incomplete > 0) printError(`${incomplete} items are not whole: parts of them are missing from the log`);
  return incomplete > 0 ? 1 : 0;
}

/** A log that was exported as JSON has our lines inside strings. */
function addLine(reader: RestorableReader, line: string): void {
  if (reader.add(line) || !line.includes("healing_restorable")) return;
  try {
    collectStrings(JSON.parse(line)).forEach((text) => reader.add(text));
  } catch {
    // Not JSON either: nothing of ours.
  }
}

function collectStrings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(collectStrings) : [];
}

function isLog({ kind, item }: Restored): boolean {
  return kind === "log" && isEntry(item);
}

async function* linesOf(files: string[]): AsyncGenerator<string> {
  const streams = files.length === 0
    ? [Deno.stdin.readable]
    : files.map(async (file) => (await Deno.open(file)).readable);
  for (const stream of streams) {
    let rest = "";
    for await (const piece of (await stream).pipeThrough(new TextDecoderStream())) {
      const lines = (rest + piece).split("\n");
      rest = lines.pop()!;
      yield* lines;
    }
    yield rest;
  }
}

async function store(entries: readonly LogEntry[]): Promise<StoredLogs> {
  const total: StoredLogs = { stored: 0, known: 0, refused: 0 };
  if (entries.length === 0) return total;
  const db = createServiceRpc(readSettings());
  for (let first = 0; first < entries.length; first += BATCH) {
    const { stored, known, refused } = await storeFallbackLogs(db, entries.slice(first, first + BATCH));
    total.stored += stored;
    total.known += known;
    total.refused += refused;
  }
  return total;
}

if (import.meta.main) {
  try {
    Deno.exitCode = await main(Deno.args);
  } catch (error) {
    printError(messageOf(error));
    Deno.exitCode = 1;
  }
}
