/**
 * What a model's API finds wrong with a request, judged from the request alone by the class of the refusal: the
 * stand-in refuses as long as the request has it, as the real one does.
 *
 * @module
 */

import { isRecord } from "../../supabase/functions/_shared/core/unknownValues.ts";
import type { Case } from "./cases.ts";

/** The class of a refusal, with what a request has to have for it. */
export type Defect =
  /** The request holds a parameter that the model does not know; the replacement has to come in its place. */
  | { kind: "parameter"; name: string; replacement: string | undefined }
  /** The parameter is known, and not this value. */
  | { kind: "value"; name: string }
  | { kind: "schema" }
  | { kind: "jsonWord" }
  | { kind: "toolAnswers" }
  /** The request is longer than the model takes. */
  | { kind: "length" }
  /** More output tokens are asked for than the model can write. */
  | { kind: "outputBound"; most: number }
  /** The model takes no instructions as such. */
  | { kind: "systemRole" };

/** The most characters that the stand-in of a refusal by length takes. */
export const MOST_CHARACTERS = 8_192;

/** What the stand-in says for a limit that a row leaves open. */
export const SAID_LIMIT = 8_192;
const OUTPUT_BOUND = /too large|at most|maximum allowed|less than or equal|no more than|\d > |\} > |<=/;

/** The class of a row's refusal; undefined for what lies in no part of the request. */
export function defectOf({ error }: Case): Defect | undefined {
  const body = isRecord(error.body) && isRecord(error.body.error) ? error.body.error : {};
  const message = typeof body.message === "string" ? body.message : error.message ?? "";
  const param = typeof body.param === "string" ? body.param : undefined;
  if (/Invalid schema for response_format|additionalProperties|'required' is required/.test(message)) {
    return { kind: "schema" };
  }
  if (/must contain the word ['"`]?json/i.test(message)) return { kind: "jsonWord" };
  if (
    /tool_calls?\W{0,2} must be followed|tool_call_ids? did not|tool_use\W{0,2} ids were found/.test(message)
  ) {
    return { kind: "toolAnswers" };
  }
  if (/role\W{0,2} does not support \W?system/.test(message)) return { kind: "systemRole" };
  if (/max_(?:completion_)?tokens/.test(`${param} ${message}`) && OUTPUT_BOUND.test(message)) {
    const most = Number(/(?:at most|>|equal to|<=) ?(\d{2,7})/.exec(message)?.[1] ?? SAID_LIMIT);
    return { kind: "outputBound", most };
  }
  if (isTooLong(message, body.code)) return { kind: "length" };
  const name = param ?? /['"`]([a-z_]{2,40})['"`]/.exec(message)?.[1] ??
    /(?:^|: |supplied: )([a-z]+_[a-z_]+)(?::|\s|$)/.exec(message)?.[1];
  if (name === undefined) return undefined;
  if (/unsupported value|only the default|does not support/i.test(message)) return { kind: "value", name };
  if (/unsupported|unrecognized|unknown|not permitted|not supported/i.test(message)) {
    return { kind: "parameter", name, replacement: /\buse ['"`]([a-z_]{2,40})['"`]/i.exec(message)?.[1] };
  }
  return undefined;
}

function isTooLong(message: string, code: unknown): boolean {
  return code === "context_length_exceeded" ||
    /maximum context length|prompt is too long|Request too large for|reduce the length/i.test(message);
}

/** Whether a request still has the defect. */
export function isDefective(defect: Defect, body: unknown): boolean {
  if (!isRecord(body)) return true;
  switch (defect.kind) {
    case "parameter":
      // A limit that is dropped instead of renamed would be another request.
      return defect.name in body || (defect.replacement !== undefined && !(defect.replacement in body));
    case "value":
      return defect.name in body && body[defect.name] !== 1;
    case "schema":
      return !isStrict(schemaIn(body));
    case "jsonWord":
      return !isRecord(body.response_format) || !/json/i.test(textsOf(body).join("\n"));
    case "toolAnswers":
      return owesAnswers(messagesOf(body));
    case "outputBound":
      return [body.max_tokens, body.max_completion_tokens].some((tokens) => Number(tokens) > defect.most);
    case "systemRole":
      return messagesOf(body).some(({ role }) => role === "system");
    case "length":
      return textsOf(body).join("").length > MOST_CHARACTERS;
  }
}

function schemaIn(body: Record<string, unknown>): unknown {
  const format = body.response_format;
  const inner = isRecord(format) ? format.json_schema : undefined;
  // Whoever takes the strictness out has not mended the schema.
  return isRecord(inner) && inner.strict === true ? inner.schema : undefined;
}

function isStrict(schema: unknown): boolean {
  if (!isRecord(schema)) return false;
  const { properties, items, required, additionalProperties } = schema;
  const inner = isRecord(properties) ? Object.values(properties) : [];
  const isClosed = !isRecord(properties) || (additionalProperties === false &&
    Object.keys(properties).every((key) => Array.isArray(required) && required.includes(key)));
  return isClosed && inner.every(isStrict) && (items === undefined || isStrict(items));
}

function messagesOf(body: Record<string, unknown>): Record<string, unknown>[] {
  return Array.isArray(body.messages) ? body.messages.filter(isRecord) : [];
}

function textsOf(body: Record<string, unknown>): string[] {
  return messagesOf(body).map(({ content }) =>
    typeof content === "string" ? content : JSON.stringify(content)
  );
}

function owesAnswers(messages: readonly Record<string, unknown>[]): boolean {
  return messages.some(({ tool_calls }, index) => {
    if (!Array.isArray(tool_calls)) return false;
    const behind = messages.slice(index + 1);
    const end = behind.findIndex(({ role }) => role !== "tool");
    const answered = new Set(
      (end < 0 ? behind : behind.slice(0, end)).map(({ tool_call_id }) => tool_call_id),
    );
    return tool_calls.some((call) => !isRecord(call) || !answered.has(call.id));
  });
}
