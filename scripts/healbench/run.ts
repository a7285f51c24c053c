/** Runs all rows of a catalogue, one after the other. @module */

import { messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import type { Case } from "./cases.ts";
import { runDecidedCase } from "./decidedCase.ts";
import { runHttpCase } from "./httpCase.ts";
import type { BenchDatabase, BenchServer } from "./server.ts";
import { runSqlCase } from "./sqlCase.ts";
import type { Verdict } from "./verdict.ts";

/** Called after each row. */
export type Progress = (verdict: Verdict, done: number, total: number) => void;

/** Runs the rows and returns a verdict for each. */
export async function runCases(
  cases: readonly Case[],
  server: BenchServer,
  onProgress: Progress = () => {},
): Promise<Verdict[]> {
  // Rows that change no table of their own share one database, as errors of one project do.
  await using shared = await server.clone();
  const verdicts: Verdict[] = [];
  for (const row of cases) {
    const startedAt = performance.now();
    const verdict = { ...await runCase(row, server, shared), durationMs: performance.now() - startedAt };
    verdicts.push(verdict);
    onProgress(verdict, verdicts.length, cases.length);
  }
  return verdicts;
}

async function runCase(
  row: Case,
  server: BenchServer,
  shared: BenchDatabase,
): Promise<Omit<Verdict, "durationMs">> {
  try {
    if (row.reproduce.kind === "sql") return await runSqlCase(row, server);
    if (row.reproduce.kind === "http_stub") return await runHttpCase(row, shared);
    return await runDecidedCase(row, shared);
  } catch (error) {
    // A row that breaks the bench itself is never a good one.
    return {
      id: row.id,
      layer: row.layer,
      title: row.title,
      risk: row.risk,
      kind: row.reproduce.kind,
      verdict: "escalated",
      errorType: "",
      actions: [],
      reason: `the bench failed: ${messageOf(error)}`,
      harm: [],
    };
  }
}
