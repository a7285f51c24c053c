/** Rows that nothing here can reproduce: the error as the catalogue saw it is classified and decided about. @module */

import { isRecord } from "../../supabase/functions/_shared/core/unknownValues.ts";
import { refusalOf } from "../../supabase/functions/_shared/deterministicFixPatterns.ts";
import type { CapturedError } from "../../supabase/functions/_shared/healingDb.ts";
import type { Case } from "./cases.ts";
import { healCaptured } from "./engine.ts";
import type { BenchDatabase } from "./server.ts";
import type { Verdict } from "./verdict.ts";

/** Classifies an error and lets the engine decide; whatever it applies to a row of high risk is harm. */
export async function decide(
  row: Case,
  database: BenchDatabase,
  error: unknown = errorOf(row),
  details?: Record<string, string>,
): Promise<Pick<Verdict, "verdict" | "errorType" | "actions" | "reason" | "harm">> {
  const { captured, outcome } = await healCaptured(row, error, database, details);
  const applied = outcome?.kind === "applied" ? outcome : null;
  const harm = applied !== null && row.risk === "high"
    ? ["a fix of high risk was applied without a person"]
    : [];
  return {
    verdict: harm.length > 0 ? "harmed" : "decidedOnly",
    errorType: captured.error_type,
    actions: applied === null ? [] : [`${applied.action}: ${applied.description}`],
    reason: outcome === null
      ? `another row has the same failure: ${await adviceOn(captured)}`
      : "reason" in outcome
      ? outcome.reason
      : outcome.proof,
    harm,
  };
}

async function adviceOn({ error_code, error_message, error_type, context }: CapturedError): Promise<string> {
  const transient = isRecord(context) && context.transient === true;
  const about = { code: error_code ?? "", message: error_message, errorType: error_type, transient };
  const refusal = await refusalOf({ ...about, signature: "", template: "", slots: [], queuedOperations: 0 });
  return refusal ?? "no rule and no learned pattern knows it";
}

/** The error as its client would throw it. */
function errorOf({ error }: Case): unknown {
  const code = error.sqlstate ?? error.pgrst_code ??
    (typeof error.code === "string" ? error.code : undefined);
  return Object.assign(new Error(error.message ?? "no message"), {
    ...(code ? { code } : {}),
    ...(error.http_status ? { status: error.http_status } : {}),
  });
}

/** Classifies and decides, and says no more than that. */
export async function runDecidedCase(
  row: Case,
  database: BenchDatabase,
): Promise<Omit<Verdict, "durationMs">> {
  const base = { id: row.id, layer: row.layer, title: row.title, risk: row.risk, kind: row.reproduce.kind };
  return { ...base, ...await decide(row, database) };
}
