/**
 * Turns anything that was thrown into one occurrence that may be stored: sanitised, classified, fingerprinted.
 *
 * And explains a stored one: by a model where there is one, by the rules where not, with proposals that are fixes of
 * known kinds. How far a model's proposal may go is decided here too, by what the error itself says. All of that is
 * loaded when it is first needed, so that capturing costs nothing of it.
 *
 * @module
 */

import { HealingError } from "./core/errors.ts";
import type { ErrorFacts, Proposal } from "./core/fixes.ts";
import type { Json } from "./core/ports.ts";
import { isInstance, isRecord, part } from "./core/unknownValues.ts";
import { withAnswer } from "./errorAnalysis/answerBehind.ts";
import type { Bounded } from "./errorAnalysis/bounds.ts";
import { DEFAULT_SOURCE, identify } from "./errorAnalysis/identity.ts";
import type { AnalysisMeans, AnalysisSubject, ErrorAnalysis } from "./errorAnalysis/types.ts";
import { type Classification, classifyError } from "./errorClassifier.ts";
import { sanitizeFailure, sanitizeText, sanitizeValue } from "./errorSanitizer.ts";
import type { CapturedError, QueuedOperationDraft } from "./healingDb.ts";

export type { Bounded } from "./errorAnalysis/bounds.ts";
export type {
  AnalysisMeans,
  AnalysisModel,
  AnalysisProposal,
  AnalysisSubject,
  ErrorAnalysis,
  Fence,
} from "./errorAnalysis/types.ts";

/** What the place of the failure knows about it. */
export interface ErrorContext {
  /** Name of the edge function, or of the part that failed. */
  functionName?: string;
  /** `edge_function` unless another is named. */
  source?: string;
  projectId?: string;
  requestId?: string;
  /** The place in the trace in which it failed. */
  traceparent?: string;
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
  /** The whole verdict of the classifier. */
  classification: Classification;
  transient: boolean;
  /** True when the fault lies in schema or infrastructure, so that the operation may be made again once it is mended. */
  mendable: boolean;
}

/** Longest message and stack that are kept, in characters. */
const MAX_MESSAGE = 4_000;
const MAX_STACK = 8_000;

/** Reads a thrown value of any kind; never throws on account of what it holds. */
export async function analyzeError(thrown: unknown, context: ErrorContext = {}): Promise<AnalyzedError> {
  const error = await withAnswer(sanitizeFailure(thrown), thrown);
  const classification = classifyError(error);
  const { transient, scope, errorType, category, severity } = classification;
  const message = sanitizeText(error.message, { maxLength: MAX_MESSAGE });
  return {
    classification,
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
        ...(context.traceparent === undefined ? {} : { traceparent: context.traceparent }),
        ...detailsOf(thrown, context.details),
      },
    },
  };
}

/** What the caller says of the failure, and before that what the library's own error says of its place. */
function detailsOf(thrown: unknown, said: unknown): { details?: Json } {
  // What was thrown may be anything, and reading of it may throw.
  const place = isInstance(thrown, HealingError) ? part(part(thrown, "details"), "place") : undefined;
  const own = isRecord(place) ? place as Record<string, Json> : undefined;
  const details = own === undefined ? said : isRecord(said) ? { ...own, ...said } : said ?? own;
  return details === undefined ? {} : { details: sanitizeValue(details) as Json };
}

/** The fingerprint of anything that was thrown: the key of its error group. */
export async function generateErrorSignature(thrown: unknown, context: ErrorContext = {}): Promise<string> {
  return (await analyzeError(thrown, context)).captured.fingerprint;
}

/** Explains an error and proposes fixes, by the rules alone. */
export async function analyzeWithRules(subject: AnalysisSubject): Promise<ErrorAnalysis> {
  return (await import("./errorAnalysis/rules.ts")).analyzeWithRules(subject);
}

/** Explains an error and proposes fixes: by a model where one answers, by the rules where none does. */
export async function analyzeWithModel(
  subject: AnalysisSubject,
  means: AnalysisMeans,
): Promise<ErrorAnalysis> {
  return await (await import("./errorAnalysis/ask.ts")).analyzeWithModel(subject, means);
}

/** How far a model's proposal may go, and with which confidence, whatever the model says of it. */
export async function boundModelProposal(
  { action, confidence }: Pick<Proposal, "action" | "confidence">,
  facts: ErrorFacts,
): Promise<{ bounded: Bounded; confidence: number }> {
  const { boundConfidence, boundProposal } = await import("./errorAnalysis/bounds.ts");
  const bounded = boundProposal(action, facts);
  return { bounded, confidence: boundConfidence(confidence, bounded) };
}

/** Why no model is asked about an error, or null: what passes or is known costs nothing. */
export async function whyNoModelIsAsked(
  facts: ErrorFacts,
  { source, tried }: { source: string; tried: readonly string[] },
): Promise<string | null> {
  const [{ whyNotAsked }, { refusalOf }] = await Promise.all([
    import("./errorAnalysis/modelKinds.ts"),
    import("./deterministicFixPatterns.ts"),
  ]);
  return whyNotAsked(facts, { refusal: await refusalOf(facts), source, tried });
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
