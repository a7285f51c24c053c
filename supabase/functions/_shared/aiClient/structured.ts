/**
 * A reply as a value that a schema accepts.
 *
 * The model is asked for JSON in words, and the endpoint by its parameter where it can. What comes back is read by
 * the robust parser and judged by the schema. A reply that does not fit is shown to the model with what was wrong; one
 * that was cut is not, since it would be cut again.
 *
 * @module
 */

import { JsonParseError, type JsonSchemaLike, type JsonValue, robustJSONParse } from "../robustJsonParser.ts";
import { prepare, type ResponseFormat } from "./body.ts";
import { addFacts, chat, type ClientParts } from "./chat.ts";
import { withoutStandIns } from "./strictSchema.ts";
import type { AiAnswer, AiJsonReply, AiJsonRequest, AiMessage, AiReplyFacts } from "./types.ts";

const JSON_ALONE =
  "Reply with one JSON value alone: no prose before or after it, no code fence, no comments.";
const MAX_ISSUES = 1_500;
/** What another reply may mend. */
const MENDABLE: ReadonlySet<string> = new Set(["JSON_INVALID", "JSON_SCHEMA_MISMATCH"]);

/** Asks for a value; throws a `JsonParseError` when no reply fits, `JSON_TRUNCATED` when it was cut. */
export async function completeJson<T>(
  parts: ClientParts,
  request: AiJsonRequest<T>,
): Promise<AiJsonReply<T>> {
  const { maxReasks = 1 } = request;
  if (!(Number.isInteger(maxReasks) && maxReasks >= 0 && maxReasks <= 2)) {
    throw new RangeError(`Cannot ask a model as "maxReasks" must be 0 to 2: current value is ${maxReasks}`);
  }
  const asked = askForJson(request);
  const responseFormat = formatOf(request);
  prepare(asked, { responseFormat });
  let messages = asked.messages;
  let before: AiReplyFacts | undefined;
  for (let reask = 0;; reask++) {
    const { reply, cache } = await chat(parts, { ...asked, messages }, { responseFormat, keepsReply: true });
    const sum = before === undefined ? reply : addFacts(reply, before);
    if (sum.kind === "refused") return sum;
    try {
      const value = await readValue(parts, request, sum);
      if (reask === 0 && !sum.isCached && !sum.isCut) cache?.store(sum.model, sum.text);
      return { ...sum, value };
    } catch (error) {
      if (!(error instanceof JsonParseError) || reask >= maxReasks || !MENDABLE.has(error.code)) throw error;
      messages = [...messages, { role: "assistant", content: sum.text }, {
        role: "user",
        content: sayIssues(error),
      }];
      before = sum;
    }
  }
}

/** The request with the words that ask for JSON, in the message that every endpoint takes them from: the first. */
export function askForJson<T>(request: AiJsonRequest<T>): AiJsonRequest<T> {
  const { jsonSchema, messages } = request;
  const words = jsonSchema === undefined
    ? JSON_ALONE
    : `${JSON_ALONE} It has to fit this JSON Schema:\n${JSON.stringify(jsonSchema.schema)}`;
  const [first, ...rest] = messages;
  const asked: AiMessage[] = first?.role === "system"
    ? [{ role: "system", content: `${first.content}\n\n${words}` }, ...rest]
    : [{ role: "system", content: words }, ...messages];
  return { ...request, messages: asked };
}

/** How the endpoint is asked. */
export function formatOf<T>(
  { format = "endpoint", jsonSchema }: AiJsonRequest<T>,
): ResponseFormat | undefined {
  if (format === "prompt") return undefined;
  if (jsonSchema === undefined) return { type: "json_object" };
  return {
    type: "json_schema",
    json_schema: { name: jsonSchema.name, strict: true, schema: jsonSchema.schema },
  };
}

/** The value of a reply; a reply without any JSON that was cut is cut, not wrong. */
export async function readValue<T>(
  { options }: ClientParts,
  request: AiJsonRequest<T>,
  reply: AiAnswer,
): Promise<T> {
  const { jsonReports, clock } = options;
  try {
    return await robustJSONParse(reply.text, {
      ...jsonReports,
      schema: judgeWithoutStandIns(request),
      allowPartial: request.allowPartial ?? false,
      clock,
    });
  } catch (error) {
    if (!(error instanceof JsonParseError) || error.code !== "JSON_INVALID" || !reply.isCut) throw error;
    const { position, excerpt, tried, partialValue } = error;
    throw new JsonParseError("JSON_TRUNCATED", "Cannot read the reply as JSON: it was cut before any value", {
      ...{ position, excerpt, tried, partialValue },
      cause: error,
    });
  }
}

/** Nulls that only the endpoint's strictness asked for never reach the schema. */
function judgeWithoutStandIns<T>({ schema, jsonSchema }: AiJsonRequest<T>): JsonSchemaLike<T> {
  if (jsonSchema === undefined) return schema;
  const clean = (value: unknown) => withoutStandIns(value as JsonValue, jsonSchema.schema);
  if ("~standard" in schema) {
    const standard = schema["~standard"];
    return { "~standard": { ...standard, validate: (value) => standard.validate(clean(value)) } };
  }
  return { safeParse: (value) => schema.safeParse(clean(value)) };
}

function sayIssues(error: JsonParseError): string {
  return `That did not fit: ${issuesOf(error).slice(0, MAX_ISSUES)}\n${JSON_ALONE} Correct it.`;
}

/** What the schema said, by path; a value of the reply is not repeated. */
function issuesOf({ code, cause }: JsonParseError): string {
  const issues: unknown = Array.isArray(cause) ? cause : (cause as { issues?: unknown } | undefined)?.issues;
  if (code === "JSON_INVALID" || !Array.isArray(issues)) return "it was no JSON";
  return issues.map((issue) => {
    const { path, message } = issue as { path?: unknown; message?: unknown };
    const place = Array.isArray(path) && path.length > 0 ? path.map(String).join(".") : "the value";
    return `${place}: ${String(message)}`;
  }).join("; ");
}
