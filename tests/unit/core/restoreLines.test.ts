import assert from "node:assert/strict";
import { createLogger, type LogLevel } from "../../../supabase/functions/_shared/core/logger.ts";
import { readRestoreLines, RestoreLog } from "../../../supabase/functions/_shared/core/restoreLines.ts";

/** A log whose lines are kept, on a clock that the test sets. */
function keptLog() {
  const lines: string[] = [];
  const time = { now: 0 };
  const logger = createLogger("test", (_level: LogLevel, line) => lines.push(line));
  return { lines, time, log: new RestoreLog(logger, () => time.now) };
}

Deno.test("RestoreLog writes lines from which readRestoreLines() gives every value back, also a long and odd one", () => {
  const { lines, log } = keptLog();
  const values = [
    { error_message: "short" },
    { error_message: `"\\\n\u2028\ud83d\ude00${'"'.repeat(10_000)}` },
    { list: Array.from({ length: 500 }, (_, index) => ({ index, text: "ünïcode" })) },
  ];
  for (const value of values) log.write("captured_error", value, "why");
  assert.ok(lines.every((line) => line.length < 10_000), "the platform cuts none of them");
  const shuffled = [...lines].reverse().map((line) => `2026-11-29T12:00:00Z [Error] ${line}`);
  const restored = readRestoreLines(["", "no json", '{"restore":7}', ...shuffled, ...lines]);
  assert.deepEqual(restored.map(({ value }) => value).reverse(), values);
  assert.ok(restored.every(({ kind }) => kind === "captured_error"));
});

Deno.test("readRestoreLines() leaves out a value of which a part is missing, changed or of another version", () => {
  const { lines, log } = keptLog();
  log.write("request_heal", { text: "x".repeat(9_000) }, "why");
  assert.equal(lines.length, 3);
  assert.deepEqual(readRestoreLines(lines.slice(1)), []);
  assert.deepEqual(readRestoreLines(lines.map((line) => line.replace('"v":1', '"v":2'))), []);
  assert.deepEqual(readRestoreLines(lines.map((line) => line.replace('"parts":3', '"parts":1e9'))), []);
});

Deno.test("RestoreLog writes no more than the platform keeps, and says how much was lost", () => {
  const { lines, time, log } = keptLog();
  for (let index = 0; index < 500; index++) log.write("captured_error", { index }, "why");
  assert.equal(lines.length, 80);
  log.write("captured_error", { huge: "x".repeat(1_000_000) }, "why");
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  log.write("captured_error", circular, "why");
  time.now = 10_000;
  log.write("captured_error", { index: 500 }, "why");
  assert.equal(JSON.parse(lines[80]!).lost, 422);
  assert.equal(readRestoreLines(lines).length, 81);
});
