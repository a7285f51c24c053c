/** The words of the analysis of an error: what goes in, what comes out, and who is asked. @module */

import type { ActionDraft, ErrorFacts, Risk } from "../core/fixes.ts";
import type { Logger } from "../core/logger.ts";
import type { Clock } from "../core/clock.ts";
import type { Random } from "../core/random.ts";
import type { RpcPort } from "../core/ports.ts";
import type { FixAction } from "../fixActions.ts";

/** An error as it is analysed: stored, or only described. */
export interface AnalysisSubject {
  /** Its group, when it is stored. */
  id?: string | undefined;
  fingerprint: string;
  facts: ErrorFacts;
  /** Sanitised. */
  stackTrace?: string | undefined;
  functionName?: string | undefined;
  source: string;
  /** What the place of the failure said besides; sanitised. */
  hint?: string | undefined;
  /** Known patterns of the error with what they have shown, one sentence each. */
  patterns?: readonly string[];
  /** How often it came; when given, one of no known class has to have come often enough to be asked about. */
  occurrences?: number | undefined;
  /** Actions that were reverted, rejected or failed for it. */
  refused?: readonly ActionDraft[];
}

/** What a model may propose: a fix of a kind that it may name, and why. */
export interface AnalysisProposal {
  action: FixAction;
  /** The model's own word or the rule's; it may lower a level, never raise it. */
  confidence: number;
  reason: string;
  risk: Risk;
  /** What exactly would happen, one sentence. */
  whatWouldHappen: string;
  /** `acts`: the engine tries it. `asks`: only a person decides. `refused`: it stays words. */
  standing: "acts" | "asks" | "refused";
  /** Why it does not act. */
  because?: string;
}

/** What is known about an error, and what could be done. */
export interface ErrorAnalysis {
  mode: "ai" | "rules";
  explanation: string;
  causes: string[];
  proposals: AnalysisProposal[];
  /** True when it was asked before, and nobody was asked now. */
  isCached: boolean;
  /** The model that answered; empty for the rules. */
  model: string;
  /** Why the rules answer instead of a model. */
  whyRules?: string;
}

/** What is asked of a model. */
export interface AnalysisRequest<T> {
  messages: readonly { role: "system" | "user"; content: string }[];
  purpose: string;
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false; error: unknown } };
  jsonSchema: { name: string; schema: Record<string, JsonSchemaValue> };
  maxOutputTokens: number;
  timeoutMs: number;
  allowPartial: false;
  maxReasks: number;
}

/** Any JSON value. */
export type JsonSchemaValue = string | number | boolean | null | JsonSchemaValue[] | {
  [key: string]: JsonSchemaValue;
};

/** A model, as far as an analysis needs one: the client of `aiClient.ts` fits. */
export interface AnalysisModel {
  availability(): { available: true; models: readonly string[] } | { available: false; reason: string };
  completeJson<T>(request: AnalysisRequest<T>): Promise<
    { kind: "answered"; value: T; model: string; costUsd: string } | {
      kind: "refused";
      by: string;
      message: string;
      model: string;
      costUsd: string;
    }
  >;
}

/** Puts text of the outside into a prompt as data: `fenceUntrusted` of `aiClient.ts` fits. */
export type Fence = (
  text: string,
  options: { label: string; maxLength: number },
) => Promise<{ text: string; rule: string }>;

/** What an analysis by a model uses. */
export interface AnalysisMeans {
  db: RpcPort;
  model: AnalysisModel;
  fence: Fence;
  logger: Logger;
  clock?: Clock;
  random?: Random;
  /** Time for the whole analysis, waiting for another worker's included, in milliseconds; 45,000. */
  timeoutMs?: number;
}
