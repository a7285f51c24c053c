/** The ways in which a request is said otherwise: each gives the very same body when there is nothing to mend in it. @module */

import type { ChatBody } from "./body.ts";
import { toStrictSchema } from "./strictSchema.ts";
import type { AiMessage } from "./types.ts";

/** What is said in the place of a tool's answer: that there is none, and nothing about what the tool did. */
const NO_ANSWER = "No result was recorded for this call; whether it was made is not known.";

/** Without one parameter. */
export function without(body: ChatBody, key: string): ChatBody {
  if (!(key in body)) return body;
  const { [key as keyof ChatBody]: _dropped, ...rest } = body;
  return rest as ChatBody;
}

/** With one parameter under another name; a value that stands there already is not replaced. */
export function renamed(body: ChatBody, from: string, to: string): ChatBody {
  if (!(from in body) || to in body) return body;
  return { ...without(body, from), [to]: body[from as keyof ChatBody] };
}

/** With no more output tokens than the model can write. */
export function withAtMost(body: ChatBody, tokens: number): ChatBody {
  const names = (["max_tokens", "max_completion_tokens"] as const).filter((name) =>
    (body[name] ?? 0) > tokens
  );
  return names.reduce((mended, name) => ({ ...mended, [name]: tokens }), body);
}

/** With a schema as strict endpoints want it. */
export function withStrictSchema(body: ChatBody): ChatBody {
  const format = body.response_format;
  if (format?.type !== "json_schema") return body;
  const { json_schema } = format;
  const schema = toStrictSchema(json_schema.schema);
  return { ...body, response_format: { type: "json_schema", json_schema: { ...json_schema, schema } } };
}

/** With a message that says the word. */
export function sayingJson(body: ChatBody): ChatBody {
  if (body.response_format === undefined) return body;
  return { ...body, messages: [...body.messages, { role: "system", content: "Respond in JSON." }] };
}

/** Without the parameter that asks for JSON, which the messages then have to do. */
export function askingJsonInWords(body: ChatBody): ChatBody {
  const isAsked = body.messages.some(({ content }) => /json/i.test(content));
  return without(isAsked ? body : sayingJson(body), "response_format");
}

/** With instructions as a person's words, for models that know no others. */
export function withoutSystemRole(body: ChatBody): ChatBody {
  if (!body.messages.some(({ role }) => role === "system")) return body;
  const messages = body.messages.map((message): AiMessage =>
    message.role === "system" ? { ...message, role: "user" } : message
  );
  return { ...body, messages };
}

/** With an answer for each tool that was asked for: where none was recorded, it says so. */
export function withToolAnswers(body: ChatBody): ChatBody {
  const messages = body.messages.flatMap((message, index) => {
    const owed = owedAt(body.messages, index);
    return [
      message,
      ...owed.map((id): AiMessage => ({ role: "tool", content: NO_ANSWER, tool_call_id: id })),
    ];
  });
  return messages.length === body.messages.length ? body : { ...body, messages };
}

/** The calls that end unanswered behind this message: the last one of a question and its answers. */
function owedAt(messages: readonly AiMessage[], index: number): string[] {
  if (messages[index + 1]?.role === "tool") return [];
  let start = index;
  while (messages[start]?.role === "tool") start--;
  const answered = new Set(messages.slice(start + 1, index + 1).map(({ tool_call_id }) => tool_call_id));
  return (messages[start]?.tool_calls ?? []).map(({ id }) => id).filter((id) => !answered.has(id));
}
