/** The error that a wrapped function's caller gets: coded, with the original as its cause. @module */

import { toDatabaseError } from "../core/databaseErrors.ts";
import { HealingError, type HealingErrorCode, isHealingError } from "../core/errors.ts";
import { isSqlState } from "../core/sqlState.ts";
import { part } from "../core/unknownValues.ts";
import type { AnalyzedError } from "../errorAnalysis.ts";
import type { ErrorType } from "../errorClassifier.ts";
import type { HealingAdvice, HealingOutcome } from "../healingStrategies.ts";
import { retryAfterOf } from "../retry.ts";

const CODE_OF_TYPE: Readonly<Partial<Record<ErrorType, HealingErrorCode>>> = {
  rate_limited: "RATE_LIMITED",
  timeout: "TIMEOUT",
  aborted: "ABORTED",
  config_missing: "CONFIG_MISSING",
};

const HINT_OF_ADVICE: Readonly<Record<HealingAdvice, string>> = {
  backOff: "It may pass: try again later",
  regenerate: "Ask for another text, or supply means.regenerate",
  splitIntoChunks: "Do the work in smaller parts, or supply means.splitIntoChunks",
  queueAndDelay: "Wait as long as retryAfterMs says, or supply means.queue",
  analyse: "Nobody knows this failure yet; it is captured to be analysed",
  escalate: "Its cause has to be mended; it is captured",
};

/**
 * The original itself when it is coded already. Its own words stay in the cause: they may hold what the outside must
 * not see. A refusal of another service is no refusal of our caller, so its status is not passed on.
 */
export function codedError(
  thrown: unknown,
  { classification, captured }: AnalyzedError,
  { advice }: HealingOutcome<unknown>,
  functionName: string,
): HealingError {
  if (isHealingError(thrown)) return thrown;
  const { errorType, transient } = classification;
  const sqlState = isSqlState(captured.error_code) ? captured.error_code : undefined;
  const retryAfterMs = retryAfterOf(thrown, Date.now());
  return new HealingError(
    codeOf(thrown, classification, sqlState),
    `The call of ${functionName} failed: ${errorType}`,
    {
      hint: HINT_OF_ADVICE[advice],
      details: { errorType, transient, ...(sqlState === undefined ? {} : { sqlState }) },
      retryAfterMs,
      cause: thrown,
    },
  );
}

function codeOf(
  thrown: unknown,
  { errorType, transient }: AnalyzedError["classification"],
  sqlState: string | undefined,
): HealingErrorCode {
  if (sqlState !== undefined) {
    const said = part(thrown, "detail") ?? part(thrown, "details");
    return toDatabaseError({ code: sqlState, detail: typeof said === "string" ? said : undefined }).code;
  }
  return CODE_OF_TYPE[errorType] ?? (transient ? "UNAVAILABLE" : "INTERNAL");
}
