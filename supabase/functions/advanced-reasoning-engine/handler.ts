/**
 * Explains an error and its stack trace, and proposes typed fixes with their risk and what each would do. Applies
 * nothing and claims nothing: what it answers is read by a person, or asked by another part of the system.
 *
 * @module
 */

import { HealingError } from "../_shared/core/errors.ts";
import type { PlatformSettings } from "../_shared/core/settings.ts";
import { z } from "../_shared/core/validation.ts";
import type { EdgeCall } from "../_shared/edgeHandler.ts";
import { type AnalysisMeans, analyzeError, type ErrorAnalysis } from "../_shared/errorAnalysis.ts";
import { getErrorToAnalyse } from "../_shared/healingDb.ts";
import { analyzeErrorWithAI, type ErrorToAnalyse } from "../_shared/healingEngine.ts";
import { ownFunction, readBody } from "../_shared/ownFunction.ts";

/** What the function is wired to. */
export interface ReasoningDependencies extends AnalysisMeans {
  settings: PlatformSettings;
  /** How the project's authentication is asked; `fetch`. */
  request?: typeof fetch;
}

const FUNCTION_NAME = "advanced-reasoning-engine";

const describedError = z.strictObject({
  message: z.string().min(1).max(20_000),
  name: z.string().min(1).max(200).optional(),
  code: z.string().max(100).optional(),
  status: z.int().min(100).max(599).optional(),
  stack: z.string().max(50_000).optional(),
  hint: z.string().max(4_000).optional(),
  detail: z.string().max(4_000).optional(),
  function_name: z.string().min(1).max(200).optional(),
  /** What the place of the failure knows: `relation`, `role`, `bucket`, `operation` are read. */
  details: z.record(z.string().max(100), z.unknown()).optional(),
});

const requestBody = z.union([
  z.strictObject({ error_id: z.uuid() }),
  z.strictObject({ fingerprint: z.string().min(1).max(200) }),
  z.strictObject({ error: describedError }),
]);

type Wanted = z.infer<typeof requestBody>;

/** Makes the function's handler. */
export function createHandler(dependencies: ReasoningDependencies): (request: Request) => Promise<Response> {
  return ownFunction(FUNCTION_NAME, dependencies, (call) => explain(call, dependencies));
}

async function explain(call: EdgeCall, dependencies: ReasoningDependencies): Promise<Response> {
  const error = await errorFor(readWanted(call.body), dependencies);
  const analysis = await analyzeErrorWithAI(error, dependencies);
  return Response.json(answerOf(error, analysis));
}

function readWanted(body: unknown): Wanted {
  return readBody(
    requestBody,
    body,
    'Send one of {"error_id": uuid}, {"fingerprint": string} and {"error": {"message", "name"?, "code"?, ' +
      '"status"?, "stack"?, "hint"?, "detail"?, "function_name"?, "details"?}}',
  );
}

/** A stored error as it is, or a described one as it would be captured; that one is not stored. */
async function errorFor(wanted: Wanted, { db }: ReasoningDependencies): Promise<ErrorToAnalyse> {
  if ("error" in wanted) {
    const { function_name: functionName, details, name = "Error", ...thrown } = wanted.error;
    const context = { ...(functionName === undefined ? {} : { functionName }), details };
    return (await analyzeError({ name, ...thrown }, context)).captured;
  }
  const which = "error_id" in wanted ? { errorId: wanted.error_id } : { fingerprint: wanted.fingerprint };
  const stored = await getErrorToAnalyse(db, which);
  if (stored !== null) return stored;
  throw new HealingError("NOT_FOUND", "There is no such error", {
    hint: "select id, fingerprint from detected_errors",
  });
}

function answerOf({ id, fingerprint, error_type }: ErrorToAnalyse, analysis: ErrorAnalysis) {
  const { mode, explanation, causes, proposals, isCached, model, whyRules } = analysis;
  return {
    error: { id: id ?? null, fingerprint, error_type },
    mode,
    cached: isCached,
    model: model === "" ? null : model,
    ...(whyRules === undefined ? {} : { why_rules: whyRules }),
    explanation,
    likely_causes: causes,
    proposals: proposals.map(({ whatWouldHappen, ...proposal }) => ({
      ...proposal,
      what_would_happen: whatWouldHappen,
    })),
  };
}
