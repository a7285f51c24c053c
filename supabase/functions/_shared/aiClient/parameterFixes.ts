/**
 * Parameters that one model knows and another does not: mended once, without loss, and remembered for the model.
 *
 * A fix applies only when the endpoint names the parameter. What a fix cannot do without changing what was asked for
 * (a seed, a schema's strictness) is no fix.
 *
 * @module
 */

import type { ChatBody } from "./body.ts";
import { toStrictSchema } from "./strictSchema.ts";

/** What an endpoint said about a request that it refused. */
export interface ProviderWords {
  status: number | undefined;
  param: string | undefined;
  message: string;
}

/** One way to mend a request; the key is how replies and records name it. */
interface ParameterFix {
  key: string;
  /** Whether the refusal is about what this fix mends. */
  answers(words: ProviderWords): boolean;
  /** The mended body; the very same one when there is nothing to mend in it. */
  apply(body: ChatBody): ChatBody;
}

const FIXES: readonly ParameterFix[] = [
  {
    key: "rename_max_tokens",
    answers: (words) => isAbout(words, "max_tokens") && words.message.includes("max_completion_tokens"),
    apply: renameMaxTokens,
  },
  {
    key: "drop_temperature",
    answers: (words) =>
      isAbout(words, "temperature") && /unsupported|only the default|not supported/i.test(words.message),
    apply: (body) => without(body, "temperature"),
  },
  {
    key: "drop_stream_options",
    answers: (words) => isAbout(words, "stream_options"),
    apply: (body) => without(body, "stream_options"),
  },
  {
    key: "complete_json_schema",
    answers: ({ message }) => message.includes("Invalid schema for response_format"),
    apply: completeSchema,
  },
  {
    key: "say_json",
    answers: ({ message }) => message.includes("must contain the word 'json'"),
    apply: sayJson,
  },
  {
    key: "ask_json_in_prompt",
    answers: (words) =>
      isAbout(words, "response_format") && !words.message.includes("Invalid schema") &&
      /unsupported|not supported|not available|unknown|unrecognized|extra inputs|must be/i.test(
        words.message,
      ),
    apply: (body) => without(body, "response_format"),
  },
];

/** Models that a client has mended parameters for; more than that are names made at run time. */
const MOST_MODELS = 200;

/** Remembers by target what had to be mended. */
export class FixMemory {
  readonly #keys = new Map<string, readonly string[]>();

  /** The body as this target wants it, as far as that is known. */
  apply(target: string, body: ChatBody): { body: ChatBody; keys: readonly string[] } {
    const keys = this.#keys.get(target) ?? [];
    let mended = body;
    const used = FIXES.filter((fix) => keys.includes(fix.key)).filter((fix) => {
      const before = mended;
      mended = fix.apply(mended);
      return mended !== before;
    });
    return { body: mended, keys: used.map(({ key }) => key) };
  }

  /** Learns from a refusal how to ask this target; false when nothing can be mended, or it was in vain before. */
  learn(target: string, body: ChatBody, words: ProviderWords): boolean {
    if (words.status !== 400 && words.status !== 422) return false;
    const known = this.#keys.get(target) ?? [];
    const fix = FIXES.find((one) => one.answers(words) && !known.includes(one.key));
    if (fix === undefined || fix.apply(body) === body) return false;
    if (this.#keys.size >= MOST_MODELS && known.length === 0) {
      this.#keys.delete(this.#keys.keys().next().value!);
    }
    this.#keys.set(target, [...known, fix.key]);
    return true;
  }
}

/** By its parameter, or by the quoted name where a gateway leaves that out. */
function isAbout({ param, message }: ProviderWords, name: string): boolean {
  return param === undefined
    ? new RegExp(`['"\`]${name}['"\`.]`).test(message)
    : param.split(/[.[]/)[0] === name;
}

function without<Key extends keyof ChatBody>(body: ChatBody, key: Key): ChatBody {
  if (!(key in body)) return body;
  const { [key]: _dropped, ...rest } = body;
  return rest as ChatBody;
}

function renameMaxTokens(body: ChatBody): ChatBody {
  const { max_tokens, ...rest } = body;
  return max_tokens === undefined ? body : { ...rest, max_completion_tokens: max_tokens };
}

function completeSchema(body: ChatBody): ChatBody {
  const format = body.response_format;
  if (format?.type !== "json_schema") return body;
  const { json_schema } = format;
  const schema = toStrictSchema(json_schema.schema);
  return { ...body, response_format: { type: "json_schema", json_schema: { ...json_schema, schema } } };
}

function sayJson(body: ChatBody): ChatBody {
  if (body.response_format === undefined) return body;
  return { ...body, messages: [...body.messages, { role: "system", content: "Respond in JSON." }] };
}
