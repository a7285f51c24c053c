/** What a failed request means for the call. @module */

import { HealingError, type HealingErrorCode, type HealingErrorOptions } from "../core/errors.ts";
import { isInstance, part } from "../core/unknownValues.ts";
import type { AiRefuser } from "./types.ts";

/**
 * What to do next: the same request again, another target, nothing, or to tell the caller that it was refused. A
 * parameter that can be mended is mended before anybody judges.
 */
export type AiAction = "retry" | "fallback" | "giveUp" | "refused";

/** Targets that would fail in the same way, or would evade a limit, and are passed over in this call. */
export type AiDetour = "any" | "otherModelOrEndpoint" | "otherModel" | "otherEndpoint";

/** The judgement on one failed request. */
export interface AiJudgement {
  action: AiAction;
  /** The class of the error, as the classifier names it. */
  errorType: string;
  code: HealingErrorCode;
  hint: string;
  detour: AiDetour;
  /** Whether it speaks against the target, so that its breaker counts it. */
  isTargetFault: boolean;
  /** Whether the endpoint may have worked, and charged, all the same. */
  mayHaveCost: boolean;
  /** Requests of one call that may fail in this way before another target is tried. */
  maxAttempts: number;
  refusedBy: AiRefuser | undefined;
  retryAfterMs: number | undefined;
  /** Facts for a log: status, the endpoint's code, its words sanitised, the numbers in them. */
  facts: Record<string, string | number>;
}

/** One request failed, and this is what it means. */
export class AiFailure extends HealingError {
  constructor(readonly judgement: AiJudgement, readonly target: string, options: HealingErrorOptions = {}) {
    const { errorType, code, facts, hint, retryAfterMs, action } = judgement;
    const status = facts.status === undefined ? "" : ` (HTTP ${facts.status})`;
    super(code, `The model ${target} could not be asked: ${errorType}${status}`, {
      hint,
      retryAfterMs,
      // What is permanent must not be tried again by whoever stands around this call.
      details: { target, errorType, ...facts, ...(isLasting(action, code) ? { refused: true } : {}) },
      ...options,
    });
    this.name = "AiFailure";
  }
}

function isLasting(action: AiAction, code: HealingErrorCode): boolean {
  return action !== "retry" && code !== "UNAVAILABLE";
}

/** True for a judged failure, whichever copy of the library judged it. */
export function isAiFailure(error: unknown): error is AiFailure {
  return isInstance(error, Error) && part(error, "name") === "AiFailure" &&
    part(error, "judgement") !== undefined;
}
