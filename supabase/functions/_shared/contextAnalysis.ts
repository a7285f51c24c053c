/**
 * The two judgements about a fix: may it be applied, and did it help. Pure, and each verdict explains itself.
 *
 * `decideFix` weighs a proposal in its situation: how sure, how risky, tried or not, what the user was doing, the state
 * of the project, the healer's own error budget, and what the fix is expected to save and to cost. It stands below the
 * referee in the database, which may still refuse what is decided here.
 *
 * @module
 */

import { weighCosts } from "./contextAnalysis/costBenefit.ts";
import type { CostBenefit } from "./contextAnalysis/costBenefit.ts";
import { confidenceOf, type GateVerdict, type Level, passGates } from "./contextAnalysis/gates.ts";
import {
  type DecisionContext,
  type DecisionInput,
  type RefusedAlternative,
  withoutImpossible,
} from "./contextAnalysis/situation.ts";

export type { CostBenefit } from "./contextAnalysis/costBenefit.ts";
export { type GateVerdict, LADDER, SUGGEST_CONFIDENCE } from "./contextAnalysis/gates.ts";
export { type FixMeasurement, type FixVerdict, judgeFix } from "./contextAnalysis/judgeFix.ts";
export {
  type AccusingError,
  type DeploymentCandidate,
  filesOfTrace,
  rankDeployments,
  type RankedDeployment,
} from "./contextAnalysis/rankDeployments.ts";
export type {
  CostFacts,
  DecisionContext,
  DecisionInput,
  RefusedAlternative,
} from "./contextAnalysis/situation.ts";

/** What shall become of a proposal, and all that it rests on. Whether it may is decided once more by the database. */
export interface Decision {
  decision: Level | "ignore";
  reason: string;
  evidence: {
    /** The confidence that counted; null when there was none. */
    confidence: number | null;
    /** What held the fix back, the most cautious first. */
    gates: GateVerdict[];
    costBenefit: CostBenefit | null;
  };
  /** What else was proposed and did not stand, each with the reason. */
  refused: readonly RefusedAlternative[];
  /** The situation decided, and not the proposal: no other one would fare better. */
  isFinal: boolean;
  /** What a person has to answer; only with `clarify`. */
  question?: string;
}

/** Gates that would hold back any fix. */
const OF_THE_SITUATION: readonly string[] = ["security", "untouchable"];
const IGNORED_AFTER_SECONDS = 86_400;
const IGNORED_PER_DAY = 0.1;

/** Values that only their sender knows, and what has to be asked about them. */
const QUESTIONS: Readonly<Record<string, string>> = {
  not_null_violation: "A required value is missing. What should it be, or should the column allow none?",
  foreign_key_violation:
    "A value refers to something that does not exist. Which one is meant, or should it be created first?",
  check_violation: "A value is outside what the table allows. Which of the two is right?",
  unique_violation: "The same entry exists already. Should it be changed, or is the new one a mistake?",
  invalid_input: "A value does not have the form that its column needs. What was meant?",
  value_out_of_range: "A number is outside what its column holds. Is the number or the column wrong?",
  value_too_long: "A text is longer than its column holds. May the column be widened?",
  ambiguous_reference: "A name could mean several things. Which one is meant?",
};

/** Decides whether a proposed fix is applied, suggested, listed, asked about, left to a person or not worth the while. */
export function decideFix(input: DecisionInput): Decision {
  const { proposal } = input;
  const context = withoutImpossible(input.context);
  if (context === null) return answer(input, "escalate", "the situation could not be read", true);
  if (proposal === null) return decideWithoutFix(input, context);
  const confidence = confidenceOf({ proposal, predicted: input.predicted });
  const costBenefit = weighCosts({ ...input, proposal, confidence }, context);
  const gates = passGates({ ...input, proposal, context, confidence, costBenefit });
  const evidence = { confidence: Number.isNaN(confidence) ? null : confidence, gates, costBenefit };
  const [strictest] = gates;
  if (strictest !== undefined && OF_THE_SITUATION.includes(strictest.gate)) {
    return { ...answer(input, "escalate", strictest.reason, true), evidence };
  }
  if (isNotWorthIt(context)) return { ...answer(input, "ignore", whyIgnored(context), true), evidence };
  const said = strictest === undefined
    ? answer(input, "auto", `${proposal.reason}; ${costBenefit.reason}`)
    : answer(input, strictest.level, strictest.reason);
  return { ...said, evidence };
}

function decideWithoutFix(input: DecisionInput, context: DecisionContext): Decision {
  if (context.security.hold !== false) {
    return answer(input, "escalate", `healing has stopped: ${context.security.reason}`, true);
  }
  const question = Object.hasOwn(QUESTIONS, context.errorType) ? QUESTIONS[context.errorType] : undefined;
  if (isNotWorthIt(context)) return answer(input, "ignore", whyIgnored(context), true);
  return question === undefined || context.activity === "background"
    ? answer(input, "escalate", "no fix stands, and nothing can be asked that would help")
    : { ...answer(input, "clarify", "only whoever sent the value knows what was meant"), question };
}

/** It harmed little, nobody waits, and it has stopped: a false fix would do more. */
function isNotWorthIt(context: DecisionContext): boolean {
  const { severity, source, activity, waitingOperations, secondsSinceLast, secondsSinceFirst, occurrences } =
    context;
  const perDay = occurrences * 86_400 / (secondsSinceFirst + 86_400);
  return (severity === "low" || severity === "medium") && source !== "migration" &&
    activity !== "payment" && activity !== "signIn" && waitingOperations === 0 &&
    secondsSinceLast > IGNORED_AFTER_SECONDS && perDay < IGNORED_PER_DAY;
}

function whyIgnored({ secondsSinceLast, occurrences }: DecisionContext): string {
  const days = (secondsSinceLast / 86_400).toFixed(1);
  return `it is not severe, came ${occurrences} times, not in the last ${days} days, and nobody waits for it`;
}

function answer(
  { refused }: DecisionInput,
  decision: Decision["decision"],
  reason: string,
  isFinal = false,
): Decision {
  return { decision, reason, evidence: { confidence: null, gates: [], costBenefit: null }, refused, isFinal };
}
