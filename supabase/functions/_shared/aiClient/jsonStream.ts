/** A JSON value while it is being written. @module */

import { createJsonStream, type JsonValue } from "../robustJsonParser.ts";
import type { ClientParts } from "./chat.ts";
import { ChatStream } from "./stream.ts";
import { askForJson, formatOf, readValue } from "./structured.ts";
import type { AiJsonReply, AiJsonRequest, AiJsonStream } from "./types.ts";

/** Gives the value so far with each piece; the end is judged by the schema. */
export class ChatJsonStream<T> implements AiJsonStream<T> {
  readonly reply: Promise<AiJsonReply<T>>;
  readonly #stream: ChatStream;

  constructor(parts: ClientParts, request: AiJsonRequest<T>) {
    this.#stream = new ChatStream(parts, askForJson(request), formatOf(request));
    this.reply = this.#judge(parts, request);
    this.reply.catch(() => {});
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<JsonValue, void, undefined> {
    const reader = createJsonStream();
    for await (const text of this.#stream) {
      const value = reader.push(text);
      if (value !== undefined) yield value;
    }
  }

  async #judge(parts: ClientParts, request: AiJsonRequest<T>): Promise<AiJsonReply<T>> {
    const reply = await this.#stream.reply;
    return reply.kind === "refused" ? reply : { ...reply, value: await readValue(parts, request, reply) };
  }
}
