/** The second copy of a request, for another attempt and for replay. @module */

import type { SelfHealingOptions } from "./options.ts";

/** Bodies up to this many bytes are kept for a second attempt and for replay. */
export const MAX_KEPT_BODY = 256_000;

/** What a request changes, as far as its method and its key tell. */
export function effectOf(request: Request): "read" | "keyedWrite" | "write" {
  if (request.method === "GET" || request.method === "HEAD") return "read";
  return request.headers.has("idempotency-key") ? "keyedWrite" : "write";
}

/** A second copy of a request whose body the handler is about to use up; one without a body is its own copy. */
export function spareOf(request: Request): Request {
  return request.body === null ? request : request.clone();
}

/**
 * A copy costs memory while the body is read, so there is none of a large one, nor of one whose length nobody says: it
 * might have no end.
 */
export function keepSpare<Rest extends unknown[]>(
  request: Request,
  options: SelfHealingOptions<Rest>,
): Request | undefined {
  const effect = effectOf(request);
  // Neither method has a body. To ask for one would make a stream of it, and the copy of a stream costs 50 µs more.
  if (effect === "read") return request;
  if (effect === "write" && options.replay !== true) return undefined;
  if (request.body === null) return request;
  const length = request.headers.get("content-length");
  return length !== null && Number(length) <= MAX_KEPT_BODY ? request.clone() : undefined;
}
