/** The answer to a request that failed. @module */

import { statusOf, toPublicError } from "../core/errors.ts";
import { sanitizeText } from "../errorSanitizer.ts";
import { traceAnswer } from "../tracing.ts";

/** The caller's own id when it is a harmless one, so that logs on both sides meet. */
export function requestIdOf(request: Request): string {
  const given = request.headers.get("x-request-id");
  // It is answered, logged and stored: a key or a token that is sent as an id is none.
  const isHarmless = given !== null && /^[\w.-]{8,100}$/.test(given) && sanitizeText(given) === given;
  return isHarmless ? given : crypto.randomUUID();
}

/** Code, message and hint; nothing of what an unknown error says. */
export function errorResponse(thrown: unknown, requestId: string, hint?: string): Response {
  const publicError = toPublicError(thrown, requestId);
  return Response.json({ ...publicError, hint: hint ?? publicError.hint }, {
    status: statusOf(publicError.code),
    headers: {
      "access-control-allow-origin": "*",
      "access-control-expose-headers": "x-request-id, traceparent",
      "x-request-id": requestId,
      ...traceAnswer(),
    },
  });
}

/** An answer that is none of this request: it says in a header what stands in. */
export function named(response: Response, standIn: string): Response {
  try {
    response.headers.set("x-stand-in", standIn);
    return response;
  } catch {
    // The headers of an answer of `fetch` cannot be changed.
    const headers = new Headers(response.headers);
    headers.set("x-stand-in", standIn);
    return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
  }
}
