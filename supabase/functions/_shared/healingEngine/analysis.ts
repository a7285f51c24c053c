/** The analysis of stored errors, and a model as a proposer of fixes. @module */

import { HealingError } from "../core/errors.ts";
import type { Json } from "../core/ports.ts";
import { isRecord } from "../core/unknownValues.ts";
import type { AnalysisMeans, AnalysisSubject, ErrorAnalysis } from "../errorAnalysis.ts";
import type { ClaimedError, StoredError } from "../healingDb.ts";
import { factsOf } from "./facts.ts";
import type { Proposer } from "./options.ts";

/** An error to be explained: a stored one, or one that was only captured. */
export type ErrorToAnalyse =
  & Pick<
    StoredError,
    | "fingerprint"
    | "error_signature"
    | "error_template"
    | "slots"
    | "error_type"
    | "error_message"
    | "source"
    | "context"
  >
  & Partial<
    Pick<
      ClaimedError,
      | "id"
      | "error_code"
      | "function_name"
      | "stack_trace"
      | "patterns"
      | "refused_actions"
      | "queued_operations"
    >
  >;

/** Explains an error and proposes fixes, by the rules alone; nothing is applied. */
export async function analyzeErrorWithRules(error: ErrorToAnalyse): Promise<ErrorAnalysis> {
  return await (await import("../errorAnalysis.ts")).analyzeWithRules(subjectOf(error));
}

/** Explains an error and proposes fixes: by a model where one answers, by the rules where none does; nothing is applied. */
export async function analyzeErrorWithAI(
  error: ErrorToAnalyse,
  means: AnalysisMeans,
): Promise<ErrorAnalysis> {
  return await (await import("../errorAnalysis.ts")).analyzeWithModel(subjectOf(error), means);
}

/** What a proposer by a model may be told. */
export interface ModelProposerOptions {
  /** Asks at once about what came once, is not severe and keeps nobody waiting; `false`, as it may never come again. */
  isEager?: boolean;
}

/** Lets the engine ask a model about what no rule and no pattern knows; rejects, with the reason, when it gave no answer. */
export function createModelProposer(means: AnalysisMeans, options: ModelProposerOptions = {}): Proposer {
  return async (error, facts, tried) => {
    const { analyzeWithModel, whyNoModelIsAsked } = await import("../errorAnalysis.ts");
    const why = await whyNoModelIsAsked(facts, { source: error.source, tried });
    if (why !== null) throw new HealingError("FIX_REFUSED", `no model was asked: ${why}`);
    const isUrgent = options.isEager === true || error.queued_operations > 0 ||
      error.severity === "high" || error.severity === "critical";
    const subject = { ...subjectOf(error), ...(isUrgent ? {} : { occurrences: error.occurrence_count }) };
    const { mode, proposals, model, whyRules } = await analyzeWithModel(subject, means);
    if (mode === "rules") throw new HealingError("UNAVAILABLE", whyRules ?? "no model answered");
    return proposals.map(({ action, confidence, reason }) => ({
      action: { ...action },
      tier: "ai" as const,
      confidence,
      reason: `${model}: ${reason}`,
    }));
  };
}

function subjectOf(error: ErrorToAnalyse): AnalysisSubject {
  const { id, fingerprint, function_name, stack_trace, source, context, patterns = [], refused_actions } =
    error;
  return {
    id,
    fingerprint,
    facts: factsOf(error),
    functionName: function_name ?? undefined,
    stackTrace: stack_trace ?? undefined,
    source,
    hint: hintIn(context),
    patterns: patterns.map((pattern) =>
      `${pattern.pattern_name} (${pattern.success_count} of ${
        pattern.success_count + pattern.failure_count
      } fixes helped)`
    ),
    ...(refused_actions === undefined ? {} : { refused: refused_actions }),
  };
}

function hintIn(context: Json): string | undefined {
  return isRecord(context) && typeof context.hint === "string" ? context.hint : undefined;
}
