/** What the engine makes of an error that an application would capture. @module */

import type { CapturedError } from "../../supabase/functions/_shared/healingDb.ts";
import { analyzeError } from "../../supabase/functions/_shared/errorAnalysis.ts";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { createHealingEngine, type HealOutcome } from "../../supabase/functions/_shared/healingEngine.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import type { Case } from "./cases.ts";
import type { BenchDatabase } from "./server.ts";

/** Captures the error and lets the engine work on it; the outcome is null when nobody could claim it. */
export async function healCaptured(
  row: Case,
  error: unknown,
  database: BenchDatabase,
  details?: Record<string, string>,
): Promise<{ captured: CapturedError; outcome: HealOutcome | null }> {
  const connection = await openDirectConnection(database.url);
  try {
    const { captured } = await analyzeError(error, {
      functionName: row.id,
      ...(details === undefined ? {} : { details }),
    });
    // Each row is a world of its own: refusals of the rows before it are no burst that holds this one up.
    await connection.transaction((tx) =>
      tx.query("update public.detected_errors set last_seen_at = last_seen_at - interval '1 day'")
    );
    const { errors: [group] } = await captureErrors(connection.rpc, [captured]);
    await using engine = createHealingEngine({
      db: connection.rpc,
      openDirect: () => openDirectConnection(database.url),
      worker: row.id,
    });
    return { captured, outcome: await engine.analyzeAndHealError(group!.id, { origin: "runtime" }) };
  } finally {
    await connection.close();
  }
}
