/** Lets experiments say which fix an error gets first; they may order proposals, never add a right to act. @module */

import { messageOf } from "../core/errors.ts";
import type { ErrorFacts, Proposal } from "../core/fixes.ts";
import { recordVariantResult, routeToVariant } from "../fixExperiments.ts";
import { keyOfAction, kindOf, parseFixAction } from "../fixActions.ts";
import { type ExperimentForError, getExperimentForError } from "../engineDb.ts";
import { type ClaimedError } from "../healingDb.ts";
import { proposeFromPatterns } from "../patternLearning.ts";
import type { Refused, TrialAccess } from "./choose.ts";
import type { HealingEngineOptions } from "./options.ts";

type Access = Pick<HealingEngineOptions, "db" | "logger">;

/**
 * The proposals with the error's variant of a running experiment in front, or with the fix that won an earlier one. The
 * error is the unit. An experiment that cannot be read leaves the order as it was.
 */
export async function orderByExperiment(
  { db, logger }: Access,
  error: ClaimedError,
  facts: ErrorFacts,
  proposals: Proposal[],
): Promise<Proposal[]> {
  // Both variants are patterns of this error: without a pattern there is no experiment to ask for.
  if (error.patterns.length === 0) return proposals;
  try {
    const known = await getExperimentForError(db, error.id);
    if (known?.running) return putVariantFirst(known.running, error, facts, proposals);
    const isChoice = ({ patternId }: Proposal) =>
      patternId !== undefined && patternId === known?.first_choice_pattern_id;
    return [...proposals.filter(isChoice), ...proposals.filter((proposal) => !isChoice(proposal))];
  } catch (thrown) {
    logger?.warn("the experiments of an error could not be read", {
      errorId: error.id,
      reason: messageOf(thrown),
    });
    return proposals;
  }
}

function putVariantFirst(
  running: NonNullable<ExperimentForError["running"]>,
  error: ClaimedError,
  facts: ErrorFacts,
  proposals: Proposal[],
): Proposal[] {
  const variant = routeToVariant(running.id, error.id, { shareOfB: running.share_of_b });
  const pattern = running[variant];
  // A variant is tried whatever its score; the score still decides what it may do without a person.
  const [filled] = proposeFromPatterns([{ ...pattern, confidence_score: 1 }], facts);
  if (filled === undefined || isRefused(error, filled)) return proposals;
  const key = keyOfAction(filled.action);
  const same = proposals.find(({ action }) => keyOfAction(action) === key);
  const chosen: Proposal = {
    ...(same ?? { ...filled, confidence: pattern.confidence_score }),
    reason: `variant ${variant} of an experiment`,
    patternId: pattern.id,
    experiment: { id: running.id, variant },
  };
  return [chosen, ...proposals.filter((proposal) => proposal !== same)];
}

/** Once refused for this error, a fix is not tried on it again, and its outcome is known. */
function isRefused(error: ClaimedError, { action }: Proposal): boolean {
  return error.refused_actions.some((refused) => keyOfAction(refused) === keyOfAction(action));
}

/**
 * A variant that does not even pass its trial has failed. One that could not be tried now, or not by this engine, says
 * nothing: an engine without a direct connection must not make every database fix a loser.
 */
export async function noteRefusedVariant(
  { db, logger }: Access,
  error: ClaimedError,
  { proposals, refused, access }: {
    proposals: readonly Proposal[];
    refused: readonly Refused[];
    access: TrialAccess;
  },
): Promise<void> {
  const proposal = proposals.find(({ experiment }) => experiment !== undefined);
  if (proposal?.experiment === undefined) return;
  if (!refused.some(({ action, because }) => action === proposal.action && because === "no")) return;
  const { id, variant } = proposal.experiment;
  try {
    if (!await canTry(proposal, access)) return;
    await recordVariantResult(db, id, variant, false, { unit: error.id });
  } catch (thrown) {
    logger?.warn("a variant's failure could not be recorded", {
      experimentId: id,
      reason: messageOf(thrown),
    });
  }
}

async function canTry({ action }: Proposal, { direct, canReplay }: TrialAccess): Promise<boolean> {
  const { needs } = kindOf(parseFixAction(action));
  return needs === "sql" ? await direct() !== null : needs === "replay" && canReplay;
}
