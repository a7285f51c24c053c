/** Turns anything that was thrown into one occurrence that may be stored: sanitised, classified, fingerprinted. @module */

import { isHealingError } from "./core/errors.ts";
import type { Json } from "./core/ports.ts";
import { classifyError } from "./errorClassifier.ts";
import { errorSignature, fingerprintError } from "./errorFingerprint.ts";
import { type SanitizedError, sanitizeError, sanitizeText, sanitizeValue } from "./errorSanitizer.ts";
import type { CapturedError, QueuedOperationDraft } from "./healingDb.ts";

/** What the place of the failure knows about it. */
export interface ErrorContext {
  /** Name of the edge function, or of the part that failed. */
  functionName?: string;
  /** `edge_function` unless another is named. */
  source?: string;
  projectId?: string;
  requestId?: string;
  /**
   * Anything that helps to understand the failure; sanitised before it is kept. Two names are read: `doing` (what the
   * user was doing: payment, signIn, write, read, background) and `subject` (who was refused, counted in bursts).
   */
  details?: unknown;
  /** The operation to make again once the fault is mended. */
  operation?: QueuedOperationDraft;
}

/** An occurrence, and whether the failed call may succeed later unchanged. */
export interface AnalyzedError {
  captured: CapturedError;
  transient: boolean;
  /** True when the fault lies in schema or infrastructure, so that the operation may be made again once it is mended. */
  mendable: boolean;
}

/** Longest message and stack that are kept, in characters. */
const MAX_MESSAGE = 4_000;
const MAX_STACK = 8_000;

/** Reads a thrown value of any kind; never throws on account of what it holds. */
export async function analyzeError(thrown: unknown, context: ErrorContext = {}): Promise<AnalyzedError> {
  const error = { ...sanitizeError(thrown), ...serverErrorBehind(thrown) };
  const { transient, scope, errorType, category, severity } = classifyError(error);
  const message = sanitizeText(error.message, { maxLength: MAX_MESSAGE });
  return {
    transient,
    mendable: scope === "schema" || scope === "infrastructure",
    captured: {
      ...await identify(error, message, context.source ?? DEFAULT_SOURCE),
      error_type: errorType,
      error_code: error.code ?? "",
      error_message: message,
      ...(error.stack === undefined
        ? {}
        : { stack_trace: sanitizeText(error.stack, { maxLength: MAX_STACK }) }),
      category,
      severity,
      ...placeOf(context),
      context: {
        transient,
        scope,
        ...(error.status === undefined ? {} : { status: error.status }),
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        ...(context.details === undefined ? {} : { details: sanitizeValue(context.details) as Json }),
      },
    },
  };
}

const DEFAULT_SOURCE = "edge_function";

/**
 * By what the error is known again. The same words from a migration and at run time are two things to mend, with
 * evidence of their own: what is harmless in a migration needs more trust in a running system.
 */
async function identify(
  error: SanitizedError,
  message: string,
  source: string,
): Promise<Pick<CapturedError, "fingerprint" | "error_signature" | "error_template" | "slots">> {
  const code = error.code ?? "";
  const prefix = source === DEFAULT_SOURCE ? "" : `${source} `;
  const type = source === DEFAULT_SOURCE ? error.name : `${source}:${error.name}`;
  const { fingerprint, template } = await fingerprintError({ type, message, code, stack: error.stack });
  const { signature, slots } = errorSignature({ type, message, code });
  return {
    fingerprint,
    error_signature: prefix + signature,
    error_template: prefix + (code === "" ? template : `${code}: ${template}`),
    slots,
  };
}

function placeOf(
  { functionName, projectId, requestId, operation, source = DEFAULT_SOURCE }: ErrorContext,
): Pick<CapturedError, "source" | "function_name" | "project_id" | "request_id" | "operation"> {
  return {
    source,
    ...(functionName === undefined ? {} : { function_name: functionName }),
    ...(projectId === undefined ? {} : { project_id: projectId }),
    ...(requestId === undefined ? {} : { request_id: requestId }),
    ...(operation === undefined ? {} : { operation }),
  };
}

/** Our own wrapping of a database error hides the code by which it is known; what the server said counts. */
function serverErrorBehind(thrown: unknown): Partial<SanitizedError> {
  if (!isHealingError(thrown) || typeof thrown.details?.sqlState !== "string") return {};
  const { name, message, code, sqlState, hint, details } = sanitizeError(thrown.cause);
  return Object.fromEntries(
    Object.entries({ name, message, code, sqlState, hint, details }).filter(([, value]) =>
      value !== undefined
    ),
  );
}
