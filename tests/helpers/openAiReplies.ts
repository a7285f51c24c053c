/**
 * Behaviours of the local OpenAI server that answer with status 200, whole or as server-sent events, whichever the
 * request asked for.
 *
 * @module
 */

import type { Behaviour, ReceivedRequest } from "./openAiServer.ts";

/** What a reply may differ in. */
export interface ReplyOptions {
  finishReason?: string | null;
  refusal?: string;
  /** `null` leaves the usage out, as some endpoints do. */
  usage?: { prompt_tokens: number; completion_tokens: number } | null;
  headers?: Record<string, string>;
}

/** The model says this. */
export function says(text: string, options: ReplyOptions = {}): Behaviour {
  return (request) => reply(request, text, options);
}

/** The model writes this value as JSON. */
export function saysJson(value: unknown, options: ReplyOptions = {}): Behaviour {
  return says(JSON.stringify(value), options);
}

/** The model was cut off by the limit of output tokens. */
export function isCutAfter(text: string): Behaviour {
  return says(text, { finishReason: "length" });
}

/** The model refuses, in the field that is for it. */
export function refuses(words: string): Behaviour {
  return says("", { refusal: words });
}

/** The endpoint's filter held the content back. */
export function isFiltered(): Behaviour {
  return says("", { finishReason: "content_filter" });
}

/** An answer without choices. */
export function hasNoChoices(): Behaviour {
  return (request) => json(200, { ...envelope(request, "chat.completion"), choices: [] });
}

/** Any body and status. */
export function sends(status: number, body: string, headers: Record<string, string> = {}): Behaviour {
  return () => new Response(body, { status, headers });
}

/** Never answers; the request ends when its client goes. */
export function hangs(): Behaviour {
  return () => new Promise<Response>(() => {});
}

/** Sends the first bytes of an answer and then breaks the connection. */
export function breaksAfter(text: string): Behaviour {
  return (request) => {
    const head = request.body.stream === true
      ? sse(pieceOf(request, { content: text }))
      : JSON.stringify({ ...envelope(request, "chat.completion"), note: text }).slice(0, -1);
    let step = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (step++ === 0) controller.enqueue(encoder.encode(head));
        else controller.error(new Error("the connection breaks"));
      },
    });
    return new Response(body, { headers: headersFor(request) });
  };
}

/** Streams the pieces, each when `next` says so; the answer hangs where `next` never settles. */
export function drips(pieces: readonly string[], next: (index: number) => Promise<void>): Behaviour {
  return (request) => {
    let index = 0;
    const body = new ReadableStream({
      async pull(controller) {
        await Promise.race([next(index), request.hangUp]);
        if (request.isHungUp) return controller.close();
        const piece = pieces[index++];
        if (piece !== undefined) {
          return controller.enqueue(encoder.encode(sse(pieceOf(request, { content: piece }))));
        }
        controller.enqueue(encoder.encode(endOf(request, pieces.join(""), {})));
        controller.close();
      },
    });
    return new Response(body, { headers: headersFor(request) });
  };
}

/** Streams the pieces and closes the connection in order, but without an end of the reply. */
export function stopsAfter(pieces: readonly string[]): Behaviour {
  return (request) => {
    const text = pieces.map((content) => sse(pieceOf(request, { content }))).join("");
    return new Response(text, { headers: headersFor(request) });
  };
}

/** Streams an error after some text, inside of an answer with status 200. */
export function streamsError(text: string, error: Record<string, unknown>): Behaviour {
  return (request) =>
    new Response(sse(pieceOf(request, { content: text })) + sse({ error }), { headers: headersFor(request) });
}

const encoder = new TextEncoder();

/** JSON with the headers of the real server. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...API_HEADERS, ...requestId(), ...headers },
  });
}

const API_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "application/json",
  "openai-version": "2020-10-01",
  "openai-processing-ms": "12",
  "x-ratelimit-limit-requests": "10000",
  "x-ratelimit-limit-tokens": "2000000",
  "x-ratelimit-remaining-requests": "9999",
  "x-ratelimit-remaining-tokens": "1999000",
  "x-ratelimit-reset-requests": "6ms",
  "x-ratelimit-reset-tokens": "30ms",
};

function requestId(): Record<string, string> {
  return { "x-request-id": `req_${crypto.randomUUID().replaceAll("-", "")}` };
}

function headersFor(request: ReceivedRequest): Record<string, string> {
  const type = request.body.stream === true ? { "content-type": "text/event-stream; charset=utf-8" } : {};
  return { ...API_HEADERS, ...requestId(), ...type };
}

function reply(request: ReceivedRequest, text: string, options: ReplyOptions): Response {
  const { finishReason = "stop", refusal = null, headers } = options;
  if (request.body.stream === true) {
    const words = refusal === null ? textPieces(text).map((content) => ({ content })) : [{ refusal }];
    const pieces = [{ role: "assistant", content: "", refusal: null }, ...words];
    const body = pieces.map((delta) => sse(pieceOf(request, delta))).join("") + endOf(request, text, options);
    return new Response(body, { headers: { ...headersFor(request), ...headers } });
  }
  const isHeldBack = refusal !== null || finishReason === "content_filter";
  const message = { role: "assistant", content: isHeldBack ? null : text, refusal, annotations: [] };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: finishReason }];
  const usage = usageOf(request, text, options);
  return json(200, { ...envelope(request, "chat.completion"), choices, ...usage }, headers);
}

function envelope(request: ReceivedRequest, object: string) {
  return {
    id: `chatcmpl-${request.index}`,
    object,
    created: Math.floor(Date.now() / 1_000),
    model: request.body.model,
    service_tier: "default",
    system_fingerprint: null,
  };
}

function pieceOf(
  request: ReceivedRequest,
  delta: Record<string, unknown>,
  finishReason: string | null = null,
) {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }];
  return { ...envelope(request, "chat.completion.chunk"), choices };
}

/** The last piece, the usage where it was asked for, and the sentinel. */
function endOf(request: ReceivedRequest, text: string, options: ReplyOptions): string {
  const { finishReason = "stop" } = options;
  const last = sse(pieceOf(request, {}, finishReason));
  const usage = usageOf(request, text, options);
  const wantsUsage = request.body.stream_options?.include_usage === true && usage.usage !== undefined;
  const counted = { ...envelope(request, "chat.completion.chunk"), choices: [], ...usage };
  return `${last}${wantsUsage ? sse(counted) : ""}data: [DONE]\n\n`;
}

function usageOf(request: ReceivedRequest, text: string, { usage }: ReplyOptions) {
  if (usage === null) return {};
  const length = request.body.messages.reduce((sum, { content }) => sum + content.length, 0);
  const counts = usage ??
    { prompt_tokens: Math.ceil(length / 4) + 8, completion_tokens: Math.ceil(text.length / 4) };
  return { usage: { ...counts, total_tokens: counts.prompt_tokens + counts.completion_tokens } };
}

function textPieces(text: string): string[] {
  return text.match(/[\s\S]{1,7}/g) ?? [];
}

function sse(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
