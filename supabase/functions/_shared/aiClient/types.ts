/** The words that the AI client speaks with its callers: requests, replies, refusals. @module */

import type { HealingErrorCode } from "../core/errors.ts";
import type { JsonSchemaLike, JsonValue } from "../robustJsonParser.ts";

/** A tool that a model asked for earlier in a conversation. Nothing here calls it. */
export interface AiToolCall {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
}

/** One message of a conversation. */
export interface AiMessage {
  role: "system" | "user" | "assistant" | "tool";
  content: string;
  /** What the assistant asked for in this message. */
  tool_calls?: readonly AiToolCall[];
  /** Which of them the message of a tool answers. */
  tool_call_id?: string;
}

/** Further parameters by the names that endpoints have for them; one that a model does not know is left out or said otherwise where that loses nothing. */
export interface AiParameters {
  top_p?: number;
  frequency_penalty?: number;
  presence_penalty?: number;
  reasoning_effort?: string;
  verbosity?: string;
  seed?: number;
  stop?: string | readonly string[];
  user?: string;
  safety_identifier?: string;
  /** Any JSON; `completeJson` is the way to a value that fits a schema. */
  response_format?: { type: "json_object" };
}

/** Whether a reply may be given again: to one subject, or to all when the author knows that it holds nothing personal. */
export type AiCacheWish = { ttlSeconds: number; subject: string } | {
  ttlSeconds: number;
  isImpersonal: true;
};

/** What is asked of a model. */
export interface AiRequest {
  messages: readonly AiMessage[];
  /** What it is for, such as `error_analysis`: costs are reported by it. */
  purpose: string;
  /** The most that the model may write, in tokens; 4,096. It bounds what the call can cost. */
  maxOutputTokens?: number;
  /** Left to the model when it is not given. */
  temperature?: number;
  parameters?: AiParameters;
  /** Time for the whole call with its retries and fallbacks, in milliseconds; 120,000 under the deadline rule. */
  timeoutMs?: number;
  /** Gives the reply of an equal request again; only calls that ask for it are cached, and no streams. */
  cache?: AiCacheWish;
  /** How often a cut reply is asked to go on, 0 to 5; 0. The pieces are joined as they are. A stream does not go on. */
  maxContinuations?: number;
  signal?: AbortSignal;
}

/** What is asked of a model that has to answer in JSON. */
export interface AiJsonRequest<T> extends AiRequest {
  /** Judges the value: a zod schema, anything else with `safeParse`, or a Standard Schema. */
  schema: JsonSchemaLike<T>;
  /** Told to the model, and enforced by endpoints that can: a JSON Schema of an object. */
  jsonSchema?: { name: string; schema: Record<string, JsonValue> };
  /** `prompt` asks in words only, for a value that is no object; by default the endpoint is asked for JSON as well. */
  format?: "endpoint" | "prompt";
  /** Whether a cut value is an answer when the schema accepts it; `false`. */
  allowPartial?: boolean;
  /** How often the model is told what was wrong with its reply, 0 to 2; 1. */
  maxReasks?: number;
}

/** Tokens that a call used. */
export interface AiUsage {
  promptTokens: number;
  completionTokens: number;
  /** True when the endpoint did not say, and the most that was possible is counted. */
  isEstimate: boolean;
}

/** Where a reply comes from and what it cost. */
export interface AiReplyFacts {
  model: string;
  /** Host and path of the endpoint; empty for a reply of the cache. */
  endpoint: string;
  usage: AiUsage;
  /** US dollars as a decimal text. */
  costUsd: string;
  isCached: boolean;
  /** Requests that were sent for it. */
  requests: number;
  /** Who kept the budget: all isolates together, or this one alone because there is no database. */
  budget: "fleet" | "isolate";
  /** Parameters that were mended for this model, such as `rename_max_tokens`. */
  fixes: readonly string[];
}

/** The model answered. */
export interface AiAnswer extends AiReplyFacts {
  kind: "answered";
  text: string;
  /** True when the limit of output tokens cut it. */
  isCut: boolean;
}

/** Who refused: the model itself, the endpoint's filter of contents, its policy on prompts, or its list of regions. */
export type AiRefuser = "model" | "filter" | "policy" | "region";

/** The model did not want to answer, or was not allowed to. It is never asked elsewhere. */
export interface AiRefusal extends AiReplyFacts {
  kind: "refused";
  by: AiRefuser;
  /** In the refuser's words, sanitised. */
  message: string;
}

/** What comes of a request. */
export type AiReply = AiAnswer | AiRefusal;

/** The model answered with a value that the schema accepts. */
export interface AiJsonAnswer<T> extends AiAnswer {
  value: T;
}

/** What comes of a request for JSON. */
export type AiJsonReply<T> = AiJsonAnswer<T> | AiRefusal;

/** Whether there is a model to call. */
export type AiAvailability = { available: true; models: readonly string[] } | {
  available: false;
  reason: string;
};

/** A reply while it is being written: iterate it once; `reply` settles with the end. */
export interface AiTextStream extends AsyncIterable<string> {
  readonly reply: Promise<AiReply>;
}

/** A JSON value while it is being written: each step gives the value so far; `reply` settles with the judged end. */
export interface AiJsonStream<T> extends AsyncIterable<JsonValue> {
  readonly reply: Promise<AiJsonReply<T>>;
}

/** A target that failed on the way, in order; stands in the details of the last error as `tried`. */
export interface AiFailedTarget {
  target: string;
  errorType: string;
  code: HealingErrorCode;
}
