/** What happens to a call of a function whose work failed: healing, or a coded error that keeps the original. @module */

import { part } from "../core/unknownValues.ts";
import { analyzeError } from "../errorAnalysis.ts";
import { sanitizeArgs } from "../errorSanitizer.ts";
import { markRetried } from "../retry.ts";
import { codedError } from "./codedError.ts";
import { contextOf, type FailedCall, heal, isCallersMistake, meansOf } from "./heal.ts";
import type { FunctionHealingOptions } from "./options.ts";
import { captureError, markCaptured, wasCaptured } from "./reporting.ts";

/** Resolves to the answer, or to what stands in for it; `undefined` when the call was left out. */
export async function settleCall<Args extends unknown[], Result>(
  thrown: unknown,
  args: Args,
  work: (...args: Args) => Result | Promise<Result>,
  call: FailedCall,
  options: FunctionHealingOptions<Args, Result>,
): Promise<Result | undefined> {
  if (isCallersMistake(thrown)) throw thrown;
  const { functionName, effect = "write", means, keepsArguments, reporter } = options;
  const details = keepsArguments === false ? {} : { details: { arguments: sanitizeArgs(args) } };
  const context = contextOf(options, details);
  const analyzed = await analyzeError(thrown, context);
  const outcome = await heal<Result>(
    thrown,
    analyzed,
    {
      ...meansOf(means === undefined ? undefined : () => means(...args)),
      name: functionName,
      effect,
      run: () => work(...args),
    },
    call,
    { ...options, context },
  );
  if (outcome.kind === "healed") return outcome.value;
  if (isNews(thrown, call.since)) captureError(thrown, { ...context, analyzed }, reporter);
  if (outcome.kind === "standIn") return outcome.value;
  if (outcome.kind === "skipped") return undefined;
  const coded = codedError(thrown, analyzed, outcome, functionName);
  markCaptured(coded);
  if (outcome.isSpent) markRetried(coded);
  throw coded;
}

/**
 * False for what is known already: a failure that a layer below has captured, and the refusal of a breaker, whose
 * opening is the news.
 */
export function isNews(thrown: unknown, since: number): boolean {
  return !wasCaptured(thrown, since) && !isBreakersRefusal(thrown);
}

function isBreakersRefusal(thrown: unknown): boolean {
  let link = thrown;
  for (let depth = 0; depth < 5 && link !== undefined; depth++) {
    if (part(link, "name") === "CircuitOpenError") return true;
    link = part(link, "cause");
  }
  return false;
}
