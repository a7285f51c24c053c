/** Asks the proposers in their order and tries what they propose, until one fix stands. @module */

import { decideFix, type Decision, type DecisionContext } from "../contextAnalysis.ts";
import { messageOf } from "../core/errors.ts";
import type { ErrorFacts, Proposal, Risk } from "../core/fixes.ts";
import type { Json } from "../core/ports.ts";
import { proposeFromRules } from "../deterministicFixPatterns.ts";
import { type FixAction, keyOfAction, kindOf, parseFixAction } from "../fixActions.ts";
import type { ClaimedError } from "../healingDb.ts";
import { type PatternPrediction, proposeFromPatterns, proposeUnproven } from "../patternLearning.ts";
import type { DirectConnection } from "../postgres.ts";
import type { FixChanges } from "../rollbackPoints.ts";
import type { HealSituation } from "./options.ts";
import { dryRun, type Trial } from "./trials.ts";

/** A fix that passed its trial. */
export interface ChosenFix {
  proposal: Proposal;
  action: FixAction;
  risk: Risk;
  wanted: "auto" | "suggest" | "options";
  /** Why it is wanted so. */
  because: string;
  dryRun: { ok: boolean; measured: string } | null;
  /** What exactly it changes, as the dry run showed. */
  changes: FixChanges | null;
  /** All that the decision rests on. */
  decision: Decision;
  prediction: PatternPrediction | null;
}

/** The chosen fix, if any, what was refused and why, and what else came to light on the way. */
export interface Choice {
  chosen: ChosenFix | null;
  refused: Refused[];
  /** Why no fix at all is to be applied in this situation, whoever proposes it. */
  stopped: Decision | null;
}

/** A proposal that did not stand. */
export interface Refused {
  action: Json;
  reason: string;
  /** `alreadyDone`: somebody has applied it meanwhile. `later`: it could not be tried now. */
  because: "no" | "alreadyDone" | "later";
}

/** What a trial may use. */
export interface TrialAccess {
  direct: () => Promise<DirectConnection | null>;
  canReplay: boolean;
}

/** What a decision weighs besides the proposal itself. */
export interface Weighed {
  context: DecisionContext;
  /** By pattern: what its family lets expect of it. */
  predictions: ReadonlyMap<string, PatternPrediction>;
}

/** All proposals for an error, learned patterns first: a known error needs no analysis; unproven ones last. */
export function proposalsFor(
  error: ClaimedError,
  facts: ErrorFacts,
  predictions: ReadonlyMap<string, PatternPrediction> = new Map(),
): Proposal[] {
  const seen = new Set(error.refused_actions.map(keyOfAction));
  return [
    ...proposeFromPatterns(error.patterns, facts, { predictions }),
    ...proposeFromRules(facts),
    ...proposeUnproven(error.patterns, facts, { predictions }),
  ].filter(({ action }) => {
    const key = keyOfAction(action);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Tries the proposals in their order and takes the first that stands; `before` are those that may not be tried. */
export async function chooseFix(
  proposals: readonly Proposal[],
  situation: HealSituation,
  access: TrialAccess,
  weighed: Weighed,
  before: readonly Refused[] = [],
): Promise<Choice> {
  const refused: Choice["refused"] = [...before];
  for (const proposal of proposals) {
    const tried = await tryProposal(proposal, situation, access, { ...weighed, refused });
    if ("chosen" in tried) return { chosen: tried.chosen, refused, stopped: null };
    if ("stopped" in tried) return { chosen: null, refused, stopped: tried.stopped };
    refused.push({ action: proposal.action, ...tried });
  }
  return { chosen: null, refused, stopped: null };
}

type Tried = { chosen: ChosenFix } | { stopped: Decision } | Omit<Refused, "action">;

async function tryProposal(
  proposal: Proposal,
  situation: HealSituation,
  access: TrialAccess,
  weighed: Weighed & { refused: readonly Refused[] },
): Promise<Tried> {
  let action: FixAction;
  try {
    action = parseFixAction(proposal.action);
  } catch (error) {
    return no(messageOf(error));
  }
  const kind = kindOf(action);
  if (kind.needs === "payload") return no("a payload can only be mended in the request that holds it");
  if (kind.needs === "replay" && !access.canReplay) return no("operations cannot be made again from here");
  const trial = kind.needs === "sql" ? await trySql(action, access, situation) : null;
  if (trial?.kind === "alreadyDone" || trial?.kind === "later") {
    return { reason: trial.measured, because: trial.kind };
  }
  const dryRun = trial === null ? null : { ok: trial.kind === "works", measured: trial.measured };
  const changes = trial?.kind === "works" ? trial.changes : null;
  return decide({ proposal, action, risk: kind.risk(action, situation.origin), dryRun, changes }, weighed);
}

function decide(
  tried: Pick<ChosenFix, "proposal" | "action" | "risk" | "dryRun" | "changes">,
  { context, predictions, refused }: Weighed & { refused: readonly Refused[] },
): Tried {
  const kind = kindOf(tried.action);
  const prediction = predictions.get(tried.proposal.patternId ?? "") ?? null;
  const decision = decideFix({
    ...tried,
    group: kind.group,
    target: kind.target(tried.action),
    isTriable: kind.needs === "sql",
    predicted: prediction?.predicted ?? null,
    context,
    refused,
  });
  const { decision: level, reason, isFinal } = decision;
  if (isFinal) return { stopped: decision };
  if (level !== "auto" && level !== "suggest" && level !== "options") return no(reason);
  return { chosen: { ...tried, wanted: level, because: reason, decision, prediction } };
}

async function trySql(action: FixAction, access: TrialAccess, { script }: HealSituation): Promise<Trial> {
  const direct = await access.direct();
  if (direct === null) {
    return { kind: "fails", measured: "a database fix needs a direct connection, and none is configured" };
  }
  return await dryRun(direct, action, script);
}

function no(reason: string): Omit<Refused, "action"> {
  return { reason, because: "no" };
}
