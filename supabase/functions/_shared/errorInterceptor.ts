/**
 * The one line that an author adds around a function: it heals what can be healed while the caller waits, captures the
 * rest, and answers with a coded error instead of a stack trace.
 *
 * While nothing fails it costs one `try` and two counters. Analysis and strategies are loaded and run after a failure,
 * and the database is only ever written to in the background: no caller waits for it, and its absence changes no
 * answer. What cannot be stored when the worker ends goes to the log, from where a script can restore it.
 *
 * @example
 * ```ts
 * import { captureError, withSelfHealing } from "./errorInterceptor.ts";
 *
 * const handler = withSelfHealing(() => Promise.resolve(new Response("hello")), { functionName: "chat" });
 * const priceOf = withSelfHealing((item: string) => Promise.resolve(item.length), {
 *   functionName: "priceOf",
 *   effect: "read",
 *   means: () => ({ defaultValue: () => 0 }),
 * });
 * if (await priceOf("abc") !== 3) throw new Error("unexpected");
 * captureError(new Error("noticed, and gone on"), { functionName: "chat" });
 * console.assert(typeof handler === "function");
 * ```
 *
 * @module
 */

import { nextMoment } from "./core/errorMarks.ts";
import type { FailedRequest } from "./errorInterceptor/answerFailure.ts";
import type { FailedCall } from "./errorInterceptor/heal.ts";
import {
  checkOptions,
  type FunctionHealingOptions,
  type SelfHealingOptions,
} from "./errorInterceptor/options.ts";
import { captureError } from "./errorInterceptor/reporting.ts";
import { errorResponse, requestIdOf } from "./errorInterceptor/response.ts";
import { keepSpare } from "./errorInterceptor/spare.ts";
import { observeRequest } from "./requestObserver.ts";
import { budgetOf, type RetryBudget } from "./retry.ts";
import { outsideTrace } from "./tracing.ts";

export type { CaptureContext, FailureSink } from "./errorInterceptor/captureQueue.ts";
export type {
  CommonHealingOptions,
  FunctionHealingOptions,
  FunctionMeans,
  SelfHealingOptions,
} from "./errorInterceptor/options.ts";
export {
  captureError,
  flushErrors,
  type Reporter,
  reporterOver,
  type ReporterSource,
} from "./errorInterceptor/reporting.ts";
export { sanitizeArgs, sanitizeObject } from "./errorSanitizer.ts";

type Handler<Rest extends unknown[]> = (request: Request, ...rest: Rest) => Response | Promise<Response>;
type Work<Args extends unknown[], Result> = (...args: Args) => Result | Promise<Result>;

/**
 * Wraps a request handler, which then always answers; or any function, which then returns its value, or what its
 * author lets stand in for it, and otherwise rejects with a coded error that has the original as its cause. Throws a
 * `RangeError` for limits that make no sense.
 */
export function withSelfHealing<Rest extends unknown[]>(
  handler: Handler<Rest>,
  options: SelfHealingOptions<Rest>,
): (request: Request, ...rest: Rest) => Promise<Response>;
export function withSelfHealing<Args extends unknown[], Result>(
  work: Work<Args, Result>,
  options: FunctionHealingOptions<Args, Awaited<Result>>,
): (...args: Args) => Promise<Awaited<Result>>;
export function withSelfHealing(
  work: Work<never[], unknown>,
  options: SelfHealingOptions<never[]> & FunctionHealingOptions<never[], unknown>,
): (...args: never[]) => Promise<unknown> {
  checkOptions(options);
  const budget = budgetOf(`function ${options.functionName}`);
  return declaring(Math.max(1, work.length), (...args: unknown[]) => {
    const [request, ...rest] = args;
    if (!(request instanceof Request) || options.as === "function") {
      return callFunction(work as Work<unknown[], unknown>, args, budget, options as AnyOptions);
    }
    const handler = work as Handler<unknown[]>;
    const watched = (startedAt: number) =>
      handleRequest(handler, request, rest, begin(budget, startedAt), options as SelfHealingOptions);
    return observeRequest(request, options.functionName, watched, options.monitor);
  });
}

/** The function with so many parameters: `Deno.serve` makes no request for a handler that declares none. */
function declaring<Wrapped>(parameters: number, wrapped: Wrapped): Wrapped {
  return Object.defineProperty(wrapped, "length", { value: parameters });
}

type AnyOptions = FunctionHealingOptions<unknown[], unknown>;

async function handleRequest(
  handler: Handler<unknown[]>,
  request: Request,
  rest: unknown[],
  { call, end }: StartedCall,
  options: SelfHealingOptions,
): Promise<Response> {
  const spare = keepSpare(request, options);
  try {
    const answer: unknown = await handler(request, ...rest);
    if (answer instanceof Response) return answer;
    throw new TypeError(`The handler of ${options.functionName} returned no Response`);
  } catch (thrown) {
    const { means } = options;
    return await answer(thrown, {
      ...call,
      request,
      spare,
      handle: (again) => handler(again, ...rest),
      means: means && ((again) => means(again, ...rest)),
    }, options);
  } finally {
    end();
  }
}

async function answer(
  thrown: unknown,
  failed: FailedRequest,
  options: SelfHealingOptions,
): Promise<Response> {
  try {
    const { answerFailure } = await outsideTrace(() => import("./errorInterceptor/answerFailure.ts"));
    return await answerFailure(thrown, failed, options);
  } catch {
    // Healing itself must not fail a request a second time.
    captureError(thrown, { functionName: options.functionName }, options.reporter);
    return errorResponse(thrown, requestIdOf(failed.request));
  }
}

async function callFunction(
  work: Work<unknown[], unknown>,
  args: unknown[],
  budget: RetryBudget,
  options: AnyOptions,
): Promise<unknown> {
  const { call, end } = begin(budget, performance.now());
  try {
    return await work(...args);
  } catch (thrown) {
    const settleCall = await loadSettleCall();
    if (settleCall !== undefined) return await settleCall(thrown, args, work, call, options);
    captureError(thrown, { functionName: options.functionName }, options.reporter);
    throw thrown;
  } finally {
    end();
  }
}

/** Undefined when it cannot be loaded, which must not take the place of the failure. */
async function loadSettleCall() {
  try {
    return (await outsideTrace(() => import("./errorInterceptor/settleCall.ts"))).settleCall;
  } catch {
    return undefined;
  }
}

/** A call that is counted, and its end. */
interface StartedCall {
  call: FailedCall;
  end: () => void;
}

/** Counts a call before it is known how it ends: what is tried after a failure is measured against all calls. */
function begin(budget: RetryBudget, startedAt: number): StartedCall {
  const end = budget.start();
  return { call: { budget, since: nextMoment(), startedAt }, end };
}
