/** Mends code by what was learned: the best pattern first, and only what the validator accepts. @module */

import { messageOf } from "../core/errors.ts";
import type { ActionDraft, ErrorFacts } from "../core/fixes.ts";
import type { Logger } from "../core/logger.ts";
import type { RpcPort } from "../core/ports.ts";
import { sha256 } from "../core/sha256.ts";
import { findHealingPatterns, recordPatternStats } from "../healingDb.ts";
import { applyCodeEdit } from "./codeEdits.ts";
import { confidenceOf, fillSlots, type LearnedPattern, USE_CONFIDENCE } from "./pattern.ts";

/** What of an error a pattern is found by and filled with. */
export interface CodeError extends Pick<ErrorFacts, "signature" | "template" | "slots"> {
  /** Empty, or absent, for code that belongs to no project. */
  projectId?: string;
}

/** Says whether changed code is right: it compiles, its tests pass, the call succeeds. The pattern never decides that. */
export type CodeValidator = (fixed: string, error: CodeError) => Promise<{ ok: boolean; reason: string }>;

/** Makes a strategy's change; null when it is none of its own, or changes nothing. */
export type CodeEditor = (strategy: ActionDraft, code: string) => string | null;

/** What an attempt is given. */
export interface PatternFixOptions {
  db: RpcPort;
  validate: CodeValidator;
  /** {@link applyCodeEdit}, the closed set of this door. */
  edit?: CodeEditor;
  /** The work of which each pattern's outcome counts once; a hash of error and code. */
  unit?: string;
  logger?: Logger;
}

/** Code that a pattern has mended. */
export interface PatternFix {
  fixed: string;
  /** The pattern's score before this success, 0..1. */
  confidence: number;
  patternId: string;
}

/** Patterns that one attempt tries at most: each may take a compiler's time. */
const MAX_TRIED = 5;

/**
 * Tries the patterns of 0.70 and above that know the error, the best success first, and returns the first change that
 * the validator accepts; null when there is none. What was tried counts for its pattern, once per unit of work; a
 * validator that could not say anything counts for nothing.
 */
export async function attemptPatternFix(
  error: CodeError,
  code: string,
  options: PatternFixOptions,
): Promise<PatternFix | null> {
  const { db, edit = applyCodeEdit } = options;
  const patterns = await findHealingPatterns(db, [error.signature, error.template], error.projectId);
  const usable = patterns.filter((pattern) => confidenceOf(pattern) >= USE_CONFIDENCE);
  const unit = options.unit ?? await unitOf(error, code);
  let tried = 0;
  for (const pattern of usable) {
    const fixed = edit(fillSlots(pattern.fix_strategy, error.slots), code);
    if (fixed === null) continue;
    if (++tried > MAX_TRIED) return null;
    const verdict = await validated(fixed, error, options);
    if (verdict === null) continue;
    await count(pattern, verdict, { error, unit, options });
    if (verdict) return { fixed, confidence: confidenceOf(pattern), patternId: pattern.id };
  }
  return null;
}

/** Counts an outcome of a pattern in a project, once per unit of work. */
export async function updatePatternStats(
  db: RpcPort,
  outcome: { patternId: string; projectId?: string; unit: string; succeeded: boolean },
): Promise<LearnedPattern> {
  return await recordPatternStats(db, { projectId: "", ...outcome });
}

async function validated(
  fixed: string,
  error: CodeError,
  { validate, logger }: PatternFixOptions,
): Promise<boolean | null> {
  try {
    return (await validate(fixed, error)).ok === true;
  } catch (thrown) {
    logger?.warn("a learned code fix could not be validated", { reason: messageOf(thrown) });
    return null;
  }
}

/** A fix that stands does not fall because its count was lost. */
async function count(
  { id }: LearnedPattern,
  succeeded: boolean,
  { error, unit, options }: { error: CodeError; unit: string; options: PatternFixOptions },
): Promise<void> {
  try {
    await updatePatternStats(options.db, {
      patternId: id,
      projectId: error.projectId ?? "",
      unit,
      succeeded,
    });
  } catch (thrown) {
    options.logger?.warn("the outcome of a pattern could not be counted", {
      patternId: id,
      reason: messageOf(thrown),
    });
  }
}

async function unitOf(error: CodeError, code: string): Promise<string> {
  return `code:${await sha256(JSON.stringify([error.template, error.slots, code]))}`;
}
