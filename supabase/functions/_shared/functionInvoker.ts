/** Calls an edge function of the project again for a queued operation, under the role of its first caller. @module */

import { HealingError } from "./core/errors.ts";
import type { PlatformSettings } from "./core/settings.ts";
import type { ClaimedOperation } from "./healingDb.ts";
import { tracedFetch } from "./tracing.ts";

const TIMEOUT_MS = 30_000;

/** Makes the invoker; undefined when the project's address or a key is not set. */
export function createInvoker(
  settings: PlatformSettings,
  request?: typeof fetch,
): ((operation: ClaimedOperation) => Promise<{ status: number; body: string }>) | undefined {
  const { url, publishableKey, secretKeys } = settings;
  if (url === undefined || publishableKey === undefined || secretKeys[0] === undefined) return undefined;
  const send = tracedFetch(request);
  const keyOf = { anon: publishableKey, service_role: secretKeys[0] };
  return async (operation) => {
    if (operation.caller_role === "authenticated") {
      throw new HealingError(
        "FORBIDDEN",
        "An operation of a person cannot be made again without that person",
      );
    }
    const answer = await send(`${url}/functions/v1/${encodeURIComponent(operation.target)}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        apikey: keyOf[operation.caller_role],
        "idempotency-key": operation.idempotency_key,
        "x-healing-replay": operation.id,
      },
      body: JSON.stringify(operation.payload),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: answer.status, body: (await answer.text()).slice(0, 1_000) };
  };
}
