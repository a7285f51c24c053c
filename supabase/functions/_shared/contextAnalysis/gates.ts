/**
 * What can keep a fix from being applied without a person: one gate a reason, each independent of the others.
 *
 * A gate looks at its own facts and names the most that it lets pass. The most cautious gate decides. Where its facts
 * are missing a gate is as cautious as it ever is, so that losing data never brings a fix nearer to being applied.
 *
 * @module
 */

import type { CostBenefit } from "./costBenefit.ts";
import type { DecisionContext, DecisionInput } from "./situation.ts";
import type { Proposal } from "../core/fixes.ts";

/** From this confidence a fix is suggested; below it, options are listed. */
export const SUGGEST_CONFIDENCE = 0.7;

/** What a decision can be, the least cautious first. */
export const LADDER = ["auto", "suggest", "options", "clarify", "escalate"] as const;

/** A step of the ladder. */
export type Level = typeof LADDER[number];

/** What one gate says. */
export interface GateVerdict {
  gate: string;
  /** The most that it lets pass. */
  level: Level;
  reason: string;
}

/** What gates look at: a proposal and a situation that are there. */
export interface GateInput extends DecisionInput {
  proposal: Proposal;
  context: DecisionContext;
  /** What the decision rests on; see `confidenceOf`. */
  confidence: number;
  costBenefit: CostBenefit;
}

type Gate = (input: GateInput) => Omit<GateVerdict, "gate"> | null;

/** Damage and limits that no fix of ours mends, and refusals that are never evaded. */
const UNTOUCHABLE = ["corruption", "platform_limit", "content_refused", "region_blocked"];
/** A model's own word never carries a fix further than this. */
const MODEL_CONFIDENCE = 0.7;
const AFTER_DEPLOYMENT_SECONDS = 1_800;
const BUSY_EVENTS = 10_000;
const ENOUGH_CONCLUDED = 5;

/** What a decision rests on: the proposer's word, bounded for a model, and lowered by a prediction. */
export function confidenceOf({ proposal, predicted }: Pick<GateInput, "proposal" | "predicted">): number {
  const own = proposal.tier === "ai" ? Math.min(proposal.confidence, MODEL_CONFIDENCE) : proposal.confidence;
  const lowered = predicted === null ? own : Math.min(own, predicted);
  return lowered >= 0 && lowered <= 1 ? lowered : Number.NaN;
}

/** Every gate that holds a fix back, the most cautious first. */
export function passGates(input: GateInput): GateVerdict[] {
  return Object.entries(GATES)
    .flatMap(([gate, judge]) => {
      const verdict = judge(input);
      return verdict === null ? [] : [{ gate, ...verdict }];
    })
    .sort((one, other) => LADDER.indexOf(other.level) - LADDER.indexOf(one.level));
}

const GATES: Readonly<Record<string, Gate>> = {
  security: ({ context: { security } }) =>
    security.hold === false ? null : escalate(`healing has stopped: ${security.reason}`),
  untouchable: ({ context: { errorType } }) =>
    errorType === "" || UNTOUCHABLE.includes(errorType)
      ? escalate(`an error of type "${errorType}" is never healed by itself`)
      : null,
  trial: ({ dryRun, isTriable }) => {
    if (dryRun !== null) {
      return dryRun.ok ? null : escalate(`the rolled-back dry run failed: ${dryRun.measured}`);
    }
    return isTriable ? escalate("it could be tried in a dry run, and was not") : null;
  },
  confidence: ({ confidence }) =>
    confidence >= SUGGEST_CONFIDENCE
      ? null
      : { level: "options", reason: `confidence ${brief(confidence)} is below ${SUGGEST_CONFIDENCE}` },
  risk: ({ risk, proposal }) => {
    if (risk === "low" || (risk === "medium" && proposal.tier === "learned")) return null;
    return suggest(
      risk === "medium"
        ? "a fix of medium risk needs a trusted pattern"
        : "a fix of high risk always needs a person",
    );
  },
  model: ({ proposal, risk, dryRun }) =>
    proposal.tier !== "ai" || (risk === "low" && dryRun !== null)
      ? null
      : suggest("what a model proposes acts alone only with low risk and after a dry run"),
  protected: ({ context: { project }, target }) =>
    project.protectedAreas !== null && !project.protectedAreas.includes(areaOf(target))
      ? null
      : suggest("the target is a protected area, or it is not known which areas are"),
  activity: ({ context: { activity }, group }) =>
    group === "payload" && ["payment", "signIn", "unknown"].includes(activity)
      ? suggest(
        "a payload of a payment or a sign-in, or of nobody knows what, is not changed without a person",
      )
      : null,
  deployment: (input) => isSteady(input) ? null : judgeDeployment(input.context),
  age: ({ context: { project }, group }) =>
    !["code", "deployment"].includes(group) || project.ageDays >= 1
      ? null
      : suggest("the project has no day of history by which a new release could be judged"),
  traffic: (input) =>
    isSteady(input) || input.context.project.eventsLastHour < BUSY_EVENTS
      ? null
      : suggest("the project is very busy, or it is not known how busy"),
  freshness: ({ context: { secondsSinceLast } }) =>
    Number.isFinite(secondsSinceLast) ? null : suggest("it is not known when the error was last seen"),
  budget: ({ context: { budget }, group }) =>
    ["payload", "call"].includes(group) ? null : judgeBudget(budget),
  cost: ({ costBenefit }) => costBenefit.verdict === "worth" ? null : suggest(costBenefit.reason),
};

/** What changes little and is easily taken back does not depend on the hour. */
function isSteady({ group, risk }: GateInput): boolean {
  return risk === "low" && group !== "code" && group !== "deployment";
}

function judgeDeployment({ project, secondsSinceFirst }: DecisionContext): Omit<GateVerdict, "gate"> | null {
  const { secondsSinceDeployment } = project;
  // Infinity: nothing was deployed, so nothing of it can be the cause.
  if (secondsSinceDeployment === Number.POSITIVE_INFINITY && Number.isFinite(secondsSinceFirst)) return null;
  const sinceBefore = secondsSinceDeployment - secondsSinceFirst;
  if (sinceBefore < 0 || sinceBefore > AFTER_DEPLOYMENT_SECONDS) return null;
  return suggest(
    Number.isNaN(sinceBefore)
      ? "it is not known whether the error came with a deployment"
      : "the error began right after a deployment: rolling that back may be the better fix",
  );
}

function judgeBudget({ concluded, failed }: DecisionContext["budget"]): Omit<GateVerdict, "gate"> | null {
  if (!(concluded >= 0 && failed >= 0)) return suggest("it is not known how the last fixes went");
  return concluded >= ENOUGH_CONCLUDED && failed > concluded / 2
    ? suggest(`the error budget is used up: ${failed} of the last day's ${concluded} fixes were not kept`)
    : null;
}

function areaOf(target: string): string {
  return target.split(":")[1]?.split(".")[0] ?? "";
}

function suggest(reason: string): Omit<GateVerdict, "gate"> {
  return { level: "suggest", reason };
}

function escalate(reason: string): Omit<GateVerdict, "gate"> {
  return { level: "escalate", reason };
}

function brief(value: number): string {
  return Number.isNaN(value) ? "that is not known" : Number(value.toPrecision(4)).toString();
}
