/** Models that analyse errors, over local servers, for tests. @module */

import { type AiClientOptions, fenceUntrusted } from "../../supabase/functions/_shared/aiClient.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
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
