/** One row that an HTTP stand-in can reproduce, by the service that answers. @module */

import type { Case } from "./cases.ts";
import { runDecidedCase } from "./decidedCase.ts";
import { runFunctionCase } from "./functionCase.ts";
import type { CallVerdict } from "./judgeCall.ts";
import { runModelCase } from "./modelCase.ts";
import { runRestCase } from "./restCase.ts";
import type { BenchDatabase } from "./server.ts";
import { canStandIn } from "./standIn.ts";

const MODELS = /^(?:openai|openrouter|anthropic|gemini|azure|llm)/i;
const FUNCTIONS = /^(?:edge-runtime|functions|fetch)/i;

/** Breaks the call with the row's own service, and judges what became of it. */
export async function runHttpCase(row: Case, database: BenchDatabase): Promise<CallVerdict> {
  const source = row.error.source ?? "";
  const isCall = MODELS.test(source) || FUNCTIONS.test(source);
  if (isCall && !canStandIn(row)) return await runDecidedCase(row, database);
  if (MODELS.test(source)) return await runModelCase(row, database);
  if (FUNCTIONS.test(source)) return await runFunctionCase(row, database);
  return await runRestCase(row, database);
}
