/** What is known of the situation in which a fix is decided about. @module */

import type { Activity } from "../core/activity.ts";
import type { ActionGroup, Proposal, Risk } from "../core/fixes.ts";
import type { Json } from "../core/ports.ts";

/** What is recorded of costs. A number that is not known is NaN, and then nothing is weighed. */
export interface CostFacts {
  /** Prices in hundredths of the currency. */
  minuteCents: number;
  aiCallCents: number;
  /** A person's minutes for an error that nobody heals. */
  handlingMinutes: number;
  /** A user's minutes for one failed call. */
  failureMinutes: number;
  /** Calls of a model that this error has cost so far. */
  aiCalls: number;
  /** How long people took from a proposal to its application. */
  recovery: { n: number; meanMinutes: number };
  /** Outcomes and durations by kind of fix; a kind that is not there was never used. */
  kinds: Readonly<Record<string, { n: number; failed: number; meanDurationMs: number }>> | null;
}

/** The facts about an error and its project, read at one moment. NaN and null mean: not known. */
export interface DecisionContext {
  severity: "low" | "medium" | "high" | "critical" | null;
  /** The class that the classifier gave the error. */
  errorType: string;
  /** `migration` for an error whose author waits for it. */
  source: string;
  activity: Activity;
  occurrences: number;
  secondsSinceFirst: number;
  secondsSinceLast: number;
  /** Failed operations that wait to be made again. */
  waitingOperations: number;
  project: {
    ageDays: number;
    /** Errors, attempts and verdicts of the last hour, at most 10,000. */
    eventsLastHour: number;
    /** Infinity when no deployment is on record. */
    secondsSinceDeployment: number;
    /** Schemas and areas in which every fix needs a person. */
    protectedAreas: readonly string[] | null;
  };
  /** Fixes that changed state and ended in the last 24 hours, and how many of them were not kept. */
  budget: { concluded: number; failed: number };
  /** Whether a burst of permission and authentication failures holds all healing. */
  security: { hold: boolean | null; reason: string };
  costs: CostFacts;
}

/** A fix that somebody proposed and that did not stand, or was not tried. */
export interface RefusedAlternative {
  action: Json;
  reason: string;
}

/** What is known when a fix is decided about. */
export interface DecisionInput {
  /** Null when nothing that was proposed stands. */
  proposal: Proposal | null;
  risk: Risk;
  group: ActionGroup;
  /** As the kind names it: `schema:shop`, `column:content`. */
  target: string;
  /** The fix was made and rolled back; null where that was not done. */
  dryRun: { ok: boolean; measured: string } | null;
  /** Its kind can be tried so; without a dry run it is not applied then. */
  isTriable: boolean;
  /** What similar patterns let expect of a pattern with little evidence, 0..1; null where there is no such prediction. */
  predicted: number | null;
  /** Null when the situation could not be read. */
  context: DecisionContext | null;
  refused: readonly RefusedAlternative[];
}

/**
 * The situation with every number that cannot be taken for not known: nothing here is ever negative, but a clock may
 * have been put back, and a row may be wrong.
 */
export function withoutImpossible<Facts>(facts: Facts): Facts {
  if (typeof facts === "number") return (facts >= 0 ? facts : Number.NaN) as Facts;
  if (typeof facts !== "object" || facts === null || Array.isArray(facts)) return facts;
  return Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => [name, withoutImpossible(fact)]),
  ) as Facts;
}
