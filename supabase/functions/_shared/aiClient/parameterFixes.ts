/**
 * Requests that one model takes and another does not: mended once, without loss, and remembered for the model.
 *
 * A fix applies only when the endpoint names what it refuses. What a fix cannot do without changing what was asked for
 * (a seed, a stop, a schema's strictness, the length of a prompt) is no fix.
 *
 * @module
 */

import type { ChatBody } from "./body.ts";
import * as mend from "./bodyFixes.ts";

/** What an endpoint said about a request that it refused. */
export interface ProviderWords {
  status: number | undefined;
  param: string | undefined;
  message: string;
}

/** One way to mend a request; the key is how replies and records name it. */
interface ParameterFix {
  key: string;
  /** Whether the refusal is about what this fix mends; a number is the bound that it names. */
  answers(words: ProviderWords): boolean | number;
  /** The mended body; the very same one when there is nothing to mend in it. */
  apply(body: ChatBody, bound: number): ChatBody;
}

const RENAMES = [
  ["max_tokens", "max_completion_tokens"],
  ["max_completion_tokens", "max_tokens"],
  ["user", "safety_identifier"],
] as const;

/** Preferences of style, which a model that does not know them has a default for. */
const PREFERENCES = [
  "temperature",
  "top_p",
  "frequency_penalty",
  "presence_penalty",
  "reasoning_effort",
  "verbosity",
];

const UNSUPPORTED =
  /unsupported|not support|only the default|unrecognized|unknown|not permitted|not allowed|not available|deprecated/i;

/** The most that a model can write, as OpenAI, Anthropic and others say it. */
const OUTPUT_BOUNDS = [
  /at most (\d{1,7}) (?:completion|output) tokens/i,
  /max_(?:completion_)?tokens: \d{1,9} > (\d{1,7})/,
  /max_(?:completion_)?tokens\W{1,3}(?:must|should|has to) be (?:less than or equal to|at most|no more than|<=|in the range \[\d+,|\[\d+,) ?(\d{1,7})/i,
];

const FIXES: readonly ParameterFix[] = [
  ...RENAMES.map(([from, to]): ParameterFix => ({
    key: `rename_${from}`,
    answers: (words) =>
      isAbout(words, from) && UNSUPPORTED.test(words.message) &&
      new RegExp(`\\b${to}\\b`).test(words.message),
    apply: (body) => mend.renamed(body, from, to),
  })),
  ...PREFERENCES.map((name): ParameterFix => ({
    key: `drop_${name}`,
    answers: (words) => isAbout(words, name) && UNSUPPORTED.test(words.message),
    apply: (body) => mend.without(body, name),
  })),
  {
    key: "drop_stream_options",
    answers: (words) => isAbout(words, "stream_options"),
    apply: (body) => mend.without(body, "stream_options"),
  },
  {
    key: "lower_max_tokens",
    answers: ({ message }) => boundIn(message) ?? false,
    apply: (body, bound) => mend.withAtMost(body, bound),
  },
  {
    key: "complete_json_schema",
    answers: ({ message }) => message.includes("Invalid schema for response_format"),
    apply: mend.withStrictSchema,
  },
  {
    key: "say_json",
    answers: ({ message }) => /must contain the word ['"`]?json/i.test(message),
    apply: mend.sayingJson,
  },
  {
    key: "ask_json_in_prompt",
    answers: (words) =>
      isAbout(words, "response_format") && !words.message.includes("Invalid schema") &&
      /unsupported|not supported|not available|unknown|unrecognized|extra inputs|must be/i.test(
        words.message,
      ),
    apply: mend.askingJsonInWords,
  },
  {
    key: "say_instructions_as_user",
    answers: ({ message }) => /role['"`]? does not support ['"`]system['"`]/.test(message),
    apply: mend.withoutSystemRole,
  },
  {
    key: "answer_tool_calls",
    answers: ({ message }) =>
      /tool_calls?['"`]? must be followed by|tool_call_ids? did not have response|tool_use[`'"]? ids were found without/
        .test(message),
    apply: mend.withToolAnswers,
  },
];

/** A fix that a target needs, with the bound that it named. */
interface KnownFix {
  key: string;
  bound: number;
}

/** Models that a client has mended parameters for; more than that are names made at run time. */
const MOST_MODELS = 200;

/** Remembers by target what had to be mended. */
export class FixMemory {
  readonly #known = new Map<string, readonly KnownFix[]>();

  /** The body as this target wants it, as far as that is known. */
  apply(target: string, body: ChatBody): { body: ChatBody; keys: readonly string[] } {
    const known = this.#known.get(target) ?? [];
    let mended = body;
    const used = FIXES.filter((fix) => {
      const one = known.find(({ key }) => key === fix.key);
      const before = mended;
      if (one !== undefined) mended = fix.apply(mended, one.bound);
      return mended !== before;
    });
    return { body: mended, keys: used.map(({ key }) => key) };
  }

  /** Learns from a refusal how to ask this target; false when nothing can be mended, or it was in vain before. */
  learn(target: string, body: ChatBody, words: ProviderWords): boolean {
    if (words.status !== 400 && words.status !== 422) return false;
    const known = this.#known.get(target) ?? [];
    for (const fix of FIXES) {
      const answer = fix.answers(words);
      const bound = Number(answer);
      // A bound that another server of the endpoint names later may be lower still.
      if (answer === false || known.some((one) => one.key === fix.key && one.bound <= bound)) continue;
      if (fix.apply(body, bound) === body) continue;
      this.#remember(target, [...known.filter(({ key }) => key !== fix.key), { key: fix.key, bound }]);
      return true;
    }
    return false;
  }

  #remember(target: string, fixes: readonly KnownFix[]): void {
    if (this.#known.size >= MOST_MODELS && !this.#known.has(target)) {
      this.#known.delete(this.#known.keys().next().value!);
    }
    this.#known.set(target, fixes);
  }
}

/** By its parameter, or by its name in the words of a gateway that leaves the parameter out. */
function isAbout({ param, message }: ProviderWords, name: string): boolean {
  if (param !== undefined) return param.split(/[.[]/)[0] === name;
  return new RegExp(
    `['"\`]${name}['"\`.]|(?:supplied|parameters?|arguments?|fields?|inputs?):? ${name}\\b|(?:^|\\s)${name}: `,
  ).test(message);
}

function boundIn(message: string): number | undefined {
  return OUTPUT_BOUNDS.map((words) => Number(words.exec(message)?.[1])).find((bound) => bound >= 1);
}
