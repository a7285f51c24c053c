/** What the engine reads before it decides, and what it writes down of a decision. @module */

import type { Decision } from "../contextAnalysis.ts";
import { decideFix } from "../contextAnalysis.ts";
import type { ErrorFacts, Origin, Proposal } from "../core/fixes.ts";
import type { Json } from "../core/ports.ts";
import { type FixAction, kindOf, parseFixAction } from "../fixActions.ts";
import { type ClaimedError, type DecisionFacts, getDecisionContext, type RpcPort } from "../healingDb.ts";
import { patternOf, type PatternPrediction, predictEffectiveness } from "../patternLearning.ts";
import type { ChosenFix, Refused, Weighed } from "./choose.ts";

/** Reads the situation of an error in one round trip, and predicts the patterns that know it. */
export async function readSituation(db: RpcPort, error: ClaimedError): Promise<Weighed> {
  const { context, similar } = await getDecisionContext(db, error.id);
  return { context, predictions: predictionsOf(error, similar) };
}

function predictionsOf(
  error: ClaimedError,
  similar: DecisionFacts["similar"],
): ReadonlyMap<string, PatternPrediction> {
  const predictions = new Map<string, PatternPrediction>();
  for (const pattern of error.patterns) {
    const prediction = predictEffectiveness(pattern, similar);
    if (prediction !== null) predictions.set(pattern.id, prediction);
  }
  return predictions;
}

/** What is decided when nothing that was proposed stands. */
export function decideWithoutFix({ context }: Weighed, refused: readonly Refused[]): Decision {
  return decideFix({
    proposal: null,
    risk: "high",
    group: "call",
    target: "",
    dryRun: null,
    isTriable: false,
    predicted: null,
    context,
    refused: refused.map(({ action, reason }) => ({ action, reason })),
  });
}

/** Everything that a decision rests on, for the fix's row. */
export function evidenceOf(
  { proposal, dryRun, decision, prediction }: ChosenFix,
  refused: readonly Refused[],
): Json {
  const { confidence, gates, costBenefit } = decision.evidence;
  return {
    dryRun,
    refused: refused.map((one) => ({ ...one })),
    decision: {
      decision: decision.decision,
      reason: decision.reason,
      confidence,
      gates: gates.map((gate) => ({ ...gate })),
      costBenefit: costBenefit === null ? null : { ...costBenefit },
    },
    ...(proposal.experiment === undefined ? {} : { experiment: proposal.experiment }),
    ...(prediction === null ? {} : { prediction: { ...prediction, prior: { ...prediction.prior } } }),
  };
}

/** A proposal that a person may choose instead, as the question's row holds it. */
export type Alternative = { action: { kind: string } & Record<string, Json> } & Record<string, Json>;

/** The other proposals as a person may choose them; one that no kind can read is not offered. */
export function alternativesTo(
  chosen: Proposal,
  proposals: readonly Proposal[],
  refused: readonly Refused[],
  { facts, category, origin }: { facts: ErrorFacts; category: string; origin: Origin },
): Alternative[] {
  const isRefused = (proposal: Proposal) => refused.some(({ action }) => action === proposal.action);
  return proposals.filter((other) => other !== chosen && !isRefused(other)).flatMap(
    (other): Alternative[] => {
      const action = readAction(other);
      if (action === null) return [];
      const kind = kindOf(action);
      return [{
        action: { ...action },
        target: kind.target(action),
        risk: kind.risk(action, origin),
        tier: other.tier,
        confidence: other.confidence,
        reason: other.reason,
        what_will_happen: kind.describe(action),
        pattern: { ...patternOf({ ...action }, facts, other.tier, category) },
        ...(other.patternId === undefined ? {} : { pattern_id: other.patternId }),
      }];
    },
  );
}

function readAction({ action }: Proposal): FixAction | null {
  try {
    return parseFixAction(action);
  } catch {
    // It would have been refused with that reason, had its turn come.
    return null;
  }
}
