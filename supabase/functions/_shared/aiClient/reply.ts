/** Reads what an endpoint sent as a reply, without trusting its shape. @module */

import { isRecord } from "../core/unknownValues.ts";
import type { AiRefuser } from "./types.ts";

/** Tokens as an endpoint reported them. */
export interface ReportedUsage {
  promptTokens: number;
  completionTokens: number;
}

/** A reply as it was read. */
export interface ReadReply {
  text: string;
  isCut: boolean;
  refusal: { by: AiRefuser; message: string } | undefined;
  usage: ReportedUsage | undefined;
  requestId: string | undefined;
}

/** What was answered is no reply: HTML of a proxy, no choices, a protocol of something else. */
export class InvalidReplyError extends Error {
  override name = "InvalidReplyError";
}

/** An error that came as the body of an answer with status 200, in the shape that the package gives to others. */
export class WrappedProviderError extends Error {
  override name = "APIError";
  readonly status: number | undefined;
  readonly code: unknown;
  readonly type: unknown;
  readonly param: unknown;

  constructor(readonly error: Record<string, unknown>) {
    super(typeof error.message === "string" ? error.message : "the endpoint reported an error without words");
    const status = Number(error.code ?? error.status);
    this.status = Number.isInteger(status) && status >= 400 && status <= 599 ? status : undefined;
    this.code = error.code;
    this.type = error.type;
    this.param = error.param;
  }
}

/** More tokens than any model has: whoever reports them has made them up. */
const MOST_TOKENS = 1_000_000_000;

/** The reply in the body of an answer; throws {@link InvalidReplyError} or {@link WrappedProviderError}. */
export function readReply(data: unknown, requestId: string | undefined): ReadReply {
  const body = bodyOf(data);
  throwIfError(body.error);
  const choice = firstChoice(body);
  if (choice === undefined) throw new InvalidReplyError("The answer has no choices");
  throwIfError(choice.error);
  const message = choice.message;
  if (!isRecord(message)) throw new InvalidReplyError("The answer's choice has no message");
  const text = textOf(message.content);
  const refusal = refusalOf(choice, typeof message.refusal === "string" ? message.refusal : "");
  const isCut = choice.finish_reason === "length";
  if (text === "" && refusal === undefined && !isCut) {
    throw new InvalidReplyError("The answer's message is empty");
  }
  return { text, isCut, refusal, usage: readUsage(body.usage), requestId };
}

/** One piece of a reply that streams. */
export interface ReadPiece {
  text: string;
  refusal: string;
  finishReason: string | undefined;
  usage: ReportedUsage | undefined;
}

/** Reads a piece; throws {@link WrappedProviderError} for an error inside of the stream. */
export function readPiece(data: unknown): ReadPiece {
  const body = isRecord(data) ? data : {};
  throwIfError(body.error);
  const choice = firstChoice(body) ?? {};
  throwIfError(choice.error);
  const delta = isRecord(choice.delta) ? choice.delta : {};
  return {
    text: textOf(delta.content),
    refusal: typeof delta.refusal === "string" ? delta.refusal : "",
    finishReason: typeof choice.finish_reason === "string" ? choice.finish_reason : undefined,
    usage: readUsage(body.usage),
  };
}

/** Who refused, if anybody did. */
export function refusalOf(
  choice: { finish_reason?: unknown },
  words: string,
): { by: AiRefuser; message: string } | undefined {
  if (words !== "") return { by: "model", message: words };
  return choice.finish_reason === "content_filter"
    ? { by: "filter", message: "the endpoint's filter held the reply back" }
    : undefined;
}

/** Some gateways send JSON as plain text. */
function bodyOf(data: unknown): Record<string, unknown> {
  let body = data;
  if (typeof data === "string") {
    try {
      body = JSON.parse(data);
    } catch {
      throw new InvalidReplyError("The answer is no JSON");
    }
  }
  if (!isRecord(body)) throw new InvalidReplyError("The answer is no object");
  return body;
}

function throwIfError(error: unknown): void {
  if (isRecord(error)) throw new WrappedProviderError(error);
  if (typeof error === "string" && error !== "") throw new WrappedProviderError({ message: error });
}

function firstChoice(body: Record<string, unknown>): Record<string, unknown> | undefined {
  const first: unknown = Array.isArray(body.choices) ? body.choices[0] : undefined;
  return isRecord(first) ? first : undefined;
}

/** A text, or the texts of its parts. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => isRecord(part) && typeof part.text === "string" ? part.text : "").join("");
}

function readUsage(usage: unknown): ReportedUsage | undefined {
  if (!isRecord(usage)) return undefined;
  const { prompt_tokens: promptTokens, completion_tokens: completionTokens } = usage;
  return isCount(promptTokens) && isCount(completionTokens) ? { promptTokens, completionTokens } : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MOST_TOKENS;
}
