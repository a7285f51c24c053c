/** Models that analyse errors, over local servers, for tests. @module */

import { type AiClientOptions, fenceUntrusted } from "../../supabase/functions/_shared/aiClient.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import type { CapturedError } from "../../supabase/functions/_shared/healingDb.ts";
import type { AnalysisMeans } from "../../supabase/functions/_shared/errorAnalysis.ts";
import { clientOf } from "./aiClients.ts";
import type { OpenAiServer } from "./openAiServer.ts";

/** What an analysis uses, with a model behind each server. */
export function meansOver(
  db: RpcPort,
  servers: readonly OpenAiServer[],
  options: AiClientOptions = {},
): AnalysisMeans {
  return { db, model: clientOf(servers, { db, ...options }), fence: fenceUntrusted, logger: silentLogger };
}

/** A reply of a model that proposes these actions, each with all the confidence there is. */
export function proposes(...actions: object[]) {
  return {
    explanation: "Something that the statement names is not there.",
    causes: ["it was never made"],
    proposals: actions.map((action) => ({ action, confidence: 1, because: "it makes what is missing" })),
  };
}

/** An error that no rule knows: a function of an extension that is missing. */
export const UNHEARD: Partial<CapturedError> = {
  fingerprint: "v2:isn",
  error_signature: "42883: function $1 does not exist",
  error_template: "42883: function isn_weak(boolean) does not exist",
  slots: ["isn_weak(boolean)"],
  error_type: "missing_function",
  error_code: "42883",
  error_message: "function isn_weak(boolean) does not exist",
};

/** The fix for it. */
export const ISN = { kind: "create_extension", extension: "isn", provides: "isn_weak" };
