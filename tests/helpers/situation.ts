/** Ready-made situations in which a fix is decided about. @module */

import type { DecisionContext, DecisionInput } from "../../supabase/functions/_shared/contextAnalysis.ts";
import type { Proposal } from "../../supabase/functions/_shared/core/fixes.ts";

/** An error that is worth mending in a quiet project; what a test does not care about is filled in. */
export function situation(changes: Partial<DecisionContext> = {}): DecisionContext {
  return {
    severity: "high",
    errorType: "missing_schema",
    source: "edge_function",
    activity: "write",
    occurrences: 20,
    secondsSinceFirst: 3_600,
    secondsSinceLast: 60,
    waitingOperations: 2,
    project: {
      ageDays: 30,
      eventsLastHour: 50,
      secondsSinceDeployment: Number.POSITIVE_INFINITY,
      protectedAreas: ["auth", "billing"],
    },
    budget: { concluded: 4, failed: 0 },
    security: { hold: false, reason: "" },
    costs: {
      minuteCents: 50,
      aiCallCents: 5,
      handlingMinutes: 15,
      failureMinutes: 2,
      aiCalls: 0,
      recovery: { n: 0, meanMinutes: 0 },
      kinds: {},
    },
    ...changes,
  };
}

/** A proposal of a rule that is sure. */
export function sureProposal(changes: Partial<Proposal> = {}): Proposal {
  return {
    action: { kind: "create_extension" },
    tier: "deterministic",
    confidence: 0.9,
    reason: "the rule is sure",
    ...changes,
  };
}

/** What is decided about: a tried fix of low risk in that situation. */
export function decisionInput(changes: Partial<DecisionInput> = {}): DecisionInput {
  return {
    proposal: sureProposal(),
    risk: "low",
    group: "database",
    target: "schema:shop",
    dryRun: { ok: true, measured: "it works" },
    isTriable: true,
    predicted: null,
    context: situation(),
    refused: [],
    ...changes,
  };
}
