/**
 * `deno task restore:logs [FILE …]`: puts back what workers could only write to the console before they ended, from
 * an exported log (or from standard input). It may be run as often as one likes.
 *
 * Each value becomes one entry of the log's table under its own id, which tells it again. An error or a heal that is
 * new there is then also captured or counted as it would have been; should the program be killed between the two, its
 * entry says what was not counted.
 *
 * @module
 */

import { HealingError, messageOf } from "../supabase/functions/_shared/core/errors.ts";
import { readRestoreLines, type Restored } from "../supabase/functions/_shared/core/restoreLines.ts";
import { readSettings } from "../supabase/functions/_shared/core/settings.ts";
import { analyzeError } from "../supabase/functions/_shared/errorAnalysis.ts";
import { isEntry } from "../supabase/functions/_shared/fallbackLogger.ts";
import {
  captureErrors,
  recordRequestHeals,
  type RpcPort,
  storeFallbackLogs,
} from "../supabase/functions/_shared/healingDb.ts";
import { createServiceRpc } from "../supabase/functions/_shared/supabaseClient.ts";
import { linesOf } from "./lib/lines.ts";
import { print, printError } from "./lib/print.ts";

const USAGE = `Usage: deno task restore:logs [FILE …]
  FILE       an exported function log, as text or as JSON lines; standard input when none is named
  Set SUPABASE_URL and SUPABASE_SECRET_KEYS (or SUPABASE_SERVICE_ROLE_KEY) to say where the entries belong.`;

const MARK = "restore";

async function main(files: string[]): Promise<number> {
  if (files.some((file) => file.startsWith("-"))) {
    print(USAGE);
    return files.includes("--help") || files.includes("-h") ? 0 : 1;
  }
  const values = readRestoreLines(await collectLines(files));
  if (values.length === 0) {
    print("Nothing to restore was found.");
    return 0;
  }
  const db = createServiceRpc(readSettings());
  const count = { restored: 0, known: 0, refused: 0 };
  for (const value of values) count[await restore(db, value)]++;
  print(`${values.length} found: ${count.restored} restored, ${count.known} were there already`);
  if (count.refused > 0) printError(`${count.refused} could not be read and were left out`);
  return count.refused > 0 ? 1 : 0;
}

async function restore(db: RpcPort, restored: Restored): Promise<"restored" | "known" | "refused"> {
  const entry = entryOf(restored);
  if (entry === undefined) return "refused";
  const { stored, refused } = await storeFallbackLogs(db, [entry]);
  if (refused > 0) return "refused";
  if (stored === 0) return "known";
  await count(db, restored);
  return "restored";
}

/** The value as an entry of the log's table. */
function entryOf({ kind, id, value, at }: Restored): object | undefined {
  if (kind === "log") return isEntry(value) ? value : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  return { id, level: "error", message: `restored: ${kind}`, context: value, at };
}

/** Counts an error or a heal as it would have been counted. */
async function count(db: RpcPort, { kind, value }: Restored): Promise<void> {
  try {
    if (kind === "captured_error") await captureErrors(db, [value as never]);
    if (kind === "request_heal") await recordRequestHeals(db, [value as never]);
    if (kind === "raw_error") {
      const { error, context } = value as { error: Error; context: object };
      await captureErrors(db, [(await analyzeError(error, context)).captured]);
    }
  } catch (error) {
    // What the database refuses stays readable in its entry.
    if (!(error instanceof HealingError) || error.code === "UNAVAILABLE") throw error;
    printError(`a ${kind} was kept in the log's table only: ${error.message}`);
  }
}

/** The lines that may be ours; a log that was exported as JSON has them inside strings. */
async function collectLines(files: string[]): Promise<string[]> {
  const found: string[] = [];
  for await (const line of linesOfAll(files)) {
    if (!line.includes(MARK)) continue;
    found.push(line);
    try {
      found.push(...collectStrings(JSON.parse(line)).filter((text) => text.includes(MARK)));
    } catch {
      // A log as text.
    }
  }
  return found;
}

function collectStrings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(collectStrings) : [];
}

async function* linesOfAll(files: string[]): AsyncGenerator<string> {
  if (files.length === 0) yield* linesOf(Deno.stdin.readable);
  for (const file of files) yield* linesOf((await Deno.open(file)).readable);
}

if (import.meta.main) {
  try {
    Deno.exitCode = await main(Deno.args);
  } catch (error) {
    printError(messageOf(error));
    Deno.exitCode = 1;
  }
}
