/** The second copy of a request, for another attempt and for replay. @module */

import type { SelfHealingOptions } from "./options.ts";

/** Bodies up to this many bytes are kept for a second attempt and for replay. */
export const MAX_KEPT_BODY = 256_000;

/** True for a request that may be made twice. */
export function mayRepeat(request: Request): boolean {
  return request.method === "GET" || request.method === "HEAD" || request.headers.has("idempotency-key");
}

/** A second copy of a request whose body the handler is about to use up; one without a body is its own copy. */
export function spareOf(request: Request): Request {
  return request.body === null ? request : request.clone();
}

/** A copy costs memory while the body is read, so there is none of a large one. */
export function keepSpare(request: Request, options: SelfHealingOptions): Request | undefined {
  if (!mayRepeat(request) && options.replay !== true) return undefined;
  return Number(request.headers.get("content-length") ?? 0) > MAX_KEPT_BODY ? undefined : spareOf(request);
}
