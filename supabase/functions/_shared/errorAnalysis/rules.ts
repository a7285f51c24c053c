/** What the rules make of an error: no model, no network, no cost. @module */

import type { Proposal } from "../core/fixes.ts";
import { proposeFromRules, refusalOf } from "../deterministicFixPatterns.ts";
import { keyOfAction, kindOf, parseFixAction } from "../fixActions.ts";
import type { AnalysisProposal, AnalysisSubject, ErrorAnalysis } from "./types.ts";

/** The analysis by rules; `whyRules` says why nobody else was asked. */
export async function analyzeWithRules(subject: AnalysisSubject, whyRules?: string): Promise<ErrorAnalysis> {
  const { facts } = subject;
  const proposals = proposeFromRules(facts);
  const refusal = await refusalOf(facts);
  const causes = [...proposals.map(({ reason }) => reason), ...(refusal === null ? [] : [refusal])];
  return {
    mode: "rules",
    explanation: `${wordsOf(facts.errorType)}. ${
      causes.length === 0
        ? "No rule knows what caused it."
        : `The rules see ${causes.length} possible causes.`
    }`,
    causes,
    proposals: proposals.flatMap((proposal) => present(proposal, subject)),
    isCached: false,
    model: "",
    ...(whyRules === undefined ? {} : { whyRules }),
  };
}

/** A proposal of a rule as a person reads it; one that no kind can read is left out. */
function present(
  { action: draft, confidence, reason }: Proposal,
  subject: AnalysisSubject,
): AnalysisProposal[] {
  try {
    const action = parseFixAction(draft);
    const kind = kindOf(action);
    const risk = kind.risk(action, subject.source === "migration" ? "migration" : "runtime");
    const base = { action, confidence, reason, risk, whatWouldHappen: kind.describe(action) };
    if (wasRefused(draft, subject)) return [{ ...base, standing: "refused", because: WAS_REFUSED }];
    return risk === "low"
      ? [{ ...base, standing: "acts" }]
      : [{ ...base, standing: "asks", because: `a fix of ${risk} risk needs a person or a trusted pattern` }];
  } catch {
    return [];
  }
}

/** Why an action that was taken back is not proposed again. */
export const WAS_REFUSED = "it was tried for this error and taken back, or a person rejected it";

/** Whether an action was reverted, rejected or failed for this error before. */
export function wasRefused(action: Proposal["action"], { refused = [] }: AnalysisSubject): boolean {
  const key = keyOfAction(action);
  return refused.some((one) => keyOfAction(one) === key);
}

function wordsOf(errorType: string): string {
  return errorType === "unknown"
    ? "The error is of no known class"
    : `The error is of the class ${errorType.replaceAll("_", " ")}`;
}
