/** Asks the proposers in their order and tries what they propose, until one fix stands. @module */

import { decideFix } from "../contextAnalysis.ts";
import { messageOf } from "../core/errors.ts";
import type { ErrorFacts, Proposal, Risk } from "../core/fixes.ts";
import type { Json } from "../core/ports.ts";
import { proposeFromRules } from "../deterministicFixPatterns.ts";
import { type FixAction, keyOfAction, kindOf, parseFixAction } from "../fixActions.ts";
import type { ClaimedError } from "../healingDb.ts";
import { proposeFromPatterns } from "../patternLearning.ts";
import type { DirectConnection } from "../postgres.ts";
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
}

/** The chosen fix, if any, what was refused and why, and what else came to light on the way. */
export interface Choice {
  chosen: ChosenFix | null;
  refused: Refused[];
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

/** All proposals for an error, learned patterns first: a known error needs no analysis. */
export function proposalsFor(error: ClaimedError, facts: ErrorFacts): Proposal[] {
  const seen = new Set(error.refused_actions.map(keyOfAction));
  return [...proposeFromPatterns(error.patterns, facts), ...proposeFromRules(facts)].filter(({ action }) => {
    const key = keyOfAction(action);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Tries the proposals in their order and takes the first that stands. */
export async function chooseFix(
  proposals: readonly Proposal[],
  situation: HealSituation,
  access: TrialAccess,
): Promise<Choice> {
  const refused: Choice["refused"] = [];
  for (const proposal of proposals) {
    const tried = await tryProposal(proposal, situation, access);
    if ("chosen" in tried) return { chosen: tried.chosen, refused };
    refused.push({ action: proposal.action, ...tried });
  }
  return { chosen: null, refused };
}

async function tryProposal(
  proposal: Proposal,
  situation: HealSituation,
  access: TrialAccess,
): Promise<{ chosen: ChosenFix } | Omit<Refused, "action">> {
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
  const risk = kind.risk(action, situation.origin);
  const { decision, reason } = decideFix({ proposal, risk, dryRun });
  return decision === "escalate"
    ? no(reason)
    : { chosen: { proposal, action, risk, wanted: decision, because: reason, dryRun } };
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
