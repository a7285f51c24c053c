/**
 * A local server that speaks OpenAI's chat protocol, and does to each request what a test tells it.
 *
 * It checks what the real one checks first (path, key, JSON, model and messages), records every request and whether
 * its client hung up, and answers with the next of the queued behaviours, or else with the standing one. Behaviours
 * are functions; `openAiReplies.ts` has the ones that answer, `openAiFailures.ts` the ones that fail.
 *
 * ```ts
 * import { rateLimited, serverError } from "./openAiFailures.ts";
 * import { says } from "./openAiReplies.ts";
 * import { startOpenAiServer } from "./openAiServer.ts";
 *
 * await using server = startOpenAiServer();
 * server.answer(rateLimited({ retryAfterS: 1 }), says("hello")); // the first request, the second one
 * server.always(serverError()); // all the others
 * const answer = await fetch(`${server.url}/chat/completions`, {
 *   method: "POST",
 *   headers: { authorization: "Bearer sk-test", "content-type": "application/json" },
 *   body: JSON.stringify({ model: "gpt-test", messages: [{ role: "user", content: "Hello" }] }),
 * });
 * await answer.body?.cancel();
 * if (answer.status !== 429) throw new Error("unexpected");
 * console.assert(server.requests[0]?.body.model === "gpt-test"); // `await server.hungUp(0)` waits until its client has gone
 * ```
 *
 * @module
 */

import { jsonIn, PlainHttpServer, type PlainRequest } from "./plainHttpServer.ts";
import { says } from "./openAiReplies.ts";
import { openAiError } from "./openAiFailures.ts";
import { waitFor } from "./waiting.ts";

/** What a client sends, as far as tests look at it. */
export interface ChatRequestBody {
  model: string;
  messages: { role: string; content: string }[];
  stream?: boolean;
  stream_options?: { include_usage?: boolean };
  [parameter: string]: unknown;
}

/** A request that has arrived. */
export interface ReceivedRequest {
  /** 0 for the first one. */
  readonly index: number;
  readonly path: string;
  readonly headers: Headers;
  readonly body: ChatRequestBody;
  /** On the monotonic clock, in milliseconds. */
  readonly atMs: number;
  /** Settles when the client goes away before it has the whole answer. */
  readonly hangUp: Promise<void>;
  /** Whether that has happened. */
  readonly isHungUp: boolean;
  /** Aborted by the hang-up. */
  readonly signal: AbortSignal;
}

/** What the server does with one request. */
export type Behaviour = (request: ReceivedRequest) => Response | Promise<Response>;

/** What the server expects. */
export interface OpenAiServerOptions {
  /** The key that is right; any when left out. */
  apiKey?: string;
}

/** Starts a server on a free port of this machine; it ends with its disposal. */
export function startOpenAiServer(options: OpenAiServerOptions = {}): OpenAiServer {
  return new OpenAiServer(options);
}

/** The server. */
export class OpenAiServer implements AsyncDisposable {
  /** Every request that passed the first checks, in the order of arrival. */
  readonly requests: ReceivedRequest[] = [];
  readonly #server = new PlainHttpServer((request) => this.#handle(request));
  readonly #queue: Behaviour[] = [];
  #standing: Behaviour = says("Hello!");

  constructor(private readonly options: OpenAiServerOptions) {}

  /** The base URL for a client. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.port}/v1`;
  }

  /** Queues behaviours, one for each of the next requests. */
  answer(...behaviours: Behaviour[]): this {
    this.#queue.push(...behaviours);
    return this;
  }

  /** What happens to requests when the queue is empty. */
  always(behaviour: Behaviour): this {
    this.#standing = behaviour;
    return this;
  }

  /** Returns when so many requests have arrived. */
  received(count: number): Promise<void> {
    return waitFor(`${count} requests`, () => this.requests.length >= count);
  }

  /** Returns when the client of that request has gone before the end of its answer. */
  hungUp(index: number): Promise<void> {
    return waitFor(`the client of request ${index} to go`, () => this.requests[index]?.isHungUp === true);
  }

  /** Ends what still runs, and the server. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#server[Symbol.asyncDispose]();
  }

  #handle(request: PlainRequest): Response | Promise<Response> {
    const body = jsonIn(request.body);
    const refusal = this.#check(request, body);
    if (refusal !== undefined) return refusal;
    const received = receive(request, body as ChatRequestBody, this.requests.length);
    this.requests.push(received);
    const behave = this.#queue.shift() ?? this.#standing;
    return behave(received);
  }

  /** What the real server says before it looks at anything else. */
  #check({ method, path, headers }: PlainRequest, body: unknown): Response | undefined {
    if (path !== "/v1/chat/completions") {
      return openAiError(404, { message: `Invalid URL (${method} ${path})` });
    }
    const key = /^Bearer (.+)$/.exec(headers.get("authorization") ?? "")?.[1];
    if (key === undefined) {
      return openAiError(401, {
        message: "You didn't provide an API key. You need to provide your API key.",
      });
    }
    if (this.options.apiKey !== undefined && key !== this.options.apiKey) {
      return openAiError(401, { message: `Incorrect API key provided: ${key}.`, code: "invalid_api_key" });
    }
    const { model, messages } = (body ?? {}) as Partial<ChatRequestBody>;
    if (typeof model !== "string") return openAiError(400, { message: "you must provide a model parameter" });
    const areMessages = Array.isArray(messages) && messages.length > 0;
    return areMessages
      ? undefined
      : openAiError(400, { message: "Missing required parameter: 'messages'.", param: "messages" });
  }
}

function receive(
  { path, headers, signal }: PlainRequest,
  body: ChatRequestBody,
  index: number,
): ReceivedRequest {
  const gone = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => gone.resolve());
  return {
    index,
    path,
    headers,
    body,
    atMs: performance.now(),
    hangUp: gone.promise,
    get isHungUp() {
      return signal.aborted;
    },
    signal,
  };
}
