/** The body of a request, and the most tokens that it can use. @module */

import { optionCheck } from "../core/options.ts";
import type { JsonValue } from "../robustJsonParser.ts";
import type { AiMessage, AiParameters, AiRequest } from "./types.ts";

const require = optionCheck("ask a model");

/** How the endpoint is asked for JSON. */
export type ResponseFormat = { type: "json_object" } | {
  type: "json_schema";
  json_schema: { name: string; strict: true; schema: Record<string, JsonValue> };
};

/** What is sent, apart from whether it streams. */
export interface ChatBody extends Omit<AiParameters, "response_format"> {
  model: string;
  messages: AiMessage[];
  max_tokens?: number;
  max_completion_tokens?: number;
  temperature?: number;
  response_format?: ResponseFormat;
  stream_options?: { include_usage: boolean };
}

/** A request with its defaults, ready for any target. */
export interface Prepared {
  request: AiRequest;
  messages: AiMessage[];
  maxOutputTokens: number;
  responseFormat: ResponseFormat | undefined;
  isStream: boolean;
}

/** Anything else would change what a call costs, or what kind of answer comes. */
const PARAMETERS: ReadonlySet<string> = new Set([
  ...["top_p", "frequency_penalty", "presence_penalty", "reasoning_effort", "verbosity"],
  ...["seed", "stop", "user", "safety_identifier", "response_format"],
]);

const DEFAULT_OUTPUT = 4_096;
/** Role and delimiters: what a message has besides its text, generously. */
const TOKENS_BESIDES = 16;
/** What is said in the place of an answer that a tool owes. */
const TOKENS_OF_ANSWER = 128;
/** The start of the reply, and a line that a mended request may have more. */
const TOKENS_AROUND = 64;

/** Reads a request; throws a `RangeError` or `TypeError` that names what makes no sense. */
export function prepare(
  request: AiRequest,
  extras: { responseFormat?: ResponseFormat | undefined; isStream?: boolean } = {},
): Prepared {
  const { messages, purpose, maxOutputTokens = DEFAULT_OUTPUT, temperature, maxContinuations = 0 } = request;
  const areTexts = messages.every((message) => typeof message.content === "string");
  if (messages.length === 0 || !areTexts) {
    throw new TypeError(
      `Cannot ask a model without messages that are texts: current value is ${messages.length}`,
    );
  }
  require("purpose", `"${purpose}"`, /^\S.{0,199}$/.test(purpose), "1 to 200 characters");
  require("maxOutputTokens", maxOutputTokens, isWhole(maxOutputTokens, 1, 1_000_000), "1 to 1,000,000");
  require(
    "temperature",
    temperature,
    temperature === undefined || (temperature >= 0 && temperature <= 2),
    "0 to 2",
  );
  require("maxContinuations", maxContinuations, isWhole(maxContinuations, 0, 5), "0 to 5");
  const strange = Object.keys(request.parameters ?? {}).find((name) => !PARAMETERS.has(name));
  require("parameters", `"${strange}"`, strange === undefined, `of ${[...PARAMETERS].join(", ")}`);
  const { responseFormat = request.parameters?.response_format, isStream = false } = extras;
  return { request, messages: messages.map(plainMessage), maxOutputTokens, responseFormat, isStream };
}

function plainMessage({ role, content, tool_calls, tool_call_id }: AiMessage): AiMessage {
  return {
    role,
    content,
    ...(tool_calls === undefined ? {} : { tool_calls }),
    ...(tool_call_id === undefined ? {} : { tool_call_id }),
  };
}

/** The body for one model, before anything is mended. */
export function bodyFor(model: string, prepared: Prepared): ChatBody {
  const { messages, maxOutputTokens, responseFormat, isStream, request } = prepared;
  const { temperature, parameters: { response_format: _taken, ...parameters } = {} } = request;
  return {
    ...parameters,
    model,
    messages,
    max_tokens: maxOutputTokens,
    ...(temperature === undefined ? {} : { temperature }),
    ...(responseFormat === undefined ? {} : { response_format: responseFormat }),
    ...(isStream ? { stream_options: { include_usage: true } } : {}),
  };
}

/**
 * The most tokens that a request can use. A tokenizer that works on bytes makes at most one token of each, so that
 * this is a bound and not a guess; what is really used takes its place afterwards.
 */
export function boundTokens(prepared: Prepared): { promptTokens: number; completionTokens: number } {
  const format = prepared.responseFormat === undefined ? "" : JSON.stringify(prepared.responseFormat);
  // A schema that has to be completed for its endpoint grows.
  const around = TOKENS_AROUND + 2 * byteLength(format);
  const promptTokens = prepared.messages.reduce(
    (sum, { content, tool_calls = [] }) =>
      sum + byteLength(content) + TOKENS_BESIDES +
      tool_calls.reduce((all, call) => all + byteLength(JSON.stringify(call)) + TOKENS_OF_ANSWER, 0),
    around,
  );
  return { promptTokens, completionTokens: prepared.maxOutputTokens };
}

/** The length of a text in UTF-8, without making the bytes. */
export function byteLength(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.codePointAt(index)!;
    if (code > 0x7f) bytes += code > 0x7ff ? 2 : 1;
    // Two units became four bytes.
    if (code > 0xffff) index++;
  }
  return bytes;
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
