/** Requests that carry their trace along. @module */

import { isolateTracer } from "./isolate.ts";
import { currentScope } from "./scope.ts";
import { formatTraceparent } from "./traceContext.ts";

/**
 * A `fetch` that tells the other side which trace it works in. Only for services of the project: a trace id is
 * nobody else's business.
 */
export function tracedFetch(request?: typeof fetch): typeof fetch {
  const send: typeof fetch = (input, init) => (request ?? fetch)(input, init);
  return (input, init) => {
    if (currentScope() === undefined) return send(input, init);
    const { method, pathname } = targetOf(input, init);
    return isolateTracer().span(`${method} ${pathname}`, async (span) => {
      const answer = await send(input, { ...init, headers: headersOf(input, init) });
      span.setAttribute("http.response.status_code", answer.status);
      if (answer.status >= 400) span.fail(`answered ${answer.status}`);
      return answer;
    }, { kind: "client", attributes: { "http.request.method": method, "url.path": pathname } });
  };
}

/** The headers that say where in its trace the code that asks stands; none outside of a trace. */
export function traceHeaders(): Record<string, string> {
  const context = currentScope()?.context;
  if (context === undefined) return {};
  const { traceState } = context;
  return {
    traceparent: formatTraceparent(context),
    ...(traceState === undefined ? {} : { tracestate: traceState }),
  };
}

/** What an answer says about its trace, so that whoever was refused or failed can name it. */
export function traceAnswer(): { traceparent: string } | Record<string, never> {
  const context = currentScope()?.context;
  return context === undefined ? {} : { traceparent: formatTraceparent(context) };
}

function headersOf(input: RequestInfo | URL, init: RequestInit | undefined): Headers {
  const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
  for (const [name, value] of Object.entries(traceHeaders())) headers.set(name, value);
  return headers;
}

/** Never the query: it may hold what a caller sent. */
function targetOf(
  input: RequestInfo | URL,
  init: RequestInit | undefined,
): { method: string; pathname: string } {
  const isRequest = input instanceof Request;
  const url = isRequest ? input.url : String(input);
  const method = (init?.method ?? (isRequest ? input.method : "GET")).toUpperCase();
  return { method, pathname: URL.canParse(url) ? new URL(url).pathname : "" };
}
