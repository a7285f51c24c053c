/**
 * A dead man's ping: an address outside is called when a run has completed, so that somebody notices when none does.
 *
 * @module
 */

import { messageOf } from "../_shared/core/errors.ts";
import type { Environment } from "../_shared/core/settings.ts";
import { endpointOf } from "../_shared/core/settings.ts";

/** Calls the address; says what came of it, and never throws. */
export type Ping = (run: { runId: string; counters: object }) => Promise<string>;

const TIMEOUT_MS = 5_000;

/**
 * Reads `HEALING_PING_URL` and `HEALING_PING_METHOD` (GET unless it is POST, which sends the figures of the run);
 * undefined when no address is set. The address is a secret of its own: it is never written down.
 */
export function createPing(env: Environment = Deno.env, request: typeof fetch = fetch): Ping | undefined {
  const address = env.get("HEALING_PING_URL");
  if (!address) return undefined;
  const method = env.get("HEALING_PING_METHOD")?.toUpperCase() === "POST" ? "POST" : "GET";
  const url = endpointOf(address);
  if (url === undefined) return () => Promise.resolve("not sent: HEALING_PING_URL is no https address");
  return async ({ runId, counters }) => {
    try {
      const answer = await request(url, {
        method,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(method === "GET" ? {} : {
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ run_id: runId, counters }),
        }),
      });
      await answer.body?.cancel();
      return answer.ok ? "sent" : `refused with ${answer.status}`;
    } catch (thrown) {
      return `failed: ${
        messageOf(thrown).replaceAll(address, "the address").replaceAll(url, "the address").slice(0, 200)
      }`;
    }
  };
}
