/**
 * The one line that an author adds around a function: it heals what passes by itself, captures the rest, and answers
 * with a coded error instead of a stack trace.
 *
 * While nothing fails it costs one `try`. Everything else is loaded and done after a failure, and the database is
 * only ever written to in the background: no caller waits for it, and its absence changes no answer.
 *
 * @example
 * ```ts
 * import { captureError, withSelfHealing } from "./errorInterceptor.ts";
 *
 * const handler = withSelfHealing(() => Promise.resolve(new Response("hello")), { functionName: "chat" });
 * captureError(new Error("noticed, and gone on"), { functionName: "chat" });
 * console.assert(typeof handler === "function");
 * ```
 *
 * @module
 */

import { answerFailure, errorResponse, requestIdOf } from "./errorInterceptor/answerFailure.ts";
import type { SelfHealingOptions } from "./errorInterceptor/options.ts";
import { keepSpare } from "./errorInterceptor/spare.ts";
import { observeRequest } from "./requestObserver.ts";

export type { FailureSink } from "./errorInterceptor/captureQueue.ts";
export type { SelfHealingOptions } from "./errorInterceptor/options.ts";
export { captureError, flushErrors, type Reporter } from "./errorInterceptor/reporting.ts";

/** Wraps a request handler: heals or captures its failures, and always answers. */
export function withSelfHealing<Rest extends unknown[]>(
  handler: (request: Request, ...rest: Rest) => Response | Promise<Response>,
  options: SelfHealingOptions,
): (request: Request, ...rest: Rest) => Promise<Response> {
  return (request, ...rest) =>
    observeRequest(request, options.functionName, async (startedAt) => {
      const spare = keepSpare(request, options);
      try {
        const answer: unknown = await handler(request, ...rest);
        if (answer instanceof Response) return answer;
        throw new TypeError(`The handler of ${options.functionName} returned no Response`);
      } catch (thrown) {
        return await answerFailure(thrown, {
          request,
          spare,
          startedAt,
          handle: (again) => handler(again, ...rest),
        }, options)
          .catch(() => errorResponse(thrown, requestIdOf(request)));
      }
    }, options.monitor);
}
