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
  /** Anything that helps to understand the failure; sanitised before it is kept. */
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
  const message = sanitizeText(error.message, { maxLength: MAX_MESSAGE });
  const code = error.code ?? "";
  const classification = classifyError(error);
  const source = context.source ?? "edge_function";
  // A migration's error and the same words at run time are two different things to mend.
  const type = source === "edge_function" ? error.name : `${source}:${error.name}`;
  const { fingerprint, template } = await fingerprintError({ type, message, code, ...stackOf(error) });
  const { signature, slots } = errorSignature({ type, message, code });
  const { operation } = context;
  return {
    transient: classification.transient,
    mendable: classification.scope === "schema" || classification.scope === "infrastructure",
    captured: {
      fingerprint,
      error_signature: signature,
      error_template: `${code}: ${template}`,
      slots,
      error_type: classification.errorType,
      error_code: code,
      error_message: message,
      ...(error.stack === undefined
        ? {}
        : { stack_trace: sanitizeText(error.stack, { maxLength: MAX_STACK }) }),
      category: classification.category,
      severity: classification.severity,
      source,
      ...(context.functionName === undefined ? {} : { function_name: context.functionName }),
      ...(context.projectId === undefined ? {} : { project_id: context.projectId }),
      ...(context.requestId === undefined ? {} : { request_id: context.requestId }),
      context: {
        transient: classification.transient,
        scope: classification.scope,
        ...(error.status === undefined ? {} : { status: error.status }),
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        ...(context.details === undefined ? {} : { details: sanitizeValue(context.details) as Json }),
      },
      ...(operation === undefined ? {} : { operation }),
    },
  };
}

/** Our own wrapping of a database error hides the code by which it is known; what the server said counts. */
function serverErrorBehind(thrown: unknown): Partial<SanitizedError> {
  if (!isHealingError(thrown) || typeof thrown.details?.sqlState !== "string") return {};
  const { name, message, code, sqlState, hint, details } = sanitizeError(thrown.cause);
  return Object.fromEntries(
    Object.entries({ name, message, code, sqlState, hint, details }).filter(([, value]) => value !== undefined),
  );
}

function stackOf(error: { stack?: string }): { stack?: string } {
  return error.stack === undefined ? {} : { stack: error.stack };
}
