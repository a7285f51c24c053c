/**
 * What a fix is expected to save and to cost, in minutes of people and in money, from what is recorded.
 *
 * Saved: the person who would have to handle the error, and the users who would fail until that person came. Spent:
 * the harm of a fix that is false, times how probable that is, the fix's own time, and the calls of a model. A number
 * that is not known makes the whole inconclusive, and what is inconclusive is not applied without a person.
 *
 * @module
 */

import type { ActionGroup, Proposal, Risk } from "../core/fixes.ts";
import type { CostFacts, DecisionContext } from "./situation.ts";

/** The balance of a fix; figures are NaN where they could not be computed. */
export interface CostBenefit {
  /** `veto`: it costs more than it saves. */
  verdict: "worth" | "veto" | "inconclusive";
  reason: string;
  /** Minutes of people that the fix is expected to save. */
  savedMinutes: number;
  /** Minutes of people that it is expected to cost. */
  spentMinutes: number;
  /** The same in hundredths of the currency, with the calls of a model. */
  savedCents: number;
  spentCents: number;
  /** Occurrences to be expected in a day without a fix. */
  expectedPerDay: number;
  /** How probable it is that the fix is false, 0..1. */
  falseFixShare: number;
}

/** Minutes until a false fix is found out and taken back. */
const HARM_MINUTES: Readonly<Record<Risk, number>> = { low: 10, medium: 60, high: 480 };
/** What a failed call weighs by the severity of its error. */
const SEVERITY_WEIGHT = { low: 0.5, medium: 1, high: 2, critical: 5 } as const;
const DAY_SECONDS = 86_400;
const DAY_MINUTES = 1_440;
const URGENT_SECONDS = 3_600;
/** From so many recorded cases on a mean counts instead of the setting. */
const ENOUGH_RECOVERIES = 3;
const ENOUGH_OUTCOMES = 5;

/** Weighs a fix; `confidence` is the one that the decision rests on. */
export function weighCosts(
  fix: { proposal: Proposal; confidence: number; risk: Risk; group: ActionGroup },
  context: DecisionContext,
): CostBenefit {
  const expectedPerDay = occurrencesPerDay(context);
  const falseFixShare = falseShare(fix, context.costs);
  const savedMinutes = (1 - falseFixShare) * minutesWithoutFix(context, expectedPerDay);
  const duration = recordOf(fix.proposal, context.costs).meanDurationMs;
  const spentMinutes = falseFixShare * HARM_MINUTES[fix.risk] + duration / 60_000;
  const { minuteCents, aiCallCents, aiCalls } = context.costs;
  const savedCents = savedMinutes * minuteCents;
  const spentCents = spentMinutes * minuteCents + aiCalls * aiCallCents;
  const figures = { savedMinutes, spentMinutes, savedCents, spentCents, expectedPerDay, falseFixShare };
  return { ...verdictOn(figures), ...figures };
}

function verdictOn(
  figures: Omit<CostBenefit, "verdict" | "reason">,
): Pick<CostBenefit, "verdict" | "reason"> {
  if (!Object.values(figures).every((figure) => Number.isFinite(figure) && figure >= 0)) {
    return {
      verdict: "inconclusive",
      reason: "what the fix saves and costs cannot be computed: data are missing",
    };
  }
  const balance = `${figures.savedMinutes.toFixed(1)} minutes saved against ${
    figures.spentMinutes.toFixed(1)
  } spent (${figures.savedCents.toFixed(0)} against ${figures.spentCents.toFixed(0)} cents)`;
  return figures.savedCents > figures.spentCents
    ? { verdict: "worth", reason: `it is expected to pay: ${balance}` }
    : { verdict: "veto", reason: `it is expected to cost more than it saves: ${balance}` };
}

/** As if the error had been watched for a day before it came: one occurrence just now is one a day, and not one a second. */
function occurrencesPerDay({ occurrences, secondsSinceFirst }: DecisionContext): number {
  return secondsSinceFirst >= 0 ? occurrences * DAY_SECONDS / (secondsSinceFirst + DAY_SECONDS) : Number.NaN;
}

/** The worse of what is believed of this fix and what is recorded of its kind; a call that failed again says nothing. */
function falseShare(
  { proposal, confidence, group }: { proposal: Proposal; confidence: number; group: ActionGroup },
  costs: CostFacts,
): number {
  const { n, failed } = recordOf(proposal, costs);
  if (n < ENOUGH_OUTCOMES || group === "call") return 1 - confidence;
  return Math.max(1 - confidence, (failed + 1) / (n + 2));
}

function recordOf(
  { action: { kind } }: Proposal,
  { kinds }: CostFacts,
): { n: number; failed: number; meanDurationMs: number } {
  if (kinds === null) return { n: Number.NaN, failed: Number.NaN, meanDurationMs: Number.NaN };
  return Object.hasOwn(kinds, kind) ? kinds[kind]! : { n: 0, failed: 0, meanDurationMs: 0 };
}

function minutesWithoutFix(context: DecisionContext, expectedPerDay: number): number {
  const { costs, waitingOperations, severity } = context;
  const comesBack = isUrgent(context) ? 1 : 1 - Math.exp(-expectedPerDay);
  const recovery = costs.recovery.n < ENOUGH_RECOVERIES ? costs.handlingMinutes : costs.recovery.meanMinutes;
  // Of a number of cases that is not known the mean is not known either.
  const isKnown = Number.isFinite(costs.recovery.n);
  const failures = isKnown
    ? waitingOperations + expectedPerDay * Math.min(1, recovery / DAY_MINUTES)
    : Number.NaN;
  const weight = severity === null ? Number.NaN : SEVERITY_WEIGHT[severity];
  return costs.handlingMinutes * comesBack + costs.failureMinutes * weight * failures;
}

/** Somebody is hit by it now, and would have to handle it: no need to guess whether it comes back. */
function isUrgent({ waitingOperations, source, secondsSinceLast }: DecisionContext): boolean {
  return waitingOperations > 0 || source === "migration" || secondsSinceLast < URGENT_SECONDS;
}
