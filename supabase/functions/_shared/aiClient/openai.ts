/**
 * The adapter of openai: everything else goes through here. The package is loaded with the first request.
 *
 * Its own retries are off, so that nothing is multiplied; its log is off, because it would print prompts. The call's
 * signal goes straight to `fetch`, which neither follows a redirect nor reads a reply without end.
 *
 * @module
 */

import { HealingError } from "../core/errors.ts";
import type { AiTarget } from "../core/settings.ts";
import type { ChatBody } from "./body.ts";

/** What bounds one request. */
export interface SendOptions {
  signal: AbortSignal;
  /** The longest reply that is read, in bytes. */
  maxReplyBytes: number;
}

/** What came back, as it came. */
export interface RawReply {
  data: unknown;
  requestId: string | undefined;
}

/** The package's own limit lies behind every one of ours. */
const NEVER_MS = 2_000_000_000;
/** What is sent besides these would come from a variable of the package, and go to whatever endpoint. */
const OWN_HEADERS = /^(?:accept|authorization|content-type|user-agent|x-stainless-[a-z-]+)$/;

/** Sends one request and reads its reply whole; rejects with what the package throws. */
export async function sendChat(target: AiTarget, body: ChatBody, options: SendOptions): Promise<RawReply> {
  const client = await openClient(target, options);
  const { data, request_id } = await client.chat.completions
    .create({ ...asParams(body), stream: false }, { signal: options.signal }).withResponse();
  return { data, requestId: request_id ?? undefined };
}

/** Sends one request and gives the pieces of its reply as they come; it ends without an error when the signal aborts. */
export async function openChatStream(
  target: AiTarget,
  body: ChatBody,
  options: SendOptions,
): Promise<AsyncIterable<unknown>> {
  const client = await openClient(target, options);
  return await client.chat.completions.create({ ...asParams(body), stream: true }, {
    signal: options.signal,
  });
}

type Client = Awaited<ReturnType<typeof openClient>>;
type Params = Omit<Parameters<Client["chat"]["completions"]["create"]>[0], "stream">;

/** The package knows a type for each role and value; endpoints that speak its protocol have more of both. */
function asParams(body: ChatBody): Params {
  return body as unknown as Params;
}

async function openClient({ apiKey, baseUrl }: AiTarget, options: SendOptions) {
  const { default: OpenAI } = await import("npm:openai@7.59.0");
  return new OpenAI({
    apiKey,
    baseURL: baseUrl,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: NEVER_MS,
    logLevel: "off",
    fetch: guardedFetch(options),
  });
}

function guardedFetch({ signal, maxReplyBytes }: SendOptions): typeof fetch {
  return async (input, init) => {
    // The platform's Deno mixes two types of this name, and only one of them has these members.
    const sent = init as { headers?: HeadersInit; signal?: AbortSignal | null } | undefined;
    const headers = [...new Headers(sent?.headers)].filter(([name]) => OWN_HEADERS.test(name));
    const signals = sent?.signal ? [signal, sent.signal] : [signal];
    const response = await fetch(input, {
      ...init,
      headers,
      redirect: "manual",
      signal: AbortSignal.any(signals),
    });
    const { status, statusText } = response;
    const body = response.body?.pipeThrough(boundedBy(maxReplyBytes)) ?? null;
    return new Response(body, { status, statusText, headers: response.headers });
  };
}

/** Bytes as both versions of the compiler name them; the platform's one knows no generic `Uint8Array`. */
type Bytes = ReturnType<TextEncoder["encode"]>;

function boundedBy(maxBytes: number): TransformStream<Bytes, Bytes> {
  let left = maxBytes;
  return new TransformStream({
    transform(chunk, controller) {
      left -= chunk.byteLength;
      if (left >= 0) return controller.enqueue(chunk);
      throw new HealingError("PAYLOAD_TOO_LARGE", `The model's reply is longer than ${maxBytes} bytes`, {
        hint: "Ask for less, or raise maxReplyBytes",
      });
    },
  });
}
