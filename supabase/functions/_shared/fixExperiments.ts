/**
 * Experiments between two fixes for one error: a is in force, b challenges it, and the outcomes decide.
 *
 * A unit (an error, an order, a user) gets its variant by a hash, without asking anybody, and has one outcome. It
 * counts when it matures, a fixed time after its assignment, and as a failure when no outcome is known by then: a
 * variant whose failures merely come later would win otherwise. The database counts, this door decides by the
 * e-process, which may be looked at at every tick, and the database makes the decision take effect once.
 *
 * To win means to be asked first for this error. What a fix may do alone still depends on its own evidence.
 *
 * @example
 * ```ts
 * import { routeToVariant } from "./fixExperiments.ts";
 *
 * const id = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
 * const variant = routeToVariant(id, "order-17");
 * if (variant !== routeToVariant(id, "order-17")) throw new Error("a unit keeps its variant");
 * ```
 *
 * @module
 */

import type { ActionDraft } from "./core/fixes.ts";
import { HealingError } from "./core/errors.ts";
import { type FixAction, parseFixAction } from "./fixActions.ts";
import {
  cancelExperimentByPerson,
  concludeExperimentByPerson,
  createExperiment,
  type ExperimentVariant,
  promoteVariantByPerson,
  recordAssignment,
  type RecordedResult,
  recordResult,
  type StoredExperiment,
} from "./engineDb.ts";
import { type RpcPort } from "./healingDb.ts";
import { judgeExperiment } from "./fixExperiments/tick.ts";
import { maxExperimentSize, routeBySplit } from "./statistics.ts";

export {
  type DeploymentPort,
  type DeploymentRequest,
  type ExperimentTick,
  tickExperiments,
  type TickOptions,
} from "./fixExperiments/tick.ts";
export type { ExperimentVariant, RecordedResult, StoredExperiment } from "./engineDb.ts";

/** How an experiment is run. */
export interface FixExperimentOptions {
  /** Share of units that get b, 0.05..0.95; 0.5. Only an even split can be checked for being broken. */
  shareOfB?: number;
  /** Outcomes after which the incumbent stays; enough to find the difference between 80 % and 90 %. */
  maxN?: number;
  /**
   * Seconds after its assignment at which a unit counts, 0..2,592,000; a unit without an outcome is a failure then. By
   * default as long as a fix is watched at most, and a day.
   */
  maturitySeconds?: number;
}

/** The pattern that an experiment is about. */
export type ExperimentPattern = string | { id: string };

/**
 * Starts an experiment between the fix in force and a challenger. Rejects with `CONFLICT` when one is running for this
 * error, and with `FIX_REFUSED` for a fix that is none.
 */
export async function createFixExperiment(
  client: RpcPort,
  pattern: ExperimentPattern,
  fixA: FixAction | ActionDraft,
  fixB: FixAction | ActionDraft,
  options: FixExperimentOptions = {},
): Promise<{ id: string }> {
  const { shareOfB = 0.5, maxN = maxExperimentSize(0.8, 0.9), maturitySeconds } = options;
  const { id } = await createExperiment(client, {
    patternId: typeof pattern === "string" ? pattern : pattern.id,
    fixA: parseVariant(fixA),
    fixB: parseVariant(fixB),
    shareOfB,
    maxN,
    maturitySeconds: maturitySeconds ?? null,
  });
  return { id };
}

/** The variant of a unit, the same one each time; `shareOfB` has to be the experiment's own. */
export function routeToVariant(
  experimentId: string,
  unit: string,
  options: Pick<FixExperimentOptions, "shareOfB"> = {},
): ExperimentVariant {
  // The database writes a uuid in small letters, and hashes what it writes.
  return routeBySplit(experimentId.toLowerCase(), unit, options.shareOfB);
}

/** Says that a unit has begun, so that it counts as a failure when it never reports. */
export function recordVariantAssignment(
  client: RpcPort,
  experimentId: string,
  variant: ExperimentVariant,
  unit: string,
): Promise<RecordedResult> {
  return recordAssignment(client, { experimentId, variant, unit });
}

/** What is known of a result besides the outcome. */
export interface VariantResultOptions {
  /** What the outcome belongs to, 1..300 characters; without one the call is a unit of its own. */
  unit?: string;
  /** Milliseconds since the unit was routed, when nobody recorded its assignment; 0. */
  elapsedMs?: number;
}

/**
 * Records the one outcome of a unit. The same again changes nothing; the other outcome, an outcome after the unit has
 * matured, a unit of the other variant and an ended experiment reject with `CONFLICT`.
 */
export function recordVariantResult(
  client: RpcPort,
  experimentId: string,
  variant: ExperimentVariant,
  succeeded: boolean,
  options: VariantResultOptions = {},
): Promise<RecordedResult> {
  const { unit = null, elapsedMs = 0 } = options;
  return recordResult(client, { experimentId, variant, succeeded, unit, elapsedMs });
}

/**
 * Judges an experiment now, by what has matured; or ends it as a person who has decided, with the winner (null: the
 * incumbent stays) and the reason. Returns the experiment, which goes on when the evidence says nothing yet.
 */
export async function concludeExperiment(
  client: RpcPort,
  experimentId: string,
  byPerson?: { winner: ExperimentVariant | null; reason: string },
): Promise<StoredExperiment> {
  return byPerson === undefined
    ? (await judgeExperiment(client, experimentId)).experiment
    : await concludeExperimentByPerson(client, experimentId, byPerson);
}

/** Ends an experiment as if it had never been: no winner, no evidence. Only a person may. */
export function cancelExperiment(
  client: RpcPort,
  experimentId: string,
  reason: string,
): Promise<StoredExperiment> {
  return cancelExperimentByPerson(client, experimentId, reason);
}

/** Makes a variant of a completed experiment first choice, or takes that back with `a`. Only a person may. */
export function promoteVariant(
  client: RpcPort,
  experimentId: string,
  promotion: { variant: ExperimentVariant; reason: string },
): Promise<StoredExperiment> {
  return promoteVariantByPerson(client, experimentId, promotion);
}

/** A variant may have slots of the error's signature, such as `$1`, where the error's own words go. */
function parseVariant(fix: FixAction | ActionDraft): ActionDraft {
  if (typeof fix !== "object" || fix === null) {
    throw new HealingError("FIX_REFUSED", "A variant of an experiment has to be a fix of a known kind");
  }
  const draft = { ...fix } as ActionDraft;
  const filled = Object.entries(draft).map(([key, value]) => [
    key,
    typeof value === "string" && /^\$[1-9]\d?$/.test(value) ? `slot_${value.slice(1)}` : value,
  ]);
  parseFixAction(Object.fromEntries(filled));
  return draft;
}
