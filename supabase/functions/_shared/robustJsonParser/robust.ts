/**
 * The asynchronous entry: a value or a thrown {@link JsonParseError}, judged by a schema, reported through a port.
 *
 * @module
 */

import { type Clock, systemClock } from "../core/clock.ts";
import { candidates } from "./candidates.ts";
import { excerptAround, JsonParseError, jsonParseError } from "./jsonParseError.ts";
import {
  describeError,
  describeRepairs,
  describeText,
  hand,
  type JsonParsePort,
  type TextSanitiser,
} from "./jsonParsePort.ts";
import { accept, parseJson } from "./parse.ts";
import { type JsonSchemaLike, judge } from "./schema.ts";
import type { JsonValue, ParseOptions, ParseSuccess } from "./types.ts";

/** How {@link robustJSONParse} reads, judges and reports. */
export interface RobustParseOptions<T> extends ParseOptions, JsonParsePort {
  /** The last judge: a zod schema, anything else with `safeParse`, or a Standard Schema. */
  schema?: JsonSchemaLike<T>;
  /** Cleans the text of reports and of the error's excerpt; without it reports hold the text's shape only. */
  sanitise?: TextSanitiser;
  clock?: Clock;
}

/** Reads JSON as models write it, or throws a {@link JsonParseError}; each failure and each repair is reported. */
export async function robustJSONParse<T = JsonValue>(
  text: string,
  options: RobustParseOptions<T> = {},
): Promise<T> {
  const { schema } = options;
  const chosen = schema === undefined
    ? readPlainly<T>(text, options)
    : await readJudged(text, options, schema);
  if (chosen instanceof JsonParseError) {
    throw reportFailure(text, chosen, options);
  }
  reportRepairs(text, chosen.success, options);
  return chosen.value;
}

interface Chosen<T> {
  value: T;
  success: ParseSuccess;
}

function readPlainly<T>(text: string, options: ParseOptions): Chosen<T> | JsonParseError {
  const result = parseJson(text, options);
  return result.ok ? { value: result.value as T, success: result } : result.error;
}

/** The first reading that the schema accepts. */
async function readJudged<T>(
  text: string,
  options: ParseOptions,
  schema: JsonSchemaLike<T>,
): Promise<Chosen<T> | JsonParseError> {
  let refusal: JsonParseError | undefined;
  for (const candidate of candidates(text, options)) {
    const accepted = accept(text, candidate, options, ["standard", "schema"]);
    if (!accepted.ok) {
      refusal ??= accepted.error;
      continue;
    }
    const verdict = await judge(schema, candidate.value);
    if (verdict.ok) return { value: verdict.value, success: candidate };
    refusal ??= mismatch(text, candidate, verdict.issues);
  }
  return refusal ?? failureOf(text, options);
}

function mismatch(text: string, read: ParseSuccess, issues: unknown): JsonParseError {
  return new JsonParseError(
    "JSON_SCHEMA_MISMATCH",
    "Cannot accept the JSON: the schema refuses every reading of it",
    {
      position: read.cutAt ?? 0,
      excerpt: excerptAround(text, read.cutAt ?? 0),
      tried: ["standard", "schema"],
      partialValue: read.value,
      repairs: read.repairs,
      cause: issues,
    },
  );
}

function failureOf(text: string, options: ParseOptions): JsonParseError {
  const result = parseJson(text, options);
  return result.ok
    ? jsonParseError("JSON_INVALID", text, 0, ["schema"], "no reading was left to judge")
    : result.error;
}

function reportFailure<T>(
  text: string,
  error: JsonParseError,
  options: RobustParseOptions<T>,
): JsonParseError {
  const shown = typeof text === "string" ? text : "";
  hand(options.onFailure, () => ({ ...describeNow(shown, options), error: describeError(error) }));
  return options.sanitise === undefined ? error : withCleanExcerpt(error, options.sanitise);
}

function withCleanExcerpt(error: JsonParseError, sanitise: TextSanitiser): JsonParseError {
  let excerpt = "";
  try {
    excerpt = sanitise(error.excerpt, { maxLength: 500 }).slice(0, 500);
  } catch {
    // A sanitiser that fails must not let the raw text through.
  }
  const { code, message, position, tried, partialValue, repairs, cause } = error;
  return new JsonParseError(code, message, {
    position,
    excerpt,
    tried,
    partialValue,
    repairs,
    cause,
  });
}

function reportRepairs<T>(text: string, success: ParseSuccess, options: RobustParseOptions<T>): void {
  if (success.complete && success.repairs.length === 0) return;
  hand(options.onRepair, () => ({
    ...describeNow(text, options),
    level: success.level,
    complete: success.complete,
    ...describeRepairs(success.repairs),
  }));
}

function describeNow<T>(text: string, options: RobustParseOptions<T>) {
  return describeText(text, options.sanitise, new Date((options.clock ?? systemClock).now()));
}
