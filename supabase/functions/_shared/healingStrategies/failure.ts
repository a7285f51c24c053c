/** A failure as the strategies see it. @module */

import { part } from "../core/unknownValues.ts";
import { type Classification, classifyError, type ErrorType } from "../errorClassifier.ts";
import { errorSignature } from "../errorFingerprint.ts";
import { type SanitizedError, sanitizeFailure } from "../errorSanitizer.ts";
import { retryAfterOf } from "../retry.ts";
import { refusedWithoutCall } from "./errorParts.ts";

/** What is known of a failure. */
export interface Failure extends Classification {
  error: unknown;
  /** The message with its identifiers as slots: what has worked is remembered by it. */
  signature: string;
  /** A class, found here or behind a wrapper, that no repetition and no way round may answer. */
  lasting: ErrorType | undefined;
  /** A request that is too long as it is, found here or behind a wrapper: only a smaller one helps. */
  oversized: ErrorType | undefined;
  /** How long the other side asks to be left alone, in milliseconds. */
  retryAfterMs: number | undefined;
  /** A breaker or a bulkhead refused: the target has not been called. */
  isUncalled: boolean;
}

/** What an analysis of the failure has found already. */
export type KnownFailure = { classification: Classification; signature: string };

/** Permanent, whatever the status around them says, or a refusal that is never evaded. */
const LASTING: ReadonlySet<ErrorType> = new Set<ErrorType>([
  "quota_exhausted",
  "content_refused",
  "region_blocked",
  "auth_database_error",
  "storage_schema_mismatch",
  "platform_limit",
  "corruption",
  "tls_error",
]);
const OVERSIZED: ReadonlySet<ErrorType> = new Set<ErrorType>(["request_too_large", "context_length"]);

/** Reads a failure; `now` is the wall clock. Never throws on account of what was thrown. */
export function readFailure(error: unknown, now: number, known?: KnownFailure): Failure {
  const sanitized = sanitizeFailure(error);
  const classification = known?.classification ?? classifyError(sanitized);
  const types = [classification.errorType, ...typesBehind(sanitized)];
  const lasting = types.find((type) => LASTING.has(type)) ?? limitThatLasts(classification);
  const oversized = types.find((type) => OVERSIZED.has(type));
  const isLasting = lasting !== undefined || oversized !== undefined;
  return {
    ...classification,
    transient: classification.transient && !isLasting,
    error,
    signature: known?.signature ?? signatureOf(sanitized),
    lasting,
    oversized,
    retryAfterMs: wishOf(error, now),
    isUncalled: refusedWithoutCall(error),
  };
}

/** A limit that is counted by the hour is none to wait for in a request. */
function limitThatLasts({ errorType, transient }: Classification): ErrorType | undefined {
  return errorType === "rate_limited" && !transient ? errorType : undefined;
}

/** How long the other side asks to be left alone, here or behind a wrapper, in milliseconds. */
export function wishOf(error: unknown, now: number): number | undefined {
  return retryAfterOf(error, now) ?? retryAfterOf(part(error, "cause"), now);
}

/** A wrapper that calls itself unavailable must not hide the refusal that caused it. */
function typesBehind({ cause }: SanitizedError): ErrorType[] {
  return cause === undefined ? [] : [classifyError(cause).errorType, ...typesBehind(cause)];
}

function signatureOf({ name, message, code = "" }: SanitizedError): string {
  return errorSignature({ type: name, message, code }).signature;
}
