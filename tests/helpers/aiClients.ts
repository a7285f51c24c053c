/** Clients of language models for tests: over local servers, without pauses before retries. @module */

import {
  type AiClient,
  type AiClientOptions,
  type AiRequest,
  createAiClient,
} from "../../supabase/functions/_shared/aiClient.ts";
import { type Clock, systemClock } from "../../supabase/functions/_shared/core/clock.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import type { Random } from "../../supabase/functions/_shared/core/random.ts";
import { FakeClock } from "./fakeClock.ts";
import type { OpenAiServer } from "./openAiServer.ts";

/** A key in the real form, which nothing may ever show. */
export const TEST_KEY = "sk-proj-T3st0nlyT3st0nlyT3st0nlyT3st0nly";

/** No pause before a retry: the jitter draws the shortest one. */
export const noPauses: Random = { next: () => 0, uuid: () => crypto.randomUUID() };

/** A clock that a test moves by hand; waiting for nothing takes none. */
export class SteppedClock extends FakeClock {
  constructor() {
    super("2026-11-29T12:00:00Z");
  }

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return ms === 0 ? Promise.resolve() : super.sleep(ms, signal);
  }
}

/** A clock whose pauses before retries take no time and are written down; limits run as they are. */
export function hurriedClock(pauses: number[]): Clock {
  const sleep = (ms: number, signal?: AbortSignal) => {
    if (ms > 10_000) return systemClock.sleep(ms, signal);
    pauses.push(ms);
    return Promise.resolve();
  };
  return { ...systemClock, sleep };
}

/** A client over a server each, the preferred one first; their models are `model-0`, `model-1` and so on. */
export function clientOf(
  servers: readonly (OpenAiServer | string)[],
  options: AiClientOptions = {},
): AiClient {
  const targets = servers.map((server, index) => ({
    model: `model-${index}`,
    baseUrl: typeof server === "string" ? server : server.url,
    apiKey: TEST_KEY,
  }));
  return createAiClient({
    settings: { targets, problems: [] },
    logger: silentLogger,
    random: noPauses,
    ...options,
  });
}

/** A question; what a test does not care about is filled in. */
export function question(changes: Partial<AiRequest> = {}): AiRequest {
  return {
    purpose: "a test",
    messages: [{ role: "user", content: "Say hello." }],
    maxOutputTokens: 100,
    ...changes,
  };
}
