/** A request that is answered as a whole. @module */

import { prepare, type Prepared, type ResponseFormat } from "./body.ts";
import type { CallEnd } from "./budget.ts";
import { fingerprintOf, ReplyCache } from "./cache.ts";
import { addUsd, formatUsd } from "./money.ts";
import { sendChat } from "./openai.ts";
import type { ClientOptions } from "./options.ts";
import { type ReadReply, readReply } from "./reply.ts";
import type { Exchange, Runner, RunResult } from "./runner.ts";
import type { Targets } from "./targets.ts";
import type { AiAnswer, AiMessage, AiRefusal, AiReply, AiReplyFacts, AiRequest } from "./types.ts";

/** What the parts of a client share. */
export interface ClientParts {
  options: ClientOptions;
  targets: Targets;
  runner: Runner;
}

/** What a form of call adds to a plain one. */
export interface ChatExtras {
  responseFormat?: ResponseFormat | undefined;
  /** Keeps the reply itself, after it has judged it. */
  keepsReply?: boolean;
}

/** A reply with the cache that would keep it, and its facts as a sum. */
export interface KeptReply {
  reply: AiReply;
  cache: ReplyCache | undefined;
}

/** Asks for a reply: from the cache, or a model, which is asked to go on while it was cut. */
export async function chat(
  parts: ClientParts,
  request: AiRequest,
  extras: ChatExtras = {},
): Promise<KeptReply> {
  const prepared = prepare(request, extras);
  const { options, targets } = parts;
  const fingerprint = await fingerprintOf(prepared, targets.list.map(({ name }) => name));
  const cache = await ReplyCache.open(options.db, request.cache, fingerprint);
  const about = { purpose: request.purpose, function_name: options.functionName };
  const found = targets.list.length === 0 ? undefined : await cache?.find(about);
  if (found !== undefined) return { reply: cached(found), cache: undefined };
  let reply = await askOnce(parts, prepared, fingerprint);
  const { maxContinuations = 0 } = request;
  for (let round = 0; round < maxContinuations && reply.kind === "answered" && reply.isCut; round++) {
    reply = await goOn(parts, prepared, reply, fingerprint);
  }
  if (reply.kind === "answered" && !reply.isCut && !extras.keepsReply) cache?.store(reply.model, reply.text);
  return { reply, cache };
}

/** The facts of a reply together with those of one that was asked for before it. */
export function addFacts<Reply extends AiReply>(reply: Reply, before: AiReplyFacts): Reply {
  const { usage: a, costUsd, requests } = reply;
  const { usage: b } = before;
  return {
    ...reply,
    usage: {
      promptTokens: a.promptTokens + b.promptTokens,
      completionTokens: a.completionTokens + b.completionTokens,
      isEstimate: a.isEstimate || b.isEstimate,
    },
    costUsd: addUsd(costUsd, before.costUsd),
    requests: requests + before.requests,
  };
}

/** What is known of a call that a model ended. */
export function factsOf(
  { target, hold, requests, fixes }: RunResult<unknown>,
  { usage, costPico }: ReturnType<RunResult<unknown>["hold"]["settle"]>,
): AiReplyFacts {
  const { model, endpoint } = target;
  const { budget } = hold;
  return { model, endpoint, usage, costUsd: formatUsd(costPico), isCached: false, requests, budget, fixes };
}

/** A refusal, whether it came as a reply or as an error. */
export async function refusalFrom(
  facts: AiReplyFacts,
  refusal: Pick<AiRefusal, "by" | "message">,
): Promise<AiRefusal> {
  const { sanitizeText } = await import("../errorSanitizer.ts");
  return {
    kind: "refused",
    by: refusal.by,
    message: sanitizeText(refusal.message, { maxLength: 500 }),
    ...facts,
  };
}

/** The end of a request, for the budget and the record. */
export function endOf(reply: ReadReply, body: { messages: readonly AiMessage[] }): CallEnd {
  return {
    outcome: reply.refusal !== undefined ? "refused" : reply.isCut ? "cut" : "answered",
    usage: reply.usage,
    requestId: reply.requestId,
    texts: {
      prompt: body.messages.map(({ role, content }) => `${role}: ${content}`).join("\n"),
      reply: reply.text,
    },
  };
}

async function askOnce(
  { options, runner }: ClientParts,
  prepared: Prepared,
  fingerprint: string,
): Promise<AiReply> {
  const { maxReplyBytes } = options;
  const exchange = async ({ target, body, signal }: Exchange) => {
    const { data, requestId } = await sendChat(target, body, { signal, maxReplyBytes });
    return { read: readReply(data, requestId), body };
  };
  const run = await runner.run({ prepared, fingerprint, exchange }, prepared.request.signal);
  if (run.kind === "refused") return await refusalFrom(factsOf(run, run.usage), run);
  const { read, body } = run.result;
  const facts = factsOf(run, run.hold.settle(endOf(read, body)));
  if (read.refusal !== undefined) return await refusalFrom(facts, read.refusal);
  return { kind: "answered", text: read.text, isCut: read.isCut, ...facts };
}

const GO_ON =
  "Your reply was cut off. Go on exactly where it ended, without repeating anything and without a preface.";

async function goOn(
  parts: ClientParts,
  prepared: Prepared,
  before: AiAnswer,
  fingerprint: string,
): Promise<AiReply> {
  const messages: AiMessage[] = [
    ...prepared.messages,
    { role: "assistant", content: before.text },
    { role: "user", content: GO_ON },
  ];
  // A piece of an object is no object: an endpoint that enforces JSON would begin a new one.
  const next = await askOnce(parts, { ...prepared, messages, responseFormat: undefined }, fingerprint);
  const reply = addFacts(next, before);
  return reply.kind === "answered" ? { ...reply, text: before.text + reply.text } : reply;
}

function cached({ model, reply }: { model: string; reply: string }): AiAnswer {
  return {
    kind: "answered",
    text: reply,
    isCut: false,
    ...{ model, endpoint: "", usage: { promptTokens: 0, completionTokens: 0, isEstimate: false } },
    ...{ costUsd: "0", isCached: true, requests: 0, budget: "fleet", fixes: [] },
  };
}
