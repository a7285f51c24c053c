/**
 * The one client for every call of a language model, the system's own and an author's.
 *
 * It speaks to any endpoint with OpenAI's protocol. Around each request are a breaker that the fleet shares, a limit
 * that really ends it, retries within a budget, and a reservation from the day's budget of tokens and money; when a
 * target fails, the next one of the list is asked. What is permanent is not repeated, and a refusal is an answer: it
 * is never taken elsewhere. Without a key there is no model, and `availability()` says why. The package behind it, the
 * parser and the classifier are loaded when they are first needed.
 *
 * Prompts and replies are kept nowhere unless the setting `ai_record_texts` says so, or a call asks for the cache.
 *
 * @module
 */

import { chat, type ClientParts } from "./aiClient/chat.ts";
import { type AiClientOptions, readOptions } from "./aiClient/options.ts";
import { Runner } from "./aiClient/runner.ts";
import { ChatStream } from "./aiClient/stream.ts";
import { availabilityOf, openTargets } from "./aiClient/targets.ts";
import type {
  AiAvailability,
  AiJsonReply,
  AiJsonRequest,
  AiJsonStream,
  AiReply,
  AiRequest,
  AiTextStream,
} from "./aiClient/types.ts";

export { type AiAction, AiFailure, type AiJudgement, isAiFailure } from "./aiClient/failure.ts";
export { type FencedText, type FenceOptions, fenceUntrusted } from "./aiClient/fence.ts";
export type { AiClientOptions } from "./aiClient/options.ts";
export type * from "./aiClient/types.ts";

/** Calls models. Make one an isolate: it remembers which parameters a model does not know. */
export interface AiClient {
  /** Whether there is a model to call; without one every call rejects with `CONFIG_MISSING`. */
  availability(): AiAvailability;
  /** Asks for a text. */
  complete(request: AiRequest): Promise<AiReply>;
  /**
   * Asks for a value that a schema accepts; rejects with a `JsonParseError` when no reply fits. A cut one is
   * `JSON_TRUNCATED` with its `partialValue`, unless `allowPartial` or `maxContinuations` say otherwise.
   */
  completeJson<T>(request: AiJsonRequest<T>): Promise<AiJsonReply<T>>;
  /** Asks for a text that comes piece by piece. */
  stream(request: AiRequest): AiTextStream;
  /** Asks for a value that comes piece by piece. */
  streamJson<T>(request: AiJsonRequest<T>): Promise<AiJsonStream<T>>;
}

/**
 * A client over the models that the environment names, or those of the options.
 *
 * @example
 * ```ts
 * import { createAiClient } from "./aiClient.ts";
 *
 * const ai = createAiClient({ settings: { targets: [], problems: ["OPENAI_API_KEY is not set"] } });
 * const there = ai.availability();
 * if (there.available || !there.reason.includes("OPENAI_API_KEY")) throw new Error("unexpected");
 * const question = { purpose: "greeting", messages: [{ role: "user" as const, content: "Say hello." }] };
 * const code = await ai.complete(question).catch((error) => error.code);
 * if (code !== "CONFIG_MISSING") throw new Error("unexpected");
 * ```
 */
export function createAiClient(options: AiClientOptions = {}): AiClient {
  const read = readOptions(options);
  const targets = openTargets(read);
  const parts: ClientParts = { options: read, targets, runner: new Runner(read, targets) };
  return {
    availability: () => availabilityOf(targets),
    complete: async (request) => (await chat(parts, request)).reply,
    completeJson: async (request) => (await import("./aiClient/structured.ts")).completeJson(parts, request),
    stream: (request) => new ChatStream(parts, request),
    streamJson: async (request) =>
      new (await import("./aiClient/jsonStream.ts")).ChatJsonStream(parts, request),
  };
}
