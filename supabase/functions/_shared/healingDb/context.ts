/** What is weighed before a fix is decided about, in one round trip. @module */

import type { CostFacts, DecisionContext } from "../contextAnalysis.ts";
import { activityOf } from "../core/activity.ts";
import type { Json, RpcPort } from "../core/ports.ts";
import { isRecord } from "../core/unknownValues.ts";

/** The outcomes of a pattern that resembles another one. */
export interface SimilarPattern {
  id: string;
  kind: string;
  category: string;
  table: string | null;
  successes: number;
  failures: number;
}

/** The situation of an error, and what patterns like those that know it have done. */
export interface DecisionFacts {
  context: DecisionContext;
  /** Empty when every pattern that knows the error has evidence enough. */
  similar: readonly SimilarPattern[];
}

/** Reads the situation of an error. What the database does not say becomes NaN or null: not known. */
export async function getDecisionContext(db: RpcPort, errorId: string): Promise<DecisionFacts> {
  const stored = objectOf(await db.call<Json>("get_decision_context", { p_error_id: errorId }));
  const project = objectOf(stored.project);
  const budget = objectOf(stored.budget);
  const security = objectOf(stored.security);
  return {
    context: {
      severity: severityOf(stored.severity),
      errorType: textOf(stored.error_type),
      source: textOf(stored.source),
      activity: activityOf({
        source: textOf(stored.source),
        functionName: textOf(stored.function_name),
        doing: stored.doing ?? null,
      }),
      occurrences: numberOf(stored.occurrences),
      secondsSinceFirst: numberOf(stored.seconds_since_first),
      secondsSinceLast: numberOf(stored.seconds_since_last),
      waitingOperations: numberOf(stored.waiting_operations),
      project: projectOf(project),
      budget: { concluded: numberOf(budget.concluded), failed: numberOf(budget.failed) },
      security: {
        hold: typeof security.hold === "boolean" ? security.hold : null,
        reason: textOf(security.reason) || "it is not known whether access is being refused in a burst",
      },
      costs: costsOf(objectOf(stored.costs)),
    },
    similar: Array.isArray(stored.similar_patterns)
      ? stored.similar_patterns as unknown as SimilarPattern[]
      : [],
  };
}

function projectOf(project: Record<string, Json>): DecisionContext["project"] {
  const deployment = project.last_deployment;
  const areas = project.protected_areas;
  return {
    ageDays: numberOf(project.age_days),
    eventsLastHour: numberOf(project.events_last_hour),
    // An empty object says that none is on record; nothing at all says nothing.
    secondsSinceDeployment: isRecord(deployment) && Object.keys(deployment).length === 0
      ? Number.POSITIVE_INFINITY
      : numberOf(objectOf(deployment).seconds_ago),
    protectedAreas: Array.isArray(areas) ? areas.map(String) : null,
  };
}

function costsOf(costs: Record<string, Json>): CostFacts {
  const recovery = objectOf(costs.recovery);
  const kinds = Object.entries(objectOf(costs.kinds)).map(([kind, value]) => {
    const { n, failed, mean_duration_ms } = objectOf(value);
    return [kind, { n: numberOf(n), failed: numberOf(failed), meanDurationMs: numberOf(mean_duration_ms) }];
  });
  return {
    minuteCents: numberOf(costs.minute_cents),
    aiCallCents: numberOf(costs.ai_call_cents),
    handlingMinutes: numberOf(costs.handling_minutes),
    failureMinutes: numberOf(costs.failure_minutes),
    aiCalls: numberOf(costs.ai_calls),
    recovery: { n: numberOf(recovery.n), meanMinutes: numberOf(recovery.mean_minutes) },
    kinds: isRecord(costs.kinds) ? Object.fromEntries(kinds) : null,
  };
}

function severityOf(value: Json | undefined): DecisionContext["severity"] {
  return value === "low" || value === "medium" || value === "high" || value === "critical" ? value : null;
}

function objectOf(value: Json | undefined): Record<string, Json> {
  return isRecord(value) ? value : {};
}

function numberOf(value: Json | undefined): number {
  return typeof value === "number" ? value : Number.NaN;
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
