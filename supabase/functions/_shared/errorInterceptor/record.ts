/** What was tried in a request, as it is recorded: an event each, and evidence where an outcome tells anything. @module */

import type { AnalyzedError, ErrorContext } from "../errorAnalysis.ts";
import type { HealingResult, RequestHeal } from "../healingDb.ts";
import type { HealingOutcome, StrategyTrial } from "../healingStrategies.ts";

/** What a trial is recorded as; a stand-in heals nothing, so it earns nothing. */
const RESULTS: Readonly<Record<StrategyTrial["result"], HealingResult>> = {
  healed: "success",
  failed: "failure",
  contained: "inconclusive",
  standIn: "inconclusive",
  queued: "pending",
  skipped: "skipped",
  outOfTime: "inconclusive",
};

/** The events of one failure; together they are one unit of evidence, whatever id its caller sent. */
export function healsOf(
  { tried, signature }: HealingOutcome<unknown>,
  { captured }: AnalyzedError,
  { functionName, requestId, projectId }: ErrorContext,
): RequestHeal[] {
  const unit = `call:${crypto.randomUUID()}`;
  return tried.map(({ fixKind, strategy, result, because, measured, durationMs }): RequestHeal => ({
    category: captured.category,
    severity: captured.severity,
    result: RESULTS[result],
    message: captured.error_message.slice(0, 1_000),
    function_name: functionName ?? null,
    ...(projectId === undefined ? {} : { project_id: projectId }),
    fingerprint: captured.fingerprint,
    strategy: fixKind,
    tier: "deterministic",
    duration_ms: durationMs,
    request_id: requestId ?? null,
    details: { strategy, because, measured },
    ...(isEvidence(result)
      ? {
        unit,
        pattern: {
          pattern_name: `${captured.error_type}: ${fixKind} in the request`,
          error_signature: signature,
          fix_strategy: { kind: fixKind },
          category: captured.category,
          origin: "deterministic",
        },
      }
      : {}),
  }));
}

function isEvidence(result: StrategyTrial["result"]): boolean {
  return result === "healed" || result === "failed";
}

/**
 * One event for all of a batch that are alike and no evidence, with their number: while a target is down, every call
 * gets its stand-in, and nobody reads them one by one.
 */
export function mergeAlike(heals: readonly RequestHeal[]): RequestHeal[] {
  const merged = new Map<string, { heal: RequestHeal; count: number }>();
  for (const heal of heals) {
    const { unit, fingerprint, function_name, project_id, strategy, result } = heal;
    const alike = unit === undefined ? [fingerprint, function_name, project_id, result] : [unit];
    const key = JSON.stringify([...alike, strategy]);
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { heal, count: 1 });
    else known.count++;
  }
  return [...merged.values()].map(({ heal, count }) =>
    count === 1 ? heal : { ...heal, details: { ...heal.details as object, count } }
  );
}
